"""Hostile pastes end in a plain answer, soon."""

from __future__ import annotations

import base64
import gzip
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explain import explain
from explain.bounces.message import ParsedMessage, parse_message
from explain.identifiers import extract_identifiers

LIMIT = 3.0  # seconds, with room for a slow machine; it takes a tenth of that


def nested(depth):
    head = b"From: MAILER-DAEMON@x.test\nTo: a@b.test\nSubject: Undelivered\n"
    for i in range(depth):
        head += b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (i, i)
    return head + b"Content-Type: text/plain\n\n550 5.1.1 <a@b.test> no such user"


def attached(depth):
    return b"From: a@b.test\nTo: c@d.test\nContent-Type: message/rfc822\n\n" * depth


PASTES = {
    "one long line": b"x" * 3_000_000,
    "addresses": b"x@y.test " * 200_000,
    "empty lines": b"\n" * 500_000,
    "quoting": b">" * 300_000 + b"\n" + b">" * 300_000,
    "tags": b"<p " * 300_000,
    "scripts": b"<html><body><script>" * 50_000,
    "entities": b"<html><body>" + b"&amp;" * 100_000,
    "codes": b"550 5.1.1 " * 100_000,
    "words": b"mailbox user server " * 50_000,
    "fields": b"Final-Recipient: rfc822; a@b.test\nAction: failed\n" * 20_000,
    "headers": b"From: a@b.test\nTo: c@d.test\n" + b"X-A: b\n" * 300_000,
    "encoded words": b"From: a@b.test\nSubject: " + b"=?utf-8?q?a?= " * 50_000 + b"\n\nhello",
    "json": b'{"notificationType":"Bounce","bounce":' + b"[" * 100_000,
    "forwards": b"----- forwarded message -----\nFrom: x\nTo: y\n" * 2_000,
    "nested parts": nested(5_000),
    "nested messages": attached(5_000),
    "bomb": b"From: a@b.test\nTo: c@d.test\nContent-Type: application/gzip\n"
    b"Content-Transfer-Encoding: base64\n\n" + base64.b64encode(gzip.compress(b"\0" * 10_000_000)),
    "broken base64": b"From: a\nTo: b\nContent-Type: text/plain\nContent-Transfer-Encoding: base64\n\n===",
    "white space after a field": b"message-id" + b"\n" * 100_000,
    "blanks after a field": b"message-id" + b" " * 100_000,
    "words run together": b"\n".join([b"errorresp" * 400] * 100),
    "lines of a log": b"a == a@b.test " * 100_000,
    "hosts and numbers": b"<a.a.a.a.a #5.1 [1.2.3.4] said: (in reply to " * 40_000,
    "questions": b"Do you want to " * 100_000,
    "marks in one line": b"> " + b"a > " * 200_000,
    "paragraphs": b"hello\n\n<a@b.test>: x\n\n" * 50_000,
    "odd charset": b"From: a\nTo: b\nContent-Type: text/plain; charset=zip\n\n\xff\xfe\x00hello",
}


@pytest.mark.parametrize("name", PASTES)
def test_a_hostile_paste_is_answered_in_time(name) -> None:
    began = time.thread_time()  # a busy machine is not our slowness
    items = explain(PASTES[name])
    extract_identifiers(PASTES[name].decode("latin-1"))
    assert time.thread_time() - began < LIMIT
    assert items
    assert all(len(item.text) <= 600 for item in items)
    assert len(items) <= 100


def test_a_modest_nesting_is_still_read() -> None:
    (item,) = explain(nested(5))
    assert item.reason == "recipient_unknown"


PIECES = st.sampled_from([
    "550 5.1.1 ", "said: ", "<a@b.test>", "\n", "> ", "Final-Recipient: rfc822; ", "Action: failed\n",
    "Status: 5.2.2\n", "From: MAILER-DAEMON@x\n", "Subject: Undelivered\n", "Content-Type: multipart/report; boundary=b\n",
    "\n--b\n", "\n--b--\n", "Content-Transfer-Encoding: base64\n", "=?utf-8?b?", "?=", "<html><body>", "</p>", "{", '"', "ERR_",
    "mailbox full", "schránka", "Diagnostic-Code: smtp; ", "Received: from a by b; ", "Content-Type: message/rfc822\n\n", "\x00", "\ud800",
])  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.binary(max_size=600), st.lists(PIECES, max_size=40).map("".join), st.text()))
def test_nothing_raises(paste) -> None:
    items = explain(paste)
    assert items
    for item in items:
        assert item.title
        assert item.next


@settings(max_examples=80, deadline=None)
@given(st.binary(max_size=400))
def test_any_bytes_are_a_letter(data) -> None:
    assert isinstance(parse_message(data), ParsedMessage)
