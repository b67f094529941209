"""What operators read of a failed look: from where, what was sent, what came back, how long."""

from __future__ import annotations

from datetime import timedelta

import msgspec

from facts import DialogueLine, Exchange, MailboxDialogue, Phases, SmtpDialogue
from observe.transport.tcp import PortProbe
from standards.dns_types import Lookup, Record, Trouble
from status.model import Grade, Observation, Signal
from status.probing.evidence import ANSWERED, FROM, SENT, TIMES, TO, describe_observation
from status.probing.kinds import dns, http
from status.probing.probe_kind import encode_fact
from tests.status_fixtures import AT

SECOND = timedelta(seconds=1)


def rows(fact):
    text = fact if isinstance(fact, str) else encode_fact(fact)
    seen = Observation("p", AT, SECOND, Signal(Grade.DOWN, "x"), True, "praha", text)
    return dict(describe_observation(seen).rows)


def test_a_page_with_its_phases():
    phases = Phases(SECOND / 100, SECOND / 50, SECOND / 20, SECOND / 2)
    seen = Exchange(
        "https://a.example/", AT, ip="31.60.1.1", port=443, status=500, reason="Broken",
        headers=(("server", "nginx"),), excerpt="Oops", phases=phases,
    )  # fmt: skip
    evidence_rows = rows(http.HttpProbeFact("GET https://a.example/", (seen,)))
    assert evidence_rows[FROM] == ("praha",)
    assert evidence_rows[TO] == ("31.60.1.1 port 443 (https://a.example/)",)
    assert evidence_rows[SENT] == ("GET https://a.example/",)
    assert evidence_rows[ANSWERED] == ("500 Broken", "server: nginx", "Oops")
    assert evidence_rows[TIMES] == (
        "resolve 10.0 ms, connect 20.0 ms, tls 50.0 ms, first_byte 500.0 ms, body 0.0 ms",
    )


def test_a_conversation():
    lines = (DialogueLine(sent=False, text="220 mx"), DialogueLine(sent=True, text="EHLO x"))
    evidence_rows = rows(
        PortProbe("mx", 25, AT, "31.70.1.1", lines=lines, trouble=Trouble.RESET, detail="gone")
    )
    assert evidence_rows[SENT] == ("EHLO x",)
    assert evidence_rows[ANSWERED] == ("reset gone", "220 mx")


def test_name_servers_and_a_mail_server():
    answer = Record("a.example", "A", 60, "31.60.1.1")
    lookup = Lookup("a.example", "A", "31.50.0.1", AT, "ns1.example", "NOERROR", answers=(answer,))
    two = Lookup("a.example", "A", "31.50.0.2", AT, trouble=Trouble.TIMEOUT)
    evidence_rows = rows(dns.DnsProbeFact("a.example", "A", (lookup, two)))
    assert evidence_rows[TO] == ("31.50.0.1 (ns1.example)", "31.50.0.2")
    assert evidence_rows[ANSWERED] == ("NOERROR", "A 31.60.1.1", "timeout")
    evidence_rows = rows(SmtpDialogue("mx", "31.70.1.1", 25, AT, "busy", 421))
    assert evidence_rows[ANSWERED] == ("421 busy",)


def rows_below_vantage(fact):
    """All rows but the vantage, in their order."""
    return {label: lines for label, lines in rows(fact).items() if label != FROM}


def test_what_each_kind_keeps_is_told_to_the_end():
    mail = SmtpDialogue("mx", "31.70.1.1", 25, AT, "busy", 421, trouble=Trouble.RESET)
    assert rows_below_vantage(mail) == {
        TO: ("31.70.1.1 port 25 (mx)",),
        ANSWERED: ("421 busy", "reset"),
        TIMES: ("1000.0 ms",),
    }
    mailbox = MailboxDialogue("imap", "mail", "", 993, AT, "* OK ready", connect=SECOND / 4)
    assert rows_below_vantage(mailbox) == {
        TO: ("mail",),
        ANSWERED: ("* OK ready",),
        TIMES: ("resolve 0.0 ms, connect 250.0 ms",),
    }
    hops = (
        Exchange("http://a/", AT, status=301, headers=tuple((f"h{n}", "x") for n in range(16))),
        Exchange("http://b/", AT, ip="::1", excerpt="p" * 400),
    )
    assert rows_below_vantage(http.HttpProbeFact("GET http://a/", hops)) == {
        TO: ("http://a/", "::1 (http://b/)"),
        SENT: ("GET http://a/",),
        ANSWERED: ("301", *(f"h{n}: x" for n in range(15)), "p" * 300),
        TIMES: ("resolve 0.0 ms, connect 0.0 ms, tls 0.0 ms, first_byte 0.0 ms, body 0.0 ms",) * 2,
    }


def test_steps_are_told_one_by_one_with_their_times():
    steps = [
        {"step": "sign in", "sent": "POST /in", "took": "PT0.25S"},
        {"step": "cart", "sent": "GET /cart", "took": "soon"},
    ]
    fact = {"sent": "POST /in", "steps": steps, "hops": [{"url": "http://a/", "status": 200}]}
    assert rows_below_vantage(msgspec.json.encode(fact).decode()) == {
        TO: ("http://a/",),
        SENT: ("sign in: POST /in", "cart: GET /cart"),
        ANSWERED: ("200",),
        TIMES: ("sign in: 250.0 ms", "cart: 0.0 ms"),
    }


def test_a_long_conversation_is_told_by_its_first_forty_lines():
    lines = tuple(DialogueLine(sent=n % 2 == 0, text=str(n)) for n in range(82))
    conversation = rows_below_vantage(PortProbe("mx", 25, AT, "31.70.1.1", lines=lines))
    assert conversation[SENT] == tuple(str(n) for n in range(0, 80, 2))
    assert conversation[ANSWERED] == tuple(str(n) for n in range(1, 80, 2))


def test_the_whole_is_shown_as_it_is_kept():
    def raw(fact: str) -> str:
        seen = Observation("p", AT, SECOND, Signal(Grade.DOWN, "x"), True, "praha", fact)
        return describe_observation(seen).raw

    assert raw('{"a":[1]}') == '{\n "a": [\n  1\n ]\n}'
    assert raw('{"a":[1') == '{"a":[1'
    assert raw("") == ""


def test_whatever_was_stored_is_shown():
    for text in ("", "{", "[]", '"x"', '{"hops": 3}', '{"headers": [], "phases": 5, "lines": [1]}'):
        assert rows(text)[FROM] == ("praha",)
    cut = encode_fact(http.HttpProbeFact("GET /", (Exchange("u", AT, excerpt="x" * 20_000),)))
    assert rows(cut)[FROM] == ("praha",)
