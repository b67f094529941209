"""Pasted headers: whom they prove, whose word counts, which way the message took and how long."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from explain import explain
from explain.headers.authentication import ALIGNED, NO_VERDICT, NONE_PASSED, UNALIGNED
from explain.headers.received import parse_date
from explain.model import Explanation, HeaderReading

CASES = Path(__file__).resolve().parents[1] / "cases" / "explain"


def seen(name):
    (item,) = explain((CASES / name).read_bytes())
    assert item.headers is not None
    return item, item.headers


def test_google_headers_are_read_and_the_forged_line_below_is_not() -> None:
    item, headers = seen("headers/gmail.txt")
    assert (item.reason, headers.authserv) == ("not_a_failure", "mx.google.com")
    assert [(v.method, v.result, v.domain, v.aligned, v.note) for v in headers.verdicts] == [
        ("dkim", "pass", "shop.test", True, "jasno"),
        ("spf", "pass", "shop.test", True, ""),
        ("dmarc", "pass", "shop.test", True, "p=quarantine; sp=quarantine; dis=none"),
    ]
    assert (headers.proof.result, headers.proof.says) == ("pass", ALIGNED)
    assert headers.proof.domains == ("shop.test",)
    assert (headers.arc, headers.arc_links) == ("none", 1)
    assert headers.sent == datetime(2024, 3, 5, 9, 1, 58, tzinfo=UTC)


def test_the_way_has_servers_addresses_queues_and_delays() -> None:
    _, headers = seen("headers/gmail.txt")
    submitted, google, inside = headers.hops
    assert (submitted.server, submitted.ip, submitted.secure) == (
        "mail.shop.test",
        "198.51.100.7",
        True,
    )
    assert (submitted.protocol, submitted.queue_id) == ("ESMTPSA", "4Tp1Xy2Z3Wz9sN")
    assert (google.server, google.came_from, google.ip) == (
        "mx.google.com",
        "mail.shop.test",
        "192.0.2.5",
    )
    assert google.delay is not None
    assert google.delay.total_seconds() == 186
    assert inside.delay is not None
    assert inside.delay.total_seconds() == 1
    assert headers.total is not None
    assert headers.total.total_seconds() == 187


def test_exchange_leaves_its_name_out_and_writes_its_version_as_an_id() -> None:
    item, headers = seen("headers/exchange.txt")
    assert (item.reason, headers.authserv) == ("auth_failed", "")
    assert [(v.method, v.result) for v in headers.verdicts] == [
        ("spf", "softfail"), ("dkim", "none"), ("dmarc", "fail"),
    ]  # fmt: skip
    assert (headers.proof.result, headers.proof.says) == ("fail", NONE_PASSED)
    assert headers.queue_ids == ("7A1B2C3D4E",)
    assert [h.protocol for h in headers.hops] == [
        "", "Microsoft SMTP Server", "Microsoft SMTP Server", "HTTPS",
    ]  # fmt: skip
    assert headers.hops[1].delay is not None
    assert headers.hops[1].delay.total_seconds() == 1800


def test_a_clock_that_runs_back_gives_a_skew_and_no_negative_delay() -> None:
    _, headers = seen("headers/mixed.txt")
    names = [h.server for h in headers.hops]
    assert names == [
        "domino.shop.test",
        "relay.posta.test",
        "mx.firma.test",
        "",
        "store.firma.test",
    ]
    skewed = headers.hops[1]
    assert skewed.delay is None
    assert skewed.skew is not None
    assert skewed.skew.total_seconds() == 348
    delays = [h.delay.total_seconds() if h.delay is not None else None for h in headers.hops]
    assert delays == [None, None, 15, 0, 5]
    assert headers.hops[0].came_from == "192.0.2.32"
    assert headers.hops[2].came_from == "relay.posta.test"
    assert headers.proof.says == NO_VERDICT


def test_a_stranger_that_passed_does_not_prove_the_author() -> None:
    _, headers = seen("headers.txt")
    assert (headers.proof.result, headers.proof.says) == ("fail", UNALIGNED)
    assert headers.proof.domains == ("mailer.test",)


@pytest.mark.parametrize(
    ("written", "hour"),
    [
        (" Tue, 5 Mar 2024 10:00:00 +0100 (CET)", 9),
        (" Tue, 5 Mar 2024 10:00:00 CET", 9),
        (" 5 Mar 2024 10:00:00 -0000", 10),
        (" Tue, 05 Mar 2024 10:00:00 EST", 15),
        (" Tue, 5 Jul 2024 10:00:00 CEST", 8),
        (" Tue, 5 Mar 2024 10:00:00 GMT", 10),
        (" Tue, 5 Mar 2024 10:00 +0900", 1),
    ],
)
def test_dates_of_many_zones_are_one_time(written, hour) -> None:
    at = parse_date(written)
    assert at is not None
    assert at.hour == hour


@pytest.mark.parametrize(
    "written", ["", "yesterday", "Tue, 99 Mar 2024 10:00:00 +0100", "\x00" * 500]
)
def test_a_date_that_is_none_is_none(written) -> None:
    assert parse_date(written) is None


def test_hostile_headers_stay_bounded() -> None:
    line = "Received: from " + "a" * 3000 + " by " + "(" * 3000 + "; " + "9" * 3000 + "\n"
    results = "Authentication-Results: " + ";spf=pass" * 5000 + "\n"
    pasted = "From: a@b.test\nTo: c@d.test\n" + results + line * 500
    (item,) = explain(pasted)
    assert item.headers is not None
    assert len(item.headers.hops) <= 30
    assert len(item.headers.verdicts) <= 12


RECEIVED = (
    "Received: from mx.evil.test (mx.evil.test [203.0.113.9]) by mx.polaris.test (Postfix)"
    " with ESMTPS id ABC123; Thu, 26 Nov 2026 05:00:00 +0000\n"
)
OWN = "Authentication-Results: mx.polaris.test; "
AUTHOR = "From: Bank <info@bank.test>\nDate: Thu, 26 Nov 2026 04:59:00 +0000\n"
FORGED = "dkim=pass header.d=bank.test; dmarc=pass header.from=bank.test\n"


def explained_headers(pasted: str) -> tuple[Explanation, HeaderReading]:
    (item,) = explain(pasted)
    assert item.headers is not None
    return item, item.headers


def test_of_the_seals_one_with_an_odd_number_is_not_the_last() -> None:
    seals = "ARC-Seal: i=²; cv=fail; d=a.test\nARC-Seal: i=1; cv=none; d=a.test\n"
    _, headers = explained_headers(RECEIVED + seals + AUTHOR)
    assert headers.arc == "none"


@pytest.mark.parametrize("named", ["mx.bank.test; ", "", "polaris.test.evil.test; "])
def test_what_a_stranger_wrote_about_himself_is_not_believed(named: str) -> None:
    elsewhere = "Received: from pc by mx.bank.test; Thu, 26 Nov 2026 04:59:30 +0000\n"
    for between in ("", elsewhere):
        forged = f"Authentication-Results: {named}spf=pass smtp.mailfrom=bank.test; {FORGED}"
        _, headers = explained_headers(RECEIVED + between + forged + AUTHOR)
        assert (headers.verdicts, headers.authserv) == ((), "")
        assert (headers.proof.result, headers.proof.says) == ("", NO_VERDICT)


def test_a_second_verdict_in_the_receivers_name_hides_no_failure() -> None:
    forged = OWN + "spf=pass smtp.mailfrom=evil.test; dmarc=fail header.from=bank.test\n"
    item, headers = explained_headers(forged + RECEIVED + OWN + FORGED + AUTHOR)
    assert item.reason == "auth_failed"
    assert [(v.method, v.result) for v in headers.verdicts] == [
        ("spf", "pass"), ("dmarc", "fail"), ("dkim", "pass"),
    ]  # fmt: skip
    quoted = 'dmarc=fail reason="no; dmarc=pass" header.from=bank.test\n'
    _, headers = explained_headers(OWN + quoted + RECEIVED + AUTHOR)
    assert [v.result for v in headers.verdicts] == ["fail"]


def test_received_spf_of_an_earlier_server_is_not_the_receivers() -> None:
    headers = "Received-SPF: pass (x) client-ip=192.0.2.1; envelope-from=a@bank.test\n"
    earlier = "Received: from pc by mx.evil.test; Thu, 26 Nov 2026 04:59:30 +0000\n"
    assert [v.method for v in explained_headers(RECEIVED + headers + AUTHOR)[1].verdicts] == ["spf"]
    assert explained_headers(RECEIVED + earlier + headers + AUTHOR)[1].verdicts == ()


@pytest.mark.parametrize(
    ("author", "domain"),
    [
        ('"info@bank.test" <x@evil.test>', "evil.test"),
        ("info@bank.test <x@evil.test>", "evil.test"),
        ("=?utf-8?q?=3Cinfo=40bank.test=3E?= <x@evil.test>", "evil.test"),
        ("(info@bank.test) x@evil.test", "evil.test"),
        ("x@evil.test (info@bank.test)", "evil.test"),
        ('"Bank, the" <x@evil.test>', "evil.test"),
    ],
)
def test_the_author_is_the_address_and_not_the_name_before_it(author: str, domain: str) -> None:
    _, headers = explained_headers(
        f"{RECEIVED}From: {author}\nDate: Thu, 26 Nov 2026 04:59:00 +0000\n"
    )
    assert headers.author_domain == domain


def test_dmarc_that_passed_for_another_from_proves_nothing() -> None:
    forged = OWN + "spf=pass smtp.mailfrom=a@evil.test; dmarc=pass header.from=evil.test\n"
    _, headers = explained_headers(forged + RECEIVED + AUTHOR + "From: x@evil.test\n")
    assert (headers.proof.result, headers.proof.says) == ("fail", UNALIGNED)
