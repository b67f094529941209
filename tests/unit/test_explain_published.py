"""What is published of an explanation: the document, the page, the terminal, in a reader's language."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from explain import cli, explain
from explain import document as published
from explain.cli import explain_file
from explain.document import document, domain_of, explain_page, identifier_lines, ticket_excerpts
from explain.identifiers import extract_identifiers
from explain.model import Explanation
from kb.owners import OWNERS
from render.i18n import translate
from render.message_format import sentence

LETTER = """\
Received: from a.net ([192.0.9.1]) by b.net with ESMTPS id ABCD12; Thu, 15 Jan 2026 12:00:05 +0000
Received: from c.net by a.net id QQ1122; Thu, 15 Jan 2026 12:00:00 +0000
Received: by z.net
Message-ID: <m@sender.com>
From: Jana <j@sender.com>
To: a@x.net
Date: Thu, 15 Jan 2026 12:00:00 +0000
Authentication-Results: b.net; spf=pass smtp.mailfrom=sender.com; dkim=fail header.d=sender.com header.s=k1; spf=none
"""
UNKNOWN = "550 5.1.1 <a@x.net>: no such user, host mx.x.net[192.0.9.1] said"


def untold(whole: dict[str, Any], items: Sequence[Explanation], lang: str) -> dict[str, Any]:
    """A document without its words, which are those of the explanations."""
    for entry, item in zip(whole["items"], items, strict=True):
        for name in ("title", "says", "next"):
            assert entry.pop(name) == translate(lang, getattr(item, name))
    return whole


def test_the_whole_document_of_headers() -> None:
    items = explain(LETTER)
    whole = document(items, "cs", extract_identifiers(LETTER))
    assert untold(whole, items, "cs") == {
        "items": [
            {
                "kind": "smtp",
                "reason": "not_a_failure",
                "permanent": None,
                "recipient": "",
                "reply": "",
                "status": "",
                "remote": "",
                "owner": "nobody",
                "articles": ["mail-lands-in-spam", "mail-lost"],
                "checks": [],
                "text": "spf=pass (sender.com); dkim=fail (sender.com); spf=none ()",
                "headers": {
                    "author_domain": "sender.com",
                    "message_id": "<m@sender.com>",
                    "queue_ids": ["ABCD12", "QQ1122"],
                    "said_by": "b.net",
                    "sent": "2026-01-15T12:00:00+00:00",
                    "sender_proven": True,
                    "arc": {"result": "", "links": 0},
                    "total_delay": 5.0,
                    "verdicts": [
                        {
                            "method": "spf",
                            "result": "pass",
                            "domain": "sender.com",
                            "aligned": True,
                            "note": "",
                        },
                        {
                            "method": "dkim",
                            "result": "fail",
                            "domain": "sender.com",
                            "aligned": True,
                            "note": "k1",
                        },
                        {
                            "method": "spf",
                            "result": "none",
                            "domain": "",
                            "aligned": None,
                            "note": "",
                        },
                    ],
                    "path": [
                        {
                            "server": "z.net",
                            "from": "",
                            "at": None,
                            "delay": None,
                            "ip": "",
                            "protocol": "",
                            "secure": None,
                            "queue_id": "",
                            "clock_behind": None,
                        },
                        {
                            "server": "a.net",
                            "from": "c.net",
                            "at": "2026-01-15T12:00:00+00:00",
                            "delay": None,
                            "ip": "",
                            "protocol": "",
                            "secure": None,
                            "queue_id": "QQ1122",
                            "clock_behind": None,
                        },
                        {
                            "server": "b.net",
                            "from": "a.net",
                            "at": "2026-01-15T12:00:05+00:00",
                            "delay": 5.0,
                            "ip": "192.0.9.1",
                            "protocol": "ESMTPS",
                            "secure": True,
                            "queue_id": "ABCD12",
                            "clock_behind": None,
                        },
                    ],
                },
            }
        ],
        "message": {
            "ids": ["m@sender.com"],
            "queues": ["ABCD12"],
            "dates": ["2026-01-15T12:00:00+00:00"],
        },
    }


def test_the_whole_document_of_a_reply() -> None:
    items = explain("552 5.2.2 <a@x.net>: mailbox full, host mx.x.net[192.0.9.1] said")
    assert untold(document(items), items, "en") == {
        "items": [
            {
                "kind": "smtp",
                "reason": "mailbox_full",
                "permanent": False,
                "recipient": "a@x.net",
                "reply": "552",
                "status": "5.2.2",
                "remote": "mx.x.net",
                "owner": "recipient",
                "articles": ["mailbox-full", "mail-comes-back", "disk-full"],
                "checks": ["mailbox.quota", "hosting.disk", "hosting.inodes"],
                "text": "552 5.2.2 <a@x.net>: mailbox full, host mx.x.net[192.0.9.1] said",
            }
        ]
    }


def printed(text: str, lang: str) -> list[str]:
    out = io.StringIO()
    read = io.BytesIO(text.encode())
    assert explain_file("", as_json=False, lang=lang, stdin=read, out=out) == 0
    return out.getvalue().splitlines()


def words(item: Explanation, lang: str) -> list[str]:
    owner = sentence(lang, cli.OWNER_LINE, {"who": translate(lang, OWNERS[item.owner])})
    return [*(translate(lang, text) for text in (item.says, item.next)), owner]


def test_what_the_terminal_prints_of_headers() -> None:
    (item,) = explain(LETTER)
    assert item.headers is not None
    proof = sentence("cs", item.headers.proof.says, {"domain": ("sender.com",)})
    assert [line.strip() for line in printed(LETTER, "cs")] == [
        *(translate("cs", item.title), *words(item, "cs"), proof),
        *("spf=pass sender.com", "dkim=fail sender.com", "spf=none"),
        *("z.net", "2026-01-15T12:00:00+00:00 a.net", "2026-01-15T12:00:05+00:00 b.net +5 s"),
    ]


def test_what_the_terminal_prints_of_replies() -> None:
    (item,) = explain(UNKNOWN)
    says, *last = words(item, "cs")
    assert printed(UNKNOWN, "cs") == [
        translate("cs", item.title),
        *(
            f"  {line}"
            for line in (
                sentence("cs", cli.RECIPIENT_LINE, {"who": "a@x.net"}),
                "550 5.1.1",
                sentence("cs", cli.SERVER_LINE, {"server": "mx.x.net"}),
                says,
                translate("cs", cli.ADDRESS_IS_PERMANENTLY_WRONG),
                *last,
            )
        ),
    ]
    two = "\n".join(f"<{name}@x.net>: {UNKNOWN}" for name in "ab")
    assert printed(two, "en").count("") == 1


def test_the_terminal_says_what_it_cannot_read(tmp_path: Path) -> None:
    out, err = io.StringIO(), io.StringIO()
    file = str(tmp_path / "none.eml")
    assert explain_file(file, as_json=True, lang="cs", out=out, err=err) == 2
    reason = sentence("cs", cli.CANNOT_READ, {"file": file, "why": "No such file or directory"})
    assert (out.getvalue(), err.getvalue()) == ("", f"{reason}\n")
    (tmp_path / "none.eml").write_text(LETTER)
    assert explain_file(file, as_json=True, lang="cs", out=out) == 0
    whole = document(explain(LETTER), "cs", extract_identifiers(LETTER))
    assert json.loads(out.getvalue()) == whole


PAGES = [  # domains to check, symptom, category, subject and body of a request
    ("550 5.1.1 <a@x.net>: no such user", (("x.net",), "mail_not_arriving", "mail", "recipient_unknown")),
    ("550 5.7.26 DMARC policy of shop.com: rejected a@x.net", (("shop.com", "x.net"), "mail_not_sent", "mail", "auth_failed")),
    ("554 5.7.1 Service unavailable; Client host [192.0.2.9] blocked using zen.spamhaus.org", ((), "mail_not_sent", "mail", "blocked_ip")),
    ("535 5.7.8 authentication failed", ((), "mail_not_sent", "mail", "relay_denied")),
    ("relay access denied", ((), "mail_not_sent", "mail", "relay_denied")),
    ("500 internal server error at www.shop.com", (("www.shop.com",), "site_down", "web", "application_error")),
    ("www.shop.com ERR_CERT_DATE_INVALID", (("www.shop.com",), "site_down", "web", "certificate_date")),
    ("shop.com", None),
    ("hello", None),
    ("From: mailer-daemon@x.net\nSubject: failure notice\nDate: Thu, 15 Jan 2026 12:00:00 +0000\nMessage-ID: <m@y.net>\n\n<a@b.x.net>: 550 5.1.1 no such user\n<c@y.com>: 552 5.2.2 full\n<d@z.com>: 552 5.2.2 full\n<e@w.com>: 552 5.2.2 full", (("b.x.net", "y.com", "z.com"), "mail_not_arriving", "mail", "recipient_unknown")),
    ("From: Jana <j@sender.com>\nTo: a@x.net\nDate: Thu, 15 Jan 2026 12:00:00 +0000\nReceived: from a.net by b.net id ABCD12; Thu, 15 Jan 2026 12:00:00 +0000\nAuthentication-Results: b.net; spf=fail smtp.mailfrom=evil.com\n", (("sender.com",), "mail_not_sent", "mail", "auth_failed")),
    ("From: s@sender.com\nTo: a@x.com\n\n550 5.7.26 unauthenticated mail from sender.com is not accepted", (("sender.com",), "mail_not_sent", "mail", "auth_failed")),
]  # fmt: skip


@pytest.mark.parametrize(("text", "view"), PAGES)
def test_the_page_of_a_text(text: str, view: tuple[object, ...] | None) -> None:
    page = explain_page(text, "cs")
    assert (page and (page.domains, page.symptom, page.category, page.items[0].reason)) == view
    if page and page.category == "mail":
        assert page.identifiers == extract_identifiers(text)


def test_a_request_quotes_so_much() -> None:
    (item,) = explain("550 5.1.1 <a@x.net>: no such user")
    title = translate("cs", item.title)
    excerpt = f"{title}\na@x.net · 550 5.1.1\n550 5.1.1 <a@x.net>: no such user"
    assert ticket_excerpts([item] * 11, "cs") == "\n\n".join([excerpt] * 10)
    page = explain_page("Message-ID: <a@b.net>\n\n550 5.1.1 <a@x.net>: no such user", "cs")
    assert page is not None
    assert (page.subject, page.body) == (title, f"{excerpt}\n\nMessage-ID: a@b.net")
    (item,) = explain(f"550 5.1.1 <a@x.net>: no such user {'x ' * 400}")
    assert len(ticket_excerpts([item] * 10, "cs")) == 4000


def test_identifiers_in_words() -> None:
    text = "Message-ID: <a@b.net>\nMessage-ID: <c@b.net>\nqueued as 4ABCDE\nDate: 15 Jan 2026 12:00:01 +0100"
    assert identifier_lines(extract_identifiers(text), "cs").splitlines() == [
        sentence("cs", published.MESSAGE_ID, {"ids": ["a@b.net", "c@b.net"]}),
        sentence("cs", published.QUEUE_IDS, {"ids": ["4ABCDE"]}),
        sentence("cs", published.DATES_WRITTEN, {"dates": ["2026-01-15 11:00:01 UTC"]}),
    ]
    assert identifier_lines(extract_identifiers(""), "cs") == ""


@pytest.mark.parametrize(
    ("address", "domain"),
    [("a@x.net", "x.net"), ("a@b@X.net. ", "x.net"), ("x", ""), ("@", ""), ("a@ .x", "x")],
)
def test_the_domain_of_an_address(address: str, domain: str) -> None:
    assert domain_of(address) == domain
