"""Headers piece by piece: servers on the way, delays, dates, results, and what they prove."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

import pytest

from explain import explain
from explain.bounces.message import ParsedMessage, parse_message
from explain.headers import authentication
from explain.headers.authentication import (
    ALIGNED,
    DMARC_FAILED,
    DMARC_PASSED,
    NO_VERDICT,
    NONE_PASSED,
    TOO_LITTLE,
    UNALIGNED,
    UNDECIDED,
    is_authentication_failed,
    read_headers,
    verdicts_in_a_line,
)
from explain.headers.received import MAX_HOPS, MAX_LINE, parse_date, parse_path, total_delay
from explain.model import HeaderReading

DATE = "Thu, 26 Nov 2026 05:00:00 +0000"
HOPS = [  # server, where it came from, address, protocol, encrypted, identifier
    (f"from a.net by b.net with ESMTPS id ABC12; {DATE}", ("b.net", "a.net", "", "ESMTPS", True, "ABC12")),
    ("from A.Net. (helo.x.net [192.0.9.1]) by B.Net. (Postfix) with ESMTP id <ABC12.>; x", ("b.net", "a.net.", "192.0.9.1", "ESMTP", False, "ABC12")),
    (f"from unknown (HELO real.net) (192.0.9.1) by b.net with SMTP; {DATE}", ("b.net", "real.net", "192.0.9.1", "SMTP", False, "")),
    ("from localhost (EHLO=[Real.net]) by b.net with LMTP", ("b.net", "real.net", "", "LMTP", None, "")),
    ("from pc (helo=other.net) by b.net", ("b.net", "pc", "", "", None, "")),
    ("(helo=only.net) by b.net", ("b.net", "only.net", "", "", None, "")),
    (f"by b.net with HTTP; {DATE}", ("b.net", "", "", "HTTP", None, "")),
    ("from [192.0.9.7] by b.net with local id 1abcDE-0001", ("b.net", "192.0.9.7", "192.0.9.7", "local", None, "1abcDE-0001")),
    ("from a.net ([IPv6:2001:db8::1]) by b.net with UTF8ESMTPSA id Q1234", ("b.net", "a.net", "2001:db8::1", "UTF8ESMTPSA", True, "Q1234")),
    ("from a.net (a.net. [999.0.0.1] [192.0.9.2]) by b.net (10.0.0.1)", ("b.net", "a.net", "192.0.9.2", "", None, "")),
    ("from [192.0.9.3] ([fe80::1%eth0]) by b.net", ("b.net", "192.0.9.3", "fe80::1", "", None, "")),
    ("from a.net by b.net (192.0.9.9) with Microsoft SMTP Server (version=TLS1_2) id 15.20.1.2; x", ("b.net", "a.net", "", "Microsoft SMTP Server", True, "")),
    ("from a.net by b.net with Microsoft SMTP Server id 15.20.1.2 via Mailbox; id QQ11223", ("b.net", "a.net", "", "Microsoft SMTP Server", False, "")),
    ("by b.net from a.net ([192.0.9.4]) with ESMTPA", ("b.net", "a.net", "192.0.9.4", "ESMTPA", False, "")),
    ("from a.net by b.net with LMTPS id abcd", ("b.net", "a.net", "", "LMTPS", True, "")),
    ("from a.net by b.net with LMTPSA id abcde", ("b.net", "a.net", "", "LMTPSA", True, "abcde")),
    ("from a.net by b.net with HTTPS", ("b.net", "a.net", "", "HTTPS", True, "")),
    ("from a.net by b.net with ESMTPSA", ("b.net", "a.net", "", "ESMTPSA", True, "")),
    ("from a.net by b.net with esmtps", ("b.net", "a.net", "", "esmtps", True, "")),
    ("from a.net by b.net with IMAP", ("b.net", "a.net", "", "IMAP", None, "")),
    ("from a.net by b.net with SMTP (cipher X)", ("b.net", "a.net", "", "SMTP", True, "")),
    ("from a.net by b.net with SMTP using ssl", ("b.net", "a.net", "", "SMTP", True, "")),
    ("from a.net by b.net with MAPI", ("b.net", "a.net", "", "MAPI", None, "")),
    ("(invoked by uid 1000) from x", ("", "", "", "", None, "")),
    (f"from a.net; by b.net; {DATE}", ("b.net", "a.net", "", "", None, "")),
    (f"{DATE}", ("", "", "", "", None, "")),
    ("", ("", "", "", "", None, "")),
    (";", ("", "", "", "", None, "")),
    ("from a.net by b.net with SMTP id abcd; 26 Nov 2026 05:00 CET", ("b.net", "a.net", "", "SMTP", False, "")),
    ("from a.net by b.net with UTF8SMTPS", ("b.net", "a.net", "", "UTF8SMTPS", True, "")),
    ("from a.net by b.net with UTF8LMTPSA", ("b.net", "a.net", "", "UTF8LMTPSA", True, "")),
    ("from a.net by b.net with bizsmtp", ("b.net", "a.net", "", "bizsmtp", False, "")),
    ("from a.net by b.net with POP3", ("b.net", "a.net", "", "POP3", None, "")),
]  # fmt: skip


@pytest.mark.parametrize(("line", "hop"), HOPS)
def test_a_server_on_the_way(line: str, hop: tuple[str | bool | None, ...]) -> None:
    (read,) = parse_path((line,))
    assert (
        *(read.server, read.came_from, read.ip, read.protocol, read.secure, read.queue_id),
    ) == hop


def seconds(span: timedelta | None) -> int | None:
    return int(span.total_seconds()) if span is not None else None


DELAYS = [  # seconds of each server; delays, clocks that are behind, the whole way
    ((0,), [None], [None], None),
    ((0, 5), [None, 5], [None, None], 5),
    ((0, 0), [None, 0], [None, None], 0),
    ((5, 0), [None, None], [None, 5], None),
    ((0, None, 9), [None, None, 9], [None, None, None], 9),
    ((None, 3), [None, None], [None, None], None),
    ((None, None), [None, None], [None, None], None),
    ((10, 0, 12), [None, None, 2], [None, 10, None], 2),
    ((10, 0, 9), [None, None, 9], [None, 10, None], None),
    ((10, 0, 5, 10), [None, None, None, 0], [None, 10, 5, None], 0),
    ((10, 0, 9, 9), [None, None, 9, 0], [None, 10, None, None], None),
    ((10, 0, None, 10), [None, None, None, 0], [None, 10, None, None], 0),
    ((10, 5, 7, 20), [None, None, None, 10], [None, 5, 3, None], 10),
    ((10, 5, 0, 20), [None, None, None, 10], [None, 5, 10, None], 10),
    ((5, 10, 0, 1), [None, 5, None, 1], [None, None, 10, None], None),
    ((10, 3, 5, 2), [None, None, 2, None], [None, 7, None, 3], None),
]  # fmt: skip


@pytest.mark.parametrize(("times", "delays", "skews", "total"), DELAYS)
def test_delays_on_the_way(
    times: tuple[int | None, ...],
    delays: list[int | None],
    skews: list[int | None],
    total: int | None,
) -> None:
    dates = [f"; Thu, 26 Nov 2026 05:00:{t:02} +0000" if t is not None else "" for t in times]
    hops = parse_path([f"from a by b{date}" for date in reversed(dates)])
    assert [seconds(hop.delay) for hop in hops] == delays
    assert [seconds(hop.skew) for hop in hops] == skews
    assert seconds(total_delay(hops)) == total


def test_the_way_is_read_to_its_limits() -> None:
    hops = parse_path(["from a by last.net", *["from a by b.net"] * MAX_HOPS])
    assert (len(hops), hops[0].server, hops[-1].server) == (MAX_HOPS, "b.net", "last.net")
    for length, protocol in ((MAX_LINE, "SMTP"), (MAX_LINE + 1, "")):
        (hop,) = parse_path([f"{'from a.net by b.net':{length - 9}}with SMTP"])
        assert hop.protocol == protocol


DATES = [
    ("Thu, 26 Nov 2026 05:00:00 +0000", "2026-11-26 05:00:00"),
    ("Thu, 26 Nov 2026 05:00:00 CET", "2026-11-26 04:00:00"),
    ("Thu, 26 Nov 2026 05:00:00 (CET)", "2026-11-26 04:00:00"),
    ("Thu, 26 Nov 2026 05:00:00  ( cest )", "2026-11-26 03:00:00"),
    ("Thu, 26 Nov 2026 05:00 (EST)", "2026-11-26 10:00:00"),
    ("Thu Nov 26 05:00:00 2026 (MEZ)", "2026-11-26 04:00:00"),
    ("Thu, 26 Nov 2026 05:00:00 (IST)", None),
    ("Thu, 26 Nov 2026 05:00:00 (CET) +0200", "2026-11-26 03:00:00"),
    ("Thu, 26 Nov 2026 05:00:00 (CET) GMT", "2026-11-26 05:00:00"),
    ("Thu, 26 Nov 2026 05:00:00 +0200 (CET)", "2026-11-26 03:00:00"),
    ("Thu, 26 Nov 2026 05:00:00 XYZ", None),
    ("Thu, 26 Nov 2026 15:00:00 AEST", "2026-11-26 05:00:00"),
    ("Thu, 26 Nov 2026 15:30:00 ACDT (Adelaide)", "2026-11-26 05:00:00"),
    ("Thu, 26 Nov 2026 18:00:00 nzdt", "2026-11-26 05:00:00"),
    ("Thu, 26 Nov 2026 02:00:00 BRT", "2026-11-26 05:00:00"),
    ("Thu, 26 Nov 2026 06:00:00 MEZ", "2026-11-26 05:00:00"),
    ("Thu, 26 Nov 2026 05:00:00 IST", None),
    ("Thu, 26 Nov 2026 05:00:00 PM", None),
    ("Thu, 26 Nov 2026 05:00:00 pm", None),
    ("Thu, 26 Nov 2026 05:00:00 PM +0100", None),
    ("Thu, 26 Nov 2026 05:00:00 ist", None),
    ("Thu, 26 Nov 2026 05:00:00 Eastern Standard Time", None),
    ("Thu, 26 Nov 2026 05:00:00 europe/prague", None),
    ("Thu, 26 Nov 2026 05:00:00 +02:00", "2026-11-26 03:00:00"),
    ("Thu, 26 Nov 2026 05:00:00 -03:30 (x)", "2026-11-26 08:30:00"),
    ("Thu Nov 26 05:00:00 2026", "2026-11-26 05:00:00"),
    ("Thu Nov 26 05:00:00 2026 CET", "2026-11-26 04:00:00"),
    ("Thu Nov 26 05:00:00 CET 2026", "2026-11-26 04:00:00"),
    ("Thu, 26 Nov 2026 05:00:00 GMT+10", None),
    ("Thu, 26 Nov 2026 05:00:00 -0000", "2026-11-26 05:00:00"),
    ("Thu, 26 Nov 2026 05:00:00", "2026-11-26 05:00:00"),
    ("Thu, 26 Nov 2026 05:00:00 Z", "2026-11-26 05:00:00"),
    ("Thu, 26 Nov 2026 05:00:00 (a) +0100 (b)", "2026-11-26 04:00:00"),
    ("x 26 Nov 2026 05:00 +0200 y", "2026-11-26 03:00:00"),
    ("26-Nov-2026, 05:00:01 EST", None),
    ("99 Nov 2026 05:00 then 26 Nov 2026 06:00 +0000", "2026-11-26 06:00:00"),
    ("Thu, 26 Nov 2026 05:00:00 +9999", None),
    ("Thu, 26 Nov 0001 05:00:00 +0500", "2001-11-26 00:00:00"),
    ("26 Nov 2026 05:00 MSK", "2026-11-26 02:00:00"),
    ("", None),
    ("26 Nov 2026 05:00 JST", "2026-11-25 20:00:00"),
    ("26 Nov 2026 05:00 WEST", "2026-11-26 04:00:00"),
    ("26 Nov 2026 05:00 PST", "2026-11-26 13:00:00"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "date"), DATES)
def test_dates(text: str, date: str | None) -> None:
    read = parse_date(text)
    assert (read.strftime("%Y-%m-%d %H:%M:%S") if read else None) == date


OWN = "Authentication-Results: mx.net; "


def message(*lines: str) -> ParsedMessage:
    date = "Date: Thu, 26 Nov 2026 04:59:00 +0000"
    return parse_message("\n".join((*lines, "From: <info@bank.test>", date, "", "x")).encode())


def read(*lines: str) -> HeaderReading:
    headers = read_headers(message(*lines))
    assert headers is not None
    return headers


def verdicts(headers: HeaderReading | None) -> list[str]:
    """Method, result, domain, whether aligned, and note."""
    read = headers.verdicts if headers else ()
    return [f"{v.method} {v.result} {v.domain or '-'} {v.aligned} {v.note}".strip() for v in read]


PROOFS = [  # results; whether they prove the sender, how, by whom; whether they failed
    ("spf=pass smtp.mailfrom=a@bank.test", "pass", ALIGNED, ("bank.test",), False),
    ("spf=pass smtp.mailfrom=a@evil.test", "fail", UNALIGNED, ("evil.test",), False),
    ("spf=pass smtp.mailfrom=mail.bank.test", "pass", ALIGNED, ("mail.bank.test",), False),
    ("spf=fail smtp.mailfrom=bank.test", "fail", NONE_PASSED, (), True),
    ("dkim=pass header.d=bank.test", "pass", ALIGNED, ("bank.test",), False),
    ("dkim=pass header.d=evil.test; dkim=pass header.d=bank.test; spf=pass smtp.mailfrom=bank.test", "pass", ALIGNED, ("bank.test",), False),
    ("dkim=pass header.d=evil.test; spf=pass smtp.mailfrom=evil2.test", "fail", UNALIGNED, ("evil2.test", "evil.test"), False),
    ("dkim=fail header.d=bank.test", "fail", NONE_PASSED, (), True),
    ("dmarc=pass header.from=bank.test", "pass", DMARC_PASSED, (), False),
    ("dmarc=pass header.from=bank.test; spf=pass smtp.mailfrom=bank.test", "pass", ALIGNED, ("bank.test",), False),
    ("dmarc=pass header.from=evil.test", "fail", UNALIGNED, ("evil.test",), False),
    ("dmarc=pass", "pass", DMARC_PASSED, (), False),
    ("dmarc=fail header.from=bank.test; spf=pass smtp.mailfrom=bank.test", "fail", DMARC_FAILED, ("bank.test",), True),
    ("dmarc=none; spf=pass smtp.mailfrom=bank.test", "pass", ALIGNED, ("bank.test",), False),
    ("dmarc=bestguesspass; spf=pass smtp.mailfrom=bank.test", "pass", ALIGNED, ("bank.test",), False),
    ("dmarc=none; spf=fail", "fail", NONE_PASSED, (), True),
    ("dmarc=temperror", "", UNDECIDED, (), False),
    ("dmarc=permerror; dkim=pass header.d=evil.test", "", UNDECIDED, (), True),
    ("dmarc=temperror; spf=pass smtp.mailfrom=bank.test", "pass", ALIGNED, ("bank.test",), False),
    ("dmarc=fail; dkim=pass header.d=evil.test", "fail", UNALIGNED, ("evil.test",), True),
    ("spf=softfail smtp.mailfrom=bank.test; dkim=none", "fail", NONE_PASSED, (), True),
    ("spf=permerror; dkim=fail", "fail", NONE_PASSED, (), True),
    ("spf=fail; dkim=pass header.d=bank.test", "pass", ALIGNED, ("bank.test",), False),
    ("spf=neutral", "fail", NONE_PASSED, (), False),
    ("dmarc=permerror", "", UNDECIDED, (), True),
    ("dkim=fail", "fail", NONE_PASSED, (), True),
    ("spf=fail smtp.helo=h.bank.test", "fail", NONE_PASSED, (), True),
    ("spf=pass smtp.mailfrom=bank.test; spf=fail", "pass", ALIGNED, ("bank.test",), False),
    ("dmarc=permerror; dkim=pass header.d=bank.test", "pass", ALIGNED, ("bank.test",), False),
    ("dmarc=pass; dmarc=fail", "pass", DMARC_PASSED, (), False),
    ("spf=pass smtp.mailfrom=evil.test; spf=fail", "fail", UNALIGNED, ("evil.test",), False),
    ("dmarc=temperror; dkim=pass header.d=bank.test", "pass", ALIGNED, ("bank.test",), False),
    ("dmarc=fail; dkim=pass header.d=a.bank.test; spf=pass smtp.mailfrom=b.bank.test", "fail", DMARC_FAILED, ("a.bank.test", "b.bank.test"), True),
]  # fmt: skip


@pytest.mark.parametrize(("results", "result", "says", "domains", "failed"), PROOFS)
def test_what_results_prove(
    results: str,
    result: str,
    says: str,
    domains: tuple[str, ...],
    failed: bool,  # noqa: FBT001
) -> None:
    headers = read(OWN + results)
    proof = headers.proof
    assert (proof.result, proof.says, proof.domains) == (result, says, domains)
    assert is_authentication_failed(headers) is failed


SPF = ("", "none", "neutral", "softfail", "fail", "temperror", "permerror",
       "pass smtp.mailfrom=bank.test", "pass smtp.mailfrom=evil.test", "pass")  # fmt: skip
DKIM = ("", "none", "fail", "temperror", "permerror",
        "pass header.d=bank.test", "pass header.d=evil.test", "pass")  # fmt: skip
DMARC = ("", "none", "bestguesspass", "fail", "temperror", "permerror",
         "pass header.from=bank.test", "pass header.from=evil.test", "pass")  # fmt: skip
ARC = ("", "none", "pass", "fail")


@pytest.mark.parametrize("dmarc", DMARC)
def test_the_verdict_is_true_of_every_combination_of_results(dmarc: str) -> None:
    for spf, dkim, arc in product(SPF, DKIM, ARC):
        results = {"spf": spf, "dkim": dkim, "dmarc": dmarc, "arc": arc}
        line = "; ".join(f"{method}={result}" for method, result in results.items() if result)
        (item,) = explain(OWN + f"{line}\nFrom: <info@bank.test>\nReceived: by mx.net; {DATE}")
        assert item.headers is not None
        proof, text = item.headers.proof, f"{item.title} {item.says} {item.next}"
        ids = [result.partition("=")[2] for result in (spf, dkim) if result.startswith("pass")]
        aligned, named = "bank.test" in ids, any(ids)
        outcome = dmarc.partition(" ")[0]
        possible = {
            ALIGNED: aligned and outcome != "fail" and "evil" not in dmarc,
            DMARC_FAILED: aligned and outcome == "fail",
            DMARC_PASSED: not aligned and outcome == "pass" and "evil" not in dmarc,
            UNALIGNED: "evil" in dmarc or ("evil.test" in ids and not aligned),
            NONE_PASSED: not named and (outcome == "fail" or ("" not in ids and outcome != "pass")),
            UNDECIDED: "temperror" in (spf, dkim) or outcome in ("temperror", "permerror"),
            TOO_LITTLE: not aligned and ("" in ids or not (spf or dkim)),
            NO_VERDICT: not line,
        }
        assert possible[proof.says], (line, proof)
        assert proof.result == {ALIGNED: "pass", DMARC_PASSED: "pass", DMARC_FAILED: "fail",
                                UNALIGNED: "fail", NONE_PASSED: "fail"}.get(proof.says, "")  # fmt: skip
        failing = [r for r in (spf, dkim, outcome) if r in ("fail", "softfail", "permerror")]
        assert item.reason in ("auth_failed", "not_a_failure")
        if item.reason == "auth_failed":
            assert failing, line
            assert proof.result != "pass", line
            assert proof.says != TOO_LITTLE, line
        elif failing:
            assert "no failure" not in text, line
            assert proof.says != NONE_PASSED, line


def test_results_without_an_author_are_not_called_missing() -> None:
    for results in ("spf=pass smtp.mailfrom=bank.test", "dkim=fail", "dmarc=pass"):
        headers = read_headers(parse_message(f"{OWN}{results}\nSubject: x\n\nx".encode()))
        assert headers is not None
        assert (headers.proof.result, headers.proof.says) == ("", TOO_LITTLE)


VERDICTS = [
    ('spf=pass (x; y) smtp.mailfrom="bank.test"', ["spf pass bank.test True"]),
    ("SPF = Pass smtp.helo=h.net smtp.mailfrom=Bank.TEST.", ["spf pass bank.test True"]),
    ("spf=pass envelope-from=e.net smtp.helo=h.net", ["spf pass e.net False"]),
    ("spf=pass smtp.helo=h.net", ["spf pass h.net False"]),
    ("dkim=pass header.i=@i.net header.s=sel", ["dkim pass i.net False sel"]),
    ("dmarc=pass (p=REJECT sp=None dis=none) header.from=f.net action=x policy.p=y np=z", ["dmarc pass f.net False p=reject; sp=none; dis=none; action=x; policy.p=y; np=z"]),
    ("arc=pass header.d=d.net header.from=f.net", ["arc pass d.net False"]),
    ("arc=pass header.from=f.net", ["arc pass f.net False"]),
    ("foo=pass", []),
    ("spf", []),
    ("spf=pass (a=b header.from=x) ; dkim=none", ["spf pass - None", "dkim none - None"]),
    ('dkim=fail reason="a; b" header.d=d.net', ["dkim fail d.net False"]),
    ("spf=pass; spf=fail; dkim=pass; dkim=fail", ["spf pass - None", "spf fail - None", "dkim pass - None", "dkim fail - None"]),
    ("dkim=pass header.d=(no)d.net", ["dkim pass d.net False"]),
    ('x="unclosed; spf=pass', ["spf pass - None"]),
    ("spf=pass (open; dkim=pass", ["spf pass - None"]),
    ("spf=pass ) ; dkim=pass", ["spf pass - None", "dkim pass - None"]),
    ("dkim=pass dkim=pass dkim=pass ; dmarc=none", ["dkim pass - None", "dmarc none - None"]),
]  # fmt: skip


@pytest.mark.parametrize(("results", "read"), VERDICTS)
def test_a_line_of_results(results: str, read: list[str]) -> None:
    assert verdicts(read_headers(message(OWN + results))) == read


def test_so_many_verdicts_are_read() -> None:
    many = read(OWN + ";".join(["dkim=none"] * (authentication.MAX_VERDICTS + 1)))
    assert len(many.verdicts) == authentication.MAX_VERDICTS
    selector = read(f"{OWN}dkim=pass header.d=d.net header.s={'s' * 121}").verdicts[0].note
    assert selector == "s" * 120
    helo = read(f"{OWN}spf=pass smtp.helo=a.net; dkim=fail header.d=b.net")
    assert verdicts_in_a_line(helo) == "spf=pass (a.net); dkim=fail (b.net)"


NAMES = {"A": "Authentication-Results", "S": "Received-SPF"}


def header(line: str) -> str:
    name, _, text = line.partition(": ")
    if name == "R":
        return "Received: from {} by {} id ABCD1; {}".format(*text.split(), DATE)
    return f"{NAMES[name]}: {text}"


TRUSTED = [  # headers (A: results, R: from and by, S: Received-SPF); whose results count, which
    (["A: mx.net; spf=pass"], "mx.net", ["spf pass - None"]),
    (["R: a.net mx.net", "A: mx.net; spf=pass"], "mx.net", ["spf pass - None"]),
    (["R: a.net in.mx.net", "A: mx.net; spf=pass"], "mx.net", ["spf pass - None"]),
    (["R: a.net b.net", "A: mx.net; spf=pass"], "", []),
    (["A: mx.net; spf=pass", "A: mx.net; spf=fail; dkim=pass"], "mx.net", ["spf pass - None", "dkim pass - None"]),
    (["A: mx.net; spf=pass", "A: other.net; dkim=pass"], "mx.net", ["spf pass - None"]),
    (["A: mx.net; dkim=none header.d=0.net", "A: mx.net; dkim=none header.d=1.net", "A: mx.net; dkim=none header.d=2.net", "A: mx.net; dkim=none header.d=3.net", "A: mx.net; dkim=none header.d=4.net"], "mx.net", ["dkim none 0.net False", "dkim none 1.net False", "dkim none 2.net False", "dkim none 3.net False"]),
    (["A: mx.net; spf=pass", "R: a.net mx.net", "A: mx.net; dkim=pass"], "mx.net", ["spf pass - None", "dkim pass - None"]),
    (["A: mx.net; spf=pass", "R: a.net mx.net", "R: b.net c.net", "A: mx.net; dkim=pass"], "mx.net", ["spf pass - None"]),
    (["R: a.net x.prod.outlook.com", "A: spf=pass smtp.mailfrom=bank.test; dkim=none"], "", ["spf pass bank.test True", "dkim none - None"]),
    (["R: a.outlook.com x.outlook.com", "R: b.net a.net", "A: spf=pass"], "", []),
    (["R: a.net mx.net", "A: spf=pass"], "", []),
    (["R: a.net mx.google.com", "A: mx.gmail.com; spf=pass"], "mx.gmail.com", ["spf pass - None"]),
    (["R: a.net mx.local", "A: mx.local; spf=pass"], "mx.local", ["spf pass - None"]),
    (["R: a.net mx.local", "A: in.local; spf=pass"], "", []),
    (["R: a.net 192.0.9.1", "A: 192.0.9.2; spf=pass"], "", []),
    (['S: Pass (x) client-ip=192.0.9.1; envelope-from="a@bank.test"; helo=h.net', "R: a.net mx.net"], "", ["spf pass bank.test True"]),
    (["S: softfail (mx.net: domain of a@bank.test does not)"], "", ["spf softfail bank.test True"]),
    (["R: a.net mx.net", "R: b.net x.net", "S: pass a@bank.test"], "", []),
    (["R: a.net mx.net", "R: b.net in.mx.net", "S: pass a@bank.test"], "", ["spf pass bank.test True"]),
    (["A: (note) MX.net (v) 1; spf=pass"], "mx.net", ["spf pass - None"]),
    (["A: spf=pass; dkim=pass"], "", ["spf pass - None", "dkim pass - None"]),
]  # fmt: skip


@pytest.mark.parametrize(("lines", "authserv", "trusted"), TRUSTED)
def test_whose_results_count(lines: list[str], authserv: str, trusted: list[str]) -> None:
    headers = read(*map(header, lines))
    assert (headers.authserv, verdicts(headers)) == (authserv, trusted)


SEALS = [  # seals, whether the receiver says so, result, how many
    (["i=1; cv=none", "i=2; cv=pass"], False, "pass", 2),
    (["i=1; cv=fail"], True, "pass", 1),
    (["cv=fail", "i=x; cv=none", "i=1; cv=pass"], False, "pass", 3),
    (["i=1"], False, "", 1),
]


@pytest.mark.parametrize(("seals", "own", "result", "links"), SEALS)
def test_the_chain_of_seals(seals: list[str], own: bool, result: str, links: int) -> None:  # noqa: FBT001
    received = f"{OWN}arc=pass" if own else header("R: a.net mx.net")
    headers = read(*(f"ARC-Seal: {seal}" for seal in seals), received)
    assert (headers.arc, headers.arc_links) == (result, links)


def test_all_that_headers_say() -> None:
    ways = ("R: a.net b.net", "R: c.net d.net")
    headers = read(f"Message-ID: <{'m' * 199}@x>", *map(header, ways), *["ARC-Seal: i=1"] * 51)
    assert headers.message_id == f"<{'m' * 199}"
    assert (headers.author_domain, headers.queue_ids) == ("bank.test", ("ABCD1", "ABCD1"))
    assert (headers.sent, headers.total) == (
        datetime(2026, 11, 26, 4, 59, tzinfo=UTC),
        timedelta(0),
    )
    assert (headers.arc, headers.arc_links) == ("", 50)
    assert read_headers(message("Subject: x")) is None
