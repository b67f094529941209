"""Messages as they are taken apart: headers, parts, encodings, messages in messages, limits."""

from __future__ import annotations

import pytest

from explain.bounces.message import (
    MAX_HEAD,
    MAX_HEADERS,
    MAX_INNER,
    MAX_PART,
    MAX_PARTS,
    ParsedMessage,
    decode_text,
    is_message,
    parse_message,
)

HEAD = "From: a@x.net\nTo: b@x.net\n"


BEGINNINGS = [
    ("From: a\nTo: b", True),
    ("From: a\n\nTo: b", False),
    ("From: a", False),
    ("\ufeff\r\n From: a\nTo: b", True),
    ("From mara Thu\nFrom: a\nTo: b", True),
    ("From mara Thu\nhello", False),
    ("From: a\nx\nTo: b", False),
    ("From: a\nTo: b\nSubject: c\nDate: d\nno header", True),
    ("From: a\nTo: b\nSubject: c\nno header", False),
    ("From: a\n folded\nTo: b", True),
    ("X-Foo: a\nARC-Seal: b", True),
    ("Od: a\nKomu: b", True),
    ("Předmět: a\nOdesláno: b", True),
    ("from : a\nto : b", True),
    ("Foo: a\nBar: b", False),
    ("Foo: a\nFrom: b\nTo: c", True),
    ("", False),
]


@pytest.mark.parametrize(("text", "message"), BEGINNINGS)
def test_how_a_message_begins(text: str, message: bool) -> None:  # noqa: FBT001
    assert is_message(text) is message


def test_a_message_is_known_by_its_first_lines() -> None:
    assert is_message("Foo: x\n" * 28 + HEAD)
    assert not is_message("Foo: x\n" * 29 + HEAD)


def parsed(text: str) -> ParsedMessage:
    return parse_message(text.encode())


MESSAGES = [  # a message, its type, its readable parts, the texts of messages in it
    (HEAD + "\nhello", "text/plain", [("text/plain", "hello")], []),
    ("\ufeffFrom: a@x.net\nTo: b@x.net\n\nhello", "text/plain", [("text/plain", "hello")], []),
    ("hello\nyou", "text/plain", [("text/plain", "hello\nyou")], []),
    ("From: a@x.net\r\nTo: b@x.net\r\n\r\nhello\r\n", "text/plain", [("text/plain", "hello\r\n")], []),
    (HEAD + " \t\nhello", "text/plain", [("text/plain", "hello")], []),
    (HEAD + "", "text/plain", [("text/plain", "")], []),
    (HEAD + "Content-Type: Text/HTML; charset=x\n\n<p>a", "text/html", [("text/html", "<p>a")], []),
    (HEAD + "Content-Type: foo\n\na", "text/plain", [("text/plain", "a")], []),
    (HEAD + "Content-Type: image/png\n\na", "image/png", [], []),
    (HEAD + "Content-Type: text / html\n\na", "text/html", [("text/html", "a")], []),
    (HEAD + "Content-Transfer-Encoding: BASE64\n\naGVsbG8=\n", "text/plain", [("text/plain", "hello")], []),
    (HEAD + "Content-Transfer-Encoding: base64\n\naGVsbG8gd", "text/plain", [("text/plain", "hello ")], []),
    (HEAD + "Content-Transfer-Encoding: base64\n\naGVs", "text/plain", [("text/plain", "hel")], []),
    (HEAD + "Content-Transfer-Encoding: base64\n\naGVsb", "text/plain", [("text/plain", "hel")], []),
    (HEAD + "Content-Transfer-Encoding: base64\n\naGVsbG", "text/plain", [("text/plain", "hell")], []),
    (HEAD + "Content-Transfer-Encoding: base64\n\na G-V_s bG8", "text/plain", [("text/plain", "hello")], []),
    (HEAD + "Content-Transfer-Encoding: base64\n\n!", "text/plain", [("text/plain", "")], []),
    (HEAD + "Content-Transfer-Encoding: quoted-printable\n\nZ=C3=A1=\nx", "text/plain", [("text/plain", "Záx")], []),
    ('From: a@x.net\nTo: b@x.net\nContent-Type: text/plain; charset="iso-8859-2"\nContent-Transfer-Encoding: quoted-printable\n\n=B9', "text/plain", [("text/plain", "š")], []),
    (HEAD + "Content-Type: text/plain; charset=zlib\n\na", "text/plain", [("text/plain", "a")], []),
    ('From: a@x.net\nTo: b@x.net\nContent-Type: multipart/mixed; boundary="b"\n\npre\n--b\n\none\n--b\nContent-Type: text/html\n\n<p>two\n--b--\n\nthree', "multipart/mixed", [("text/plain", "\none"), ("text/html", "<p>two")], []),
    (HEAD + "Content-Type: multipart/mixed; boundary=b;\n\n--b\nContent-Type: text/html\n\ntwo\n--b\n\nfour", "multipart/mixed", [("text/html", "two"), ("text/plain", "\nfour")], []),
    (HEAD + "Content-Type: multipart/mixed; boundary=b\n\nnothing", "multipart/mixed", [("text/plain", "nothing")], []),
    (HEAD + "Content-Type: multipart/mixed\n\n--b\n\nx", "multipart/mixed", [("text/plain", "--b\n\nx")], []),
    (HEAD + "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/alternative; boundary=c\n\n--c\n\nin\n--c--\n--b\n\nout\n--b--", "multipart/mixed", [("text/plain", "\nin"), ("text/plain", "\nout")], []),
    (HEAD + "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: multipart/alternative; boundary=c\n\nin\n--b--", "multipart/mixed", [("text/plain", "in")], []),
    (HEAD + "Content-Type: message/rfc822\n\nFrom: c@x.net\nTo: d@x.net\n\ninner", "message/rfc822", [], ["inner"]),
    (HEAD + "Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/global\n\nFrom: c@x.net\nTo: d@x.net\n\ninner\n--b\nContent-Type: message/global-delivery-status\n\nAction: failed\n--b\nContent-Type: text/rfc822-header\n\nX: y\n--b\nContent-Type: message/feedback-report\n\nf\n--b\nContent-Type: message/disposition-notification\n\nd\n--b\nContent-Type: message/global-disposition-notification\n\ng\n--b--", "multipart/report", [("message/delivery-status", "Action: failed"), ("text/rfc822-headers", "X: y"), ("message/feedback-report", "f"), ("message/disposition-notification", "d"), ("message/disposition-notification", "g")], ["inner"]),
    (HEAD + "X-Long: a\n b\n\tc\nX-Par: x;\ny=z\nX-Two: x\ny=z\n\nt", "text/plain", [("text/plain", "t")], []),
    ("From a Thu\nFrom: a@x.net\nTo: b@x.net\n\nt", "text/plain", [("text/plain", "t")], []),
    ("Předmět: a\nOdesláno: b\nOd: c\n\nt", "text/plain", [("text/plain", "t")], []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "kind", "parts", "inner"), MESSAGES)
def test_parts_of_a_message(
    text: str, kind: str, parts: list[tuple[str, str]], inner: list[str]
) -> None:
    message = parsed(text)
    assert message.type == kind
    assert [(part.type, part.text) for part in message.parts] == parts
    assert [part.text for attached in message.inner for part in attached.parts] == inner


def test_headers_of_a_message() -> None:
    folded = "X-Long: a\n b\n\tc\nX-Par: x;\ny=z\nX-Two: x\ny=z\nPředmět : d\nX-Two:e\n\n"
    message = parsed(folded + HEAD)
    assert message.headers == ()
    message = parsed(HEAD + folded)
    assert message.headers[2:] == (
        *(("x-long", "a b c"), ("x-par", "x; y=z"), ("x-two", "x")),
        *(("predmet", "d"), ("x-two", "e")),
    )
    assert (message.all("x-two"), message.header("x-two"), message.header("x")) == (
        ("x", "e"),
        "x",
        "",
    )


def test_a_message_is_read_to_its_limits() -> None:
    assert len(parsed(f"{HEAD}{'X: y' + chr(10)}" * 300 + "\n").headers) == MAX_HEADERS
    assert len(parsed(f"{HEAD}X: {'z' * 9000}\n\n").header("x")) == 8000
    assert len(parsed(HEAD + "X: a\n" + " b\n" * 300 + "\n").header("x").split()) == 200
    for lines, headers in ((3197, 4), (3198, 3)):
        assert len(parsed(HEAD + "X: a\n" + " b\n" * (lines - 1) + "Y: c\n\n").headers) == headers
    for length, text in ((MAX_HEAD, "body"), (MAX_HEAD + 1, "")):
        head = f"{HEAD}X: ".ljust(length - 2, "z")
        assert parsed(f"{head}\n\nbody").parts[0].text == text


def test_parts_of_a_message_are_read_to_their_limits() -> None:
    mixed = f"{HEAD}Content-Type: multipart/mixed; boundary=b\n\n"
    assert len(parsed(mixed + "--b\n\nx\n" * (MAX_PARTS + 5)).parts) == MAX_PARTS
    attached = f"--b\nContent-Type: message/rfc822\n\n{HEAD}\nx\n"
    assert len(parsed(mixed + attached * (MAX_INNER + 2)).inner) == MAX_INNER
    for encoding, letter in (("7bit", "y"), ("base64", "eXl5"), ("quoted-printable", "=79")):
        head = f"{HEAD}Content-Transfer-Encoding: {encoding}\n\n"
        assert parsed(head + letter * (MAX_PART + 1)).parts[0].text == "y" * MAX_PART


def test_messages_and_parts_in_each_other_are_read_so_deep() -> None:
    for depth, parts in ((8, 1), (9, 0)):
        kinds = (f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(depth))
        assert len(parsed(f"{HEAD}{''.join(kinds)}\ndeep").parts) == parts
    text = f"{HEAD}\nx"
    for _ in range(4):
        text = f"{HEAD}Content-Type: message/rfc822\n\n{text}"
    message, depth = parsed(text), 0
    while message.inner:
        (message,), depth = message.inner, depth + 1
    assert depth == 2


ENCODED = [
    (b"a", "us-ascii", "a"),
    (b"\xe1", "iso-8859-1", "á"),
    (b"\xe1", "ISO-8859-1", "á"),
    (b"\x80", "iso-8859-1", "€"),
    (b"\xe0", "iso-8859-8-i", "א"),
    (b"\xc3\xa1", "unknown-8bit", "á"),
    (b"\xc3\xa1", "x-unknown", "á"),
    (b"\xc3\xa1", "", "á"),
    (b"\xb9", "", "ą"),
    (b"\xb9", "iso-8859-2", "š"),
    (b'\x1b$B$"\x1b(B', "", "あ"),
    (b'\x1b$B$"\x1b(B', "iso-8859-1", "あ"),
    (b"\xc3\xa1", "hex", "á"),
    (b"\xc3\xa1", "nonsense", "á"),
    (b"\x81", "utf-8", "�"),
    (b"\xc3\xa1", "ascii", "á"),
]


@pytest.mark.parametrize(("data", "charset", "text"), ENCODED)
def test_letters_of_a_charset(data: bytes, charset: str, text: str) -> None:
    assert decode_text(data, charset) == text


WORDS = [
    ("=?utf-8?q?a=C3=A1?=", "aá"),
    ("=?utf-8?q?a?= b =?utf-8?q?c?=", "a b c"),
    ("=?utf-8?b?!!?=", ""),
    ("=?x?", "=?x?"),
    ("=?utf-8?z?a?=", "=?utf-8?z?a?="),
    ("a =?iso-8859-2?q?=B9?= b", "a š b"),
]


@pytest.mark.parametrize(("raw", "text"), WORDS)
def test_encoded_words(raw: str, text: str) -> None:
    assert parsed(f"{HEAD}Subject: {raw}\n\n").header("subject") == text
