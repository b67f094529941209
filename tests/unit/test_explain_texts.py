"""Pasted texts that are no report: errors of sites and mail clients, quoted replies, mailboxes."""

from __future__ import annotations

import pytest

from explain import explain
from explain.bounces.advice import CODE_ALONE
from explain.errors import mail_clients
from explain.errors.site import find_site_error
from explain.model import ExplanationKind
from explain.reading import MAX_ITEMS, MAX_TEXT

SITES = [  # kind, family, status and excerpt
    ("http/1.1 503", ("http", "unavailable", "503", "http/1.1 503")),
    ("error 503", ("http", "unavailable", "503", "error 503")),
    ("503 error", ("http", "unavailable", "503", "503 error")),
    ("503", ("http", "unavailable", "503", "503")),
    ("404", ("http", "not_found", "404", "404")),
    ("599", None),
    (
        "5.1.1 503 service unavailable",
        ("http", "unavailable", "503", "5.1.1 503 service unavailable"),
    ),
    ("smtp 503 error", None),
    ("smtp http/1.1 503", ("http", "unavailable", "503", "smtp http/1.1 503")),
    (
        "smtp 503 service unavailable",
        ("http", "unavailable", "503", "smtp 503 service unavailable"),
    ),
    ("bad gateway (502)", ("http", "backend_down", "502", "bad gateway (502)")),
    ("bad gateway", ("http", "backend_down", "502", "bad gateway")),
    (
        "you don't have permission to access",
        ("http", "forbidden", "403", "you don't have permission to access"),
    ),
    ("too many requests", ("http", "too_many_requests", "429", "too many requests")),
    ("smtp bad gateway", None),
    ("chyba 500", ("http", "application_error", "500", "chyba 500")),
    ("status: 404", ("http", "not_found", "404", "status: 404")),
    ("price 404.5", None),
    ("mailbox suspended account suspended", None),
    (
        "this account has been suspended",
        ("http", "suspended", "", "this account has been suspended"),
    ),
    ("mail: this account has been suspended", None),
    ("index of /", ("http", "default_page", "", "index of /")),
    ("mail index of /", None),
    ("530 login incorrect", ("ftp", "ftp_sign_in", "", "530 login incorrect")),
    ("ftp mail 530 login incorrect", ("ftp", "ftp_sign_in", "", "ftp mail 530 login incorrect")),
    ("mail 530 login incorrect", None),
    ("550 error establishing a database connection", None),
    (
        "error establishing a database connection",
        ("database", "database_down", "", "error establishing a database connection"),
    ),
    (
        "mail dns_probe_finished_nxdomain",
        ("browser", "name_not_found", "", "mail dns_probe_finished_nxdomain"),
    ),
    ("error code: 418", ("http", "blocked_by_firewall", "418", "error code: 418")),
    ("402", None),
    ("507 insufficient storage", ("http", "disk_full", "", "507 insufficient storage")),
    ("kod bledu 502", ("http", "backend_down", "502", "kod bledu 502")),
    ("error 404 and error 503", ("http", "not_found", "404", "error 404 and error 503")),
    ("error 599 and error 503", ("http", "unavailable", "503", "error 599 and error 503")),
    ("gone: 410 and 503 error", ("http", "not_found", "410", "gone: 410 and 503 error")),
    (
        "http status: 503 and 404 not found",
        ("http", "not_found", "404", "http status: 503 and 404 not found"),
    ),
]


@pytest.mark.parametrize(("text", "error"), SITES)
def test_errors_of_sites(text: str, error: tuple[str, ...] | None) -> None:
    read = find_site_error(text)
    assert (read and (read.kind.value, read.reason, read.reply, read.text)) == error


def test_errors_of_sites_are_read_to_their_limits() -> None:
    read = find_site_error("x " * 100 + "404 not found " + "y " * 400)
    assert read is not None
    assert read.text == f"{'x ' * 30}404 not found {'y ' * 123}".strip()
    assert find_site_error("x" * (MAX_TEXT - 10) + " error 404") is not None
    assert find_site_error("x" * (MAX_TEXT - 9) + " error 404") is None


CLIENTS = [  # the class by number or code, by words; has a number; names a protocol
    ("0x800CCC92", "relay_denied", None, True, False),
    ("error 0x800ccc0e and 0x80040119", "network_or_timeout", None, True, False),
    ("0x00000001", None, None, False, False),
    ("[OVERQUOTA] x", "mailbox_full", None, False, False),
    ("[LIMIT] x", "rate_limited", None, False, False),
    ("[sys/temp] y", "server_error", None, False, False),
    ("[ALERT] x 0x800CCC92", "relay_denied", None, True, False),
    ("imap login failed", None, "relay_denied", False, True),
    ("outlook cannot connect to server", None, "network_or_timeout", False, False),
    ("cannot connect to server", None, None, False, False),
    ("the smtp server refused, please set", None, None, False, True),
    ("smtp server error: connection timed out", None, "network_or_timeout", False, True),
    ("We use smtp server, timeout", None, None, False, True),
    ("my imap connection failed", None, None, False, True),
    ("imap connection failed", None, "network_or_timeout", False, True),
    (
        "Your server has unexpectedly terminated the connection. smtp",
        None,
        "network_or_timeout",
        False,
        True,
    ),
    ("thunderbird: sending of the message failed", None, None, False, False),
    ("roundcube: connection to storage server failed", None, None, False, False),
    ("posta: přihlášení selhalo", None, "relay_denied", False, False),
    ("mail server", None, None, False, True),
]


@pytest.mark.parametrize(("text", "by_code", "by_words", "numbered", "protocol"), CLIENTS)
def test_errors_of_mail_clients(
    text: str,
    by_code: str | None,
    by_words: str | None,
    numbered: bool,  # noqa: FBT001
    protocol: bool,  # noqa: FBT001
) -> None:
    assert mail_clients.reason_by_code(text) == by_code
    assert mail_clients.reason_by_words(text) == by_words
    assert mail_clients.has_client_number(text) is numbered
    assert mail_clients.names_mail_protocol(text) is protocol


def test_errors_of_mail_clients_are_short() -> None:
    for read, before, text in (
        (mail_clients.reason_by_code, 3990, "0x800ccc92"),
        (mail_clients.has_client_number, 3990, "0x800ccc92"),
        (mail_clients.names_mail_protocol, 1496, "smtp"),
    ):
        assert read(f"{' ':x>{before}}{text}")
        assert not read(f"{' ':x>{before + 1}}{text}")
    for error, limit in (("pop3 server: connection failed", 400), ("imap login failed", 1500)):
        assert mail_clients.reason_by_words(f"{error + ' ':x<{limit}}")
        assert not mail_clients.reason_by_words(f"{error + ' ':x<{limit + 1}}")


DIALOGS = [
    ("Server failed. Do you want to retry?", "server failed.  "),
    ("Chcete pokračovat? Ano", "  ano"),
    ("hello", "hello"),
]


@pytest.mark.parametrize(("text", "error"), DIALOGS)
def test_questions_of_dialogs(text: str, error: str) -> None:
    assert mail_clients.without_dialog_question(text) == error
    assert mail_clients.without_dialog_question("x" * 601) == "x" * 600


EXPLAINED = [  # kind, class, for ever, recipient, reply, status, server, excerpt
    ("> From: s@y.net\n> To: a@x.net\n> Subject: Undelivered mail\n>\n> <a@x.net>: 550 5.1.1 no such user", [("bounce", "recipient_unknown", True, "a@x.net", "550", "5.1.1", "", "<a@x.net>: 550 5.1.1 no such user")]),
    ("-------- Forwarded Message --------\nFrom: mailer-daemon@x.net\nTo: b@y.net\nSubject: failure notice\n\n<a@x.net>: 550 5.1.1 no such user", [("bounce", "recipient_unknown", True, "a@x.net", "550", "5.1.1", "", "<a@x.net>: 550 5.1.1 no such user")]),
    ("Hello,\nplease help\n\n<a@x.net>: 550 5.1.1 no such user", [("smtp", "recipient_unknown", True, "a@x.net", "550", "5.1.1", "", "<a@x.net>: 550 5.1.1 no such user")]),
    ("Hello, please help\n\n550 5.1.1 no such user a@x.net\n\nThanks, Jana", [("smtp", "recipient_unknown", True, "a@x.net", "550", "5.1.1", "", "550 5.1.1 no such user a@x.net Thanks, Jana")]),
    ("Hello, please help\n\nbanana\n\nThanks", [("unclear", "unclear", None, "", "", "", "", "Hello, please help banana Thanks")]),
    ("<p>550 5.1.1</p><p>no such user a@x.net</p>", [("smtp", "recipient_unknown", True, "a@x.net", "550", "5.1.1", "", "550 5.1.1 no such user a@x.net")]),
    ("0x800CCC92 from mailer-daemon@x.net", [("smtp", "relay_denied", False, "mailer-daemon@x.net", "", "", "", "0x800CCC92 from mailer-daemon@x.net")]),
    ("550 5.1.1 means that the user is unknown", [("unclear", "unclear", None, "", "", "", "", "550 5.1.1 means that the user is unknown")]),
    ("From: a@x.net\nTo: b@y.net\nSubject: x\n\nHi, we got 550 5.1.1 no such user c@z.net", [("smtp", "recipient_unknown", True, "c@z.net", "550", "5.1.1", "", "Hi, we got 550 5.1.1 no such user c@z.net")]),
    ("From: a@x.net\nTo: b@y.net\nSubject: x\n\nHi", [("unclear", "unclear", None, "", "", "", "", "")]),
    ("From: a@x.net\nTo: b@y.net\nSubject: x\n\n", [("unclear", "unclear", None, "", "", "", "", "")]),
    ("From mara Thu Jan  1 00:00:00 2026\nFrom: mailer-daemon@x.net\nSubject: failure notice\nDate: x\n\n<a@x.net>: 550 5.1.1 no such user\nFrom mara Thu Jan  1 00:00:00 2026\nFrom: mailer-daemon@x.net\nSubject: failure notice\nDate: x\n\n<b@x.net>: 552 5.2.2 mailbox full\nFrom mara Thu Jan  1 00:00:00 2026\nFrom: j@x.net\nTo: y@x.net\n\nhi", [("bounce", "recipient_unknown", True, "a@x.net", "550", "5.1.1", "", "<a@x.net>: 550 5.1.1 no such user"), ("bounce", "mailbox_full", False, "b@x.net", "552", "5.2.2", "", "<b@x.net>: 552 5.2.2 mailbox full")]),
    ("From mara Thu Jan  1 00:00:00 2026\nFrom: j@x.net\nTo: y@x.net\n\nhi\nFrom mara Thu Jan  1 00:00:00 2026\nFrom: k@x.net\nTo: y@x.net\n\nho", [("unclear", "unclear", None, "", "", "", "", "")]),
    ("to=<a@x.net>, dsn=4.4.1, status=deferred (connect to mx.x.net[192.0.9.1]:25: Connection timed out)", [("smtp", "network_or_timeout", False, "a@x.net", "", "4.4.1", "mx.x.net", "connect to mx.x.net[192.0.9.1]:25: Connection timed out")]),
    ("[LIMIT] too many connections", [("smtp", "rate_limited", False, "", "", "", "", "[LIMIT] too many connections")]),
    ("my mail says [LIMIT] too many connections", [("smtp", "rate_limited", False, "", "", "", "", "my mail says [LIMIT] too many connections")]),
    ("imap login failed", [("smtp", "relay_denied", False, "", "", "", "", "imap login failed")]),
    ("From: mailer-daemon@x.net\nSubject: Delayed mail\nDate: x\n\n<a@x.net>: 451 4.4.1 timed out, will keep trying\nAction: delayed\nFinal-Recipient: rfc822;a@x.net", [("bounce", "network_or_timeout", False, "a@x.net", "451", "4.4.1", "", "<a@x.net>: 451 4.4.1 timed out, will keep trying Action: delayed Final-Recipient: rfc822;a@x.net")]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "items"), EXPLAINED)
def test_pasted_texts(text: str, items: list[tuple[str | bool | None, ...]]) -> None:
    for pasted in (text, text.encode()):
        assert [
            (i.kind, i.reason, i.permanent, i.recipient, i.reply, i.status, i.remote, i.text)
            for i in explain(pasted)
        ] == items


def test_pasted_texts_are_read_to_their_limits() -> None:
    assert len(explain("\n".join(f"<u{n}@x.net>: 550 5.1.1 no" for n in range(105)))) == MAX_ITEMS
    (item,) = explain(b"\xff\xfe 550 5.1.1 no")
    assert item.reason == "recipient_unknown"
    mailbox = "".join(
        "From mara Thu Jan  1 00:00:00 2026\nFrom: mailer-daemon@x.net\nSubject: failure notice\n"
        f"Date: x\n\n<u{n}@x.net>: 550 5.1.1 no such user\n"
        for n in range(11)
    )
    assert [item.recipient for item in explain(mailbox)] == [f"u{n}@x.net" for n in range(10)]


@pytest.mark.parametrize(
    "text",
    [
        "550",
        " 554. ",
        "Chyba 550",
        "error code: 553",
        "Outlook mi hlásí chybu 550, když píšu na seznam",
        "550-error",
    ],
)
def test_a_code_without_words_asks_for_the_words(text):
    (item,) = explain(text)
    assert (item.kind, item.title) == (ExplanationKind.UNCLEAR, CODE_ALONE.title)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "550 Kč",
            "faktura 550",
            "chyba 5500",
            "550.00 error",
            "chyba FTP 550",
            "v roce 2024 chyba",
        ),
        *("tel. 550 421 552", "chyba 550 " + "a " * 80),
    ],
)
def test_another_number_is_no_code(text):
    assert explain(text)[0].title != CODE_ALONE.title
