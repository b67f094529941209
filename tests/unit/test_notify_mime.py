"""Letters as Internet messages: what they may be addressed to, and what they carry."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from messages import OutgoingEmail, Refusal
from notify.channel import ChannelError
from notify.mime import is_deliverable, message

MISTYPED = [
    "a@b..example", "a@.example", "a@b.example.", "a@", "@b.example", "a b@c.example",
    "a@\u010d..example", "a..b@c.example", "a@b@c.example",
]  # fmt: skip
NOT_FOR_STRANGERS = [
    "a@[", "a@b.example,c", "a@b.example;c", "a@b.example (c)", "<a@b.example>", '"a"@b.example',
    "Mara <a@b.example>", "root@localhost", "x@127.0.0.1", "x@[127.0.0.1]", "x%a@b.example",
    "a!x@b.example", "x@mail", "x@printer.local", "x@db.internal", "x@host.localdomain", "",
    "x@1.0.0.127.in-addr.arpa", "a@b.example\r\nBcc: c@d.example",
]  # fmt: skip


@pytest.mark.parametrize("address", MISTYPED)
def test_a_mistyped_address_is_refused_for_good_and_never_breaks(address):
    assert not is_deliverable(address)
    with pytest.raises(ChannelError) as refusal:
        message(OutgoingEmail("k", address, "S", "T"), "support@host.example")
    assert refusal.value.permanent
    assert refusal.value.reason is Refusal.ADDRESS


@pytest.mark.parametrize("address", NOT_FOR_STRANGERS)
def test_strangers_name_one_plain_address_on_the_public_internet(address):
    assert not is_deliverable(address)


@pytest.mark.parametrize(
    "address", ["mara@bakery.example", "m.a+news_1@mail.bakery.co.uk", "o'neil@xn--ubun-7va.cz"]
)
def test_addresses_of_people_are_taken(address):
    assert is_deliverable(address)


@given(st.text('a.@<>()[],;:\\" \u010d=?-_\t%!1', max_size=14))
def test_no_words_break_the_judgement(text):
    assert is_deliverable(text) in (True, False)
