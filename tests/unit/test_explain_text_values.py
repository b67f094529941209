"""Pasted text before it is read: identifiers, secrets, markup, quoting, folding, mistyped domains."""

from __future__ import annotations

import pytest

from explain import pasted_text
from explain.domain_typos import intended_provider
from explain.identifiers import MAX_VALUES, extract_identifiers
from explain.masking import MAX_EXCERPT, MAX_REDACTED, mask_excerpt, redact_protocol_passwords
from explain.pasted_text import (
    clean_lines,
    fold_text,
    fold_to_line,
    is_markup,
    strip_markup,
    strip_quoting,
)

DATE = "Thu, 26 Nov 2026 05:00:00 +0000"
IDENTIFIERS = [  # Message-IDs, queues, dates, senders, recipients
    ("Message-ID: <a@b.net>", (["a@b.net"], [], [], [], [])),
    ("message-id <a@b.net> and Message-Id:<c@d.net>, message-id: <a@b.net>", (["a@b.net", "c@d.net"], [], [], [], [])),
    ("message-id a@b.net", ([], [], [], [], [])),
    ("x-postfix-queue-id: 4ABCDEF", ([], ["4ABCDEF"], [], [], [])),
    ("Received: by x with ESMTPS id ABC-12.; x", ([], ["ABC-12"], [], [], [])),
    ("with LMTP id nodigits", ([], [], [], [], [])),
    ("by mx (Postfix, from userid 0) id 4ABCDE", ([], ["4ABCDE"], [], [], [])),
    ("queued as <4XYZ.1>", ([], ["4XYZ.1"], [], [], [])),
    ("postfix/smtp[12]: 4ABCDE1: to", ([], ["4ABCDE1"], [], [], [])),
    ("1abcde-0000ab-XY", ([], ["1abcde-0000ab-XY"], [], [], [])),
    ("1abcde-0000abcdefg-XYZW", ([], ["1abcde-0000abcdefg-XYZW"], [], [], [])),
    ("abcdef-ghijkl-mn", ([], [], [], [], [])),
    ("qp 12345", ([], ["12345"], [], [], [])),
    ("with SMTP id 15.20.1.2", ([], [], [], [], [])),
    ("id 4ABCDE", ([], [], [], [], [])),
    ("Date: DATE", ([], [], ["26 05:00"], [], [])),
    ("Datum: DATE\nSent: DATE", ([], [], ["26 05:00"], [], [])),
    ("Arrival-Date: DATE\nLast-Attempt-Date: Thu, 26 Nov 2026 06:00:00 +0000", ([], [], ["26 05:00", "26 06:00"], [], [])),
    ("The original message was received at DATE", ([], [], ["26 05:00"], [], [])),
    ("original message was received on DATE from x", ([], [], ["26 05:00"], [], [])),
    ("Odesláno: DATE", ([], [], ["26 05:00"], [], [])),
    ("Foo: DATE", ([], [], [], [], [])),
    ("From: Mara <m@x.net>\nSender: <s@y.net>", ([], [], [], ["m@x.net", "s@y.net"], [])),
    ("Return-Path: <r@x.net>\nX-Envelope-From: e@x.net\nOd: o@x.net\nVon: v@x.net", ([], [], [], ["r@x.net", "e@x.net", "o@x.net", "v@x.net"], [])),
    ("From: mailer-daemon@x.net\nSender: noreply@y.net\nOd: no-reply@y.net\nVon: bounce+1@z.net", ([], [], [], [], [])),
    ("From: postmaster@x.net", ([], [], [], [], [])),
    ("From: nobody", ([], [], [], [], [])),
    ("To: t@x.net\nKomu: k@x.net\nDo: d@x.net\nZa: z@x.net\nAn: n@x.net", ([], [], [], [], ["t@x.net", "k@x.net", "d@x.net", "z@x.net", "n@x.net"])),
    ("Final-Recipient: rfc822; f@x.net\nOriginal-Recipient: rfc822;o@x.net\nX-Failed-Recipients: x@x.net", ([], [], [], [], ["f@x.net", "o@x.net", "x@x.net"])),
    ("> From: m@x.net\n> To: t@x.net", ([], [], [], ["m@x.net"], ["t@x.net"])),
    ("Message-ID:\n <a@b.net>", (["a@b.net"], [], [], [], [])),
    ("Subject: x\r\n To: t@x.net", ([], [], [], [], [])),
    ("     To: t@x.net", ([], [], [], [], ["t@x.net"])),
    ("    To: t@x.net", ([], [], [], [], ["t@x.net"])),
    ("", ([], [], [], [], [])),
    ("Odesláno dne: DATE", ([], [], ["26 05:00"], [], [])),
    ("Odoslané: DATE", ([], [], ["26 05:00"], [], [])),
    ("Wysłano: DATE", ([], [], ["26 05:00"], [], [])),
    ("Envoyé: DATE", ([], [], ["26 05:00"], [], [])),
    ("Data: DATE", ([], [], ["26 05:00"], [], [])),
    ("Poslano: DATE", ([], [], ["26 05:00"], [], [])),
    ("Gesendet: DATE", ([], [], ["26 05:00"], [], [])),
]  # fmt: skip


@pytest.mark.parametrize(("text", "read"), IDENTIFIERS)
def test_identifiers(text: str, read: tuple[list[str], ...]) -> None:
    identifiers = extract_identifiers(text.replace("DATE", DATE))
    dates = [date.strftime("%d %H:%M") for date in identifiers.dates]
    lists = (
        identifiers.message_ids,
        identifiers.queues,
        dates,
        identifiers.senders,
        identifiers.recipients,
    )
    assert tuple(map(list, lists)) == read
    assert bool(identifiers) is any(read[:3])


def test_identifiers_are_read_to_their_limits() -> None:
    ids = "\n".join(f"Message-ID: <{n}@b.net>" for n in range(MAX_VALUES + 1))
    assert extract_identifiers(ids).message_ids == tuple(f"{n}@b.net" for n in range(MAX_VALUES))
    dates = "\n".join(f"Date: 26 Nov 2026 05:00:{n:02} +0000" for n in range(60))
    assert len(extract_identifiers(dates).dates) == MAX_VALUES
    dates = "Date: never\n" * 49 + f"Date: {DATE}\n"
    assert len(extract_identifiers(dates).dates) == 1
    assert extract_identifiers(f"Date: never\n{dates}").dates == ()
    text = "x" * (pasted_text.MAX_TEXT - 21) + "\nmessage-id: <a@b.net>"
    assert extract_identifiers(text).message_ids == ()
    assert extract_identifiers(text[1:]).message_ids == ("a@b.net",)


MASKED = [
    ("write to boss@x.net", "write to b***@x.net"),
    ("write to <boss@x.net>, b@y.net", "write to <b***@x.net>, b***@y.net"),
    ("boss@x.net", "b***@x.net"),
    ("http://user:pw@x.net/", "http://***@x.net/"),
    ("https://x.net/a?b=c&d=e more", "https://x.net/a?… more"),
    ("https://x.net/?p=12", "https://x.net/?p=12"),
    ("https://x.net/a?", "https://x.net/a?"),
    ("token aaaaaaaaaaaaaaaaaaaaaaaaaaa1", "token ***"),
    ("token aaaaaaaaaaaaaaaaaaaaaaaaaa1", "token ***"),
    ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"),
    ("path/aaaaaaaaaaaaaaaaaaaaaaaaaaaa1", "***"),
    ("password: x1", "password: ***"),
    ("password=x1;y", "password=***;y"),
    ('password: "a b" c', "password: *** c"),
    ("password 'a b' c", "password *** c"),
    ("password: yes", "password: yes"),
    ("password: no", "password: no"),
    ("password: nope", "password: ***"),
    ("password incorrect", "password incorrect"),
    ("password hunter2", "password ***"),
    ("pass: x", "pass: ***"),
    ("passphrase: x", "passphrase: ***"),
    ("heslo je tajne1", "heslo je ***"),
    ("PASSWORD : Ab1", "PASSWORD : ***"),
    ("api key - abc123", "api key - ***"),
    ("password (new): x1", "password (new): ***"),
    ("password | abc123", "password | ***"),
    ("password .. abc123", "password .. ***"),
    ("password 0x800CCC92", "password 0x800CCC92"),
    ("password ABC", "password ABC"),
    ("a  b\n\tc", "a b c"),
    ("=?", "=?"),
    ("ein Paßwort: x1", "ein Paßwort: x1"),
    ("é heslo: x1", "é heslo: ***"),
    ("password: a password: b", "password: *** password: ***"),
    ("key=abc&x=1", "key=***&x=1"),
    ("key: abc", "key: ***"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "masked"), MASKED)
def test_excerpts_without_secrets(text: str, masked: str) -> None:
    assert mask_excerpt(text) == masked


def test_an_excerpt_keeps_what_it_is_about_and_ends_in_time() -> None:
    kept = mask_excerpt("to Boss@x.net. and b@x.net", frozenset({"boss@x.net"}))
    assert kept == "to Boss@x.net. and b***@x.net"
    assert mask_excerpt("x" * MAX_EXCERPT) == "x" * MAX_EXCERPT
    assert mask_excerpt("x" * (MAX_EXCERPT + 1)) == "x" * (MAX_EXCERPT - 1) + "…"


REDACTED = [
    ("AUTH PLAIN AG1hcmEAVGFqbmUxMjM=", "AUTH PLAIN ***"),
    ("AUTH LOGIN bWFyYQ==", "AUTH LOGIN ***"),
    ("AUTH LOGIN", "AUTH LOGIN"),
    ("AUTH PLAIN abc", "AUTH PLAIN abc"),
    ("AUTH XOAUTH2 dXNlcj1h", "AUTH XOAUTH2 ***"),
    ("AUTH OAUTHBEARER dXNlcj1h", "AUTH OAUTHBEARER ***"),
    ("AUTH CRAM-MD5 abcd", "AUTH CRAM-MD5 abcd"),
    ("PASS secret", "PASS ***"),
    ("C: PASS secret \r\nx", "C: PASS *** \r\nx"),
    ("PASS two words", "PASS two words"),
    ("a1 LOGIN mara secret", "a1 LOGIN mara ***"),
    ("LOGIN mara", "LOGIN mara"),
    ("AUTH LOGIN mara secret", "AUTH LOGIN mara secret"),
    ("334 VXNl\nbWFyYQ==", "334 VXNl\n***"),
    ("334 VXNl\r\nC: bWFyYQ==\r\n", "334 VXNl\r\nC: ***\r\n"),
    ("334 x\nabcd", "334 x\nabcd"),
    ("plain text", "plain text"),
]


@pytest.mark.parametrize(("text", "redacted"), REDACTED)
def test_passwords_of_dialogues(text: str, redacted: str) -> None:
    assert redact_protocol_passwords(text.encode()).decode() == redacted


def test_passwords_of_dialogues_stand_where_they_are_looked_for() -> None:
    assert redact_protocol_passwords(b"x" * 29 + b" PASS s") == b"x" * 29 + b" PASS ***"
    assert redact_protocol_passwords(b"x" * 30 + b" PASS s") == b"x" * 30 + b" PASS s"
    far = b"x" * (MAX_REDACTED - 9) + b"\nPASS abc"
    assert redact_protocol_passwords(far).endswith(b"\nPASS ***")
    assert redact_protocol_passwords(b"x" * 9 + far).endswith(b"\nPASS abc")
    assert redact_protocol_passwords(b"\xff\x00") == b"\xff\x00"


FOLDED = [
    ("Łódź „Ahoj“ – ‘x’", "lodz \"ahoj\" - 'x'", "lodz \"ahoj\" - 'x'"),
    ("  A\t\xa0B c ", " a b c ", "a b c"),
    ("ÆØđß", "aods", "aods"),
    ("é", "e", "e"),
    ("a\nb", "a\nb", "a b"),
]


@pytest.mark.parametrize(("text", "folded", "line"), FOLDED)
def test_folding(text: str, folded: str, line: str) -> None:
    assert (fold_text(text), fold_to_line(text)) == (folded, line)


MARKUP = [
    ("<p>a</p>", False),
    ("<p><p>", True),
    ("<P>a<BR>", True),
    ("<a@b.net> <c@d.net>", False),
    ("<html><body>", True),
    ("<!DOCTYPE html><meta>", True),
]


@pytest.mark.parametrize(("text", "markup"), MARKUP)
def test_what_is_markup(text: str, markup: bool) -> None:  # noqa: FBT001
    assert is_markup(text) is markup


def test_markup_is_known_by_its_beginning() -> None:
    assert is_markup("x" * 19_995 + "<p><p>")
    assert not is_markup("x" * 19_996 + "<p><p>")


STRIPPED = [
    ("<p>a</p><p>b</p>", "\na\nb\n"),
    ("a<br>b<BR/>c", "a\nb\nc"),
    ("a\nb<p>c", "a\nb\nc"),
    ("<div>a\nb</div>", "\na b\n"),
    ("<div>a\nb\nc\nd\ne</div>", "\na\nb\nc\nd\ne\n"),
    ("<pre>a\nb</pre>", "\na\nb\n"),
    ("<style>x{}</style>a", " a"),
    ("<script>x", ""),
    ("<head><p>a</head>b", " b"),
    ("<title>t", "t"),
    ("<title>t</title>b", " b"),
    ("<SCRIPT a=b>x</Script>y<style>z</style>w", " y w"),
    ("<p></p>a", "\na"),
    ("<div> </div>a", "\na"),
    ("<DIV></DIV>b", "\nb"),
    ("a<b>b</b>c", "a b c"),
    ("a &amp; b&nbsp;c", "a & b\xa0c"),
    ("a<!-- x -->b", "a b"),
    ("a</td><td>b", "a  b"),
    ("a\x01b<p>c", "ab\nc"),
    ("a <p> <p> b", "a\nb"),
    ("x<h1>y</h1><li>z", "x\ny\nz"),
    ("a < b > c", "a < b > c"),
    ("<p>a\rb</p><br><br>", "\na b\n\n\n"),
    ("<title>a<style>b</style>c", "a c"),
]


@pytest.mark.parametrize(("text", "stripped"), STRIPPED)
def test_markup_as_a_reader_sees_it(text: str, stripped: str) -> None:
    assert strip_markup(text) == stripped


def test_lines() -> None:
    assert clean_lines("a\r\nb\rc") == ["a", "b", "c"]
    assert clean_lines("\x00a\u200b  \t b\x7f  ") == ["a b"]
    assert clean_lines("a" * (pasted_text.MAX_LINE + 1)) == ["a" * pasted_text.MAX_LINE]
    assert len(clean_lines("\n" * pasted_text.MAX_LINES)) == pasted_text.MAX_LINES
    lines = ("x" * 99 + "\n") * (pasted_text.MAX_TEXT // 100)
    assert clean_lines(f"{lines}y") == [*["x" * 99] * (pasted_text.MAX_TEXT // 100), ""]


UNQUOTED = [
    ("> a\n> b", "a\nb"),
    ("> a", "a"),
    ("> a\nb", "> a\nb"),
    ("> a\n> b\nc", "a\nb\nc"),
    ("> > a\n> > b", "a\nb"),
    ("| a\n| b", "a\nb"),
    (">>> RCPT TO\n>>> DATA", ">>> RCPT TO\n>>> DATA"),
    ("> >>> RCPT\n> x", ">>> RCPT\nx"),
    (">>>>>> a\n>>>>>> b", "> a\n> b"),
    ("> a > b > c", "a b c"),
    ("> a > b", "a > b"),
    ("x > a > b > c", "x > a > b > c"),
    ("> a\r\n> b", "a\nb"),
    (" > a\n > b", "a\nb"),
    (">a\n>b", "a\nb"),
    ("|a\n|b", "|a\n|b"),
    ("> a\nc\nc\nc\n", "> a\nc\nc\nc\n"),
    (">\n> a\n> b", "\na\nb"),
]


@pytest.mark.parametrize(("text", "unquoted"), UNQUOTED)
def test_quoting(text: str, unquoted: str) -> None:
    assert strip_quoting(text) == unquoted


def test_few_quoted_lines_of_many_stay() -> None:
    assert strip_quoting("> a\n> b\n" + "c\n" * 97) == "a\nb\n" + "c\n" * 97
    assert strip_quoting("> a\n> b\n" + "c\n" * 98) == "> a\n> b\n" + "c\n" * 98


TYPED = [
    ("gmail.com", ""),
    ("gmial.com", "gmail.com"),
    ("gmai.com", "gmail.com"),
    ("gmaill.com", "gmail.com"),
    ("gmxil.com", "gmail.com"),
    ("gmail.co", "gmail.com"),
    ("gmail.comm", "gmail.com"),
    ("agmail.com", "gmail.com"),
    ("mail.com", ""),
    ("", ""),
    ("seznam.cz", ""),
    ("sezanm.cz", "seznam.cz"),
    ("sezmam.cz", "seznam.cz"),
    ("seznm.cz", "seznam.cz"),
    ("sznam.cz", "seznam.cz"),
    ("wp.pi", ""),
    ("o2.p", ""),
    ("web.d", ""),
    ("gmx.dr", ""),
    ("email.cz", ""),
    ("emial.cz", "email.cz"),
    ("hotmial.com", "hotmail.com"),
    ("hotmaill.com", "hotmail.com"),
    ("hotmal.com", "hotmail.com"),
    ("xotmail.com", "hotmail.com"),
    ("hotmail.con", "hotmail.com"),
    ("hotmail.cmo", "hotmail.com"),
    ("outlok.com", "outlook.com"),
    ("outloook.com", "outlook.com"),
    ("xy.com", ""),
    ("gmxxl.com", ""),
    ("gmali.com", "gmail.com"),
    ("gamil.com", "gmail.com"),
    ("onet.lp", "onet.pl"),
    ("inet.rh", "inet.hr"),
    ("net.hhr", ""),
    ("email.com", ""),
    ("ymail.com", ""),
    ("maill.com", ""),
    ("gmail.cm", "gmail.com"),
    ("mgail.com", "gmail.com"),
    ("gmai.lcom", "gmail.com"),
    ("emal.cz", "email.cz"),
    ("cetnrum.sk", "centrum.sk"),
    ("zoznma.sk", "zoznam.sk"),
    ("interai.pl", "interia.pl"),
    ("t-cmo.hr", "t-com.hr"),
]


# Domains of others, near a provider's by chance.
NEIGHBOURS = [
    "love.com", "line.com", "life.com", "like.com", "live.com", "lives.com", "olive.com",
    "mail.com", "email.com", "emails.com", "mailo.com", "mail.co", "cloud.com", "rmail.com",
    "fmail.com", "hmail.com", "imail.com", "gail.com", "ymail.com", "email.sk", "gmail.sk",
    "mail.sk", "post.sk", "posta.sk", "most.sk", "centrum.sk", "zoznam.sk", "azet.sk",
    "azet.si", "gmail.cz", "mail.cz", "e-mail.cz", "email.cz", "emil.cz", "post.cz",
    "posta.cz", "host.cz", "most.cz", "port.cz", "post.ch", "volny.cz", "volna.cz",
    "centrum.cz", "centrum.ch", "atlas.cz", "atlas.cc", "seznam.ch", "wp.pl", "op.pl", "o2.pl",
    "onet.pl", "inet.pl", "tlen.pl", "len.pl", "gazety.pl", "gazeta.pt", "net.hr", "inet.hr",
    "inet.hu", "vnet.hr", "bnet.hr", "t-com.hr", "t-com.hu", "range.fr", "oranges.fr",
]  # fmt: skip


@pytest.mark.parametrize("domain", NEIGHBOURS)
def test_a_domain_of_others_is_no_typing_error(domain: str) -> None:
    assert intended_provider(domain) == ""


@pytest.mark.parametrize(("domain", "provider"), TYPED)
def test_mistyped_providers(domain: str, provider: str) -> None:
    assert intended_provider(domain) == provider
