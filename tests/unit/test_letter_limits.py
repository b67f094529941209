"""Letters that strangers can make us send are counted by what stands behind an address."""

from datetime import timedelta

import pytest

from clock import ManualClock
from notify.letter_limits import IN_ALL, PER_DOMAIN, PER_MAILBOX, letter_to_stranger, mailbox_of
from notify.webhooks import target_of
from web.problems import Problem
from web.rate_limits import Limiter


@pytest.mark.parametrize(
    ("address", "mailbox"),
    [
        ("mara@cafe.example", "mara@cafe.example"),
        ("M.A.Ra+news+x@Cafe.Example", "mara@cafe.example"),
        ("mara@káva.example", "mara@xn--kva-ela.example"),
        ("mara@cafe.example.", "mara@cafe.example"),
        ("+x@cafe.example", "+x@cafe.example"),
        ("mara@a_b.example", "mara@a_b.example"),
    ],
)
def test_one_mailbox_has_many_spellings(address, mailbox):
    assert mailbox_of(address) == mailbox


def letters(limiter, addresses):
    written = 0
    for address in addresses:
        with letter_to_stranger(limiter, address) as is_written:
            written += is_written
    return written


def test_a_mailbox_a_domain_and_everybody_have_their_share():
    clock = ManualClock()
    limiter = Limiter(clock)
    assert letters(limiter, ["a@cafe.example"] * 9) == PER_MAILBOX.count
    others = [f"n{n}@h{n}.cafe.example" for n in range(PER_DOMAIN.count - PER_MAILBOX.count)]
    assert letters(limiter, others) == len(others)
    with pytest.raises(Problem):
        letters(limiter, ["b@mail.cafe.example"])
    rest = [f"n@d{n}.example" for n in range(IN_ALL.count - PER_DOMAIN.count)]
    assert letters(limiter, rest) == len(rest)
    with pytest.raises(Problem):
        letters(limiter, ["n@new.example"])
    clock.advance(timedelta(hours=1))
    assert letters(limiter, ["b@mail.cafe.example", "n@new.example"]) == 2


def test_a_letter_that_was_not_stored_counts_nowhere():
    limiter = Limiter(ManualClock())
    for _ in range(PER_DOMAIN.count + 1):
        with pytest.raises(OSError), letter_to_stranger(limiter, "a@cafe.example"):
            raise OSError("the disk is full")
    assert letters(limiter, ["a@cafe.example"]) == 1


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://a.b.cafe.example:8443/x?y=1", "cafe.example"),
        ("https://cafe.co.uk/", "cafe.co.uk"),
        ("http://192.0.2.7/x", "192.0.2.7"),
        ("http://[2001:db8::1]:8080/", "2001:db8::1"),
        ("https://Káva.example/", "xn--kva-ela.example"),
    ],
)
def test_one_target_has_many_hosts(url, target):
    assert target_of(url) == target
