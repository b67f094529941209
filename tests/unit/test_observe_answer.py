"""Reading HTTP answers: the same as h11 says of every answer, however it is cut into pieces."""

import time
from contextlib import suppress
from itertools import pairwise

import h11
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from observe.http.response import MAX_HEAD, Malformed, ResponseReader, build_request

MERGED = (b"content-length", b"transfer-encoding")  # h11 folds repeated ones and lowers the case


def ours(method, pieces):
    """(status, reason, fields, body, whole) of what arrived in these pieces."""
    answer, body = ResponseReader(method), b""
    for piece in (*pieces, b""):
        if answer.done:
            break
        body += answer.feed(piece)
    assert answer.done
    head = answer.head
    parsed_head = (head.status, head.reason, [f for f in head.fields if f[0] not in MERGED])
    return (*parsed_head, body, answer.fault is None)


def theirs(method, raw):
    """The same by h11."""
    speaker = h11.Connection(h11.CLIENT, max_incomplete_event_size=MAX_HEAD)
    speaker.send(h11.Request(method=method, target="/", headers=[("host", "x")]))
    speaker.send(h11.EndOfMessage())
    speaker.receive_data(raw)
    speaker.receive_data(b"")
    head, body, whole = None, b"", False
    with suppress(h11.RemoteProtocolError):
        while not whole:
            event = speaker.next_event()
            if isinstance(event, h11.Response):
                head = event
            elif isinstance(event, h11.Data):
                body += bytes(event.data)
            elif isinstance(event, h11.EndOfMessage):
                whole = True
            elif isinstance(event, h11.ConnectionClosed) or event is h11.PAUSED:
                break
    if head is None:
        return None
    fields = [(k, v) for k, v in head.headers if k not in MERGED]
    return (head.status_code, bytes(head.reason), fields, body, whole)


def same(method, raw, pieces):
    try:
        own_reading = ours(method, pieces)
    except AttributeError:  # no head
        own_reading = None
    assert own_reading == theirs(method, raw)


def mostly(good, *odd):
    """Nine times of ten what servers send, else what they should not."""
    return st.integers(0, 9).flatmap(lambda n: st.sampled_from(odd if n == 9 else good))


STARTS = mostly(
    [
        b"HTTP/1.1 200 OK", b"HTTP/1.0 404 Not Found", b"HTTP/1.1 200", b"HTTP/1.1 200 ",
        b"HTTP/1.1 204 None", b"HTTP/1.1 304 Same", b"HTTP/1.1 500 a\tb\xff", b"HTTP/1.1 999 Odd",
    ],
    b"HTTP/1.1 101 Other", b"HTTP/1.1 099 No", b"HTTP/2 200", b"HTTP/1.1 20 OK",
    b"http/1.1 200 OK", b"HTTP/1.1 200 a\x00", b"", b"SSH-2.0-x", b"\x16\x03\x01",
)  # fmt: skip
INTERIM = st.sampled_from([[], [], [b"HTTP/1.1 100 Continue"], [b"HTTP/1.1 103 Hints"] * 2])
NAMES = mostly(
    [b"X-A", b"Set-Cookie", b"Connection", b"server", b"CONTENT-TYPE", b"x-!#$%&'*+.^_`|~"],
    b" Server", b"", b"X\x00", b"(bad)", b"\tfold", b" fold", b"no colon\r\nx",
)  # fmt: skip
VALUES = mostly(
    [
        b"close", b"keep-alive", b"", b" \t spaced\tout \t", b"caf\xc3\xa9", b"\xff\x85\xa0",
        b"a\r\n  folded", b"a\r\n\t", b"a: b, c; d=e",
    ],
    b"bad\x00", b"bare\rreturn", b"twice\r", b"\x7f\x01",
)  # fmt: skip
ENDS = mostly([b"\r\n", b"\r\n", b"\n"], b"\r\r\n", b"\r")
FRAMINGS = mostly(
    [
        [], [(b"Content-Length", b"5")], [(b"content-length", b"05"), (b"X", b"y")],
        [(b"Content-Length", b"5, 5")], [(b"Transfer-Encoding", b"Chunked")],
        [(b"Transfer-Encoding", b"chunked")], [(b"Transfer-Encoding", b"chunked")],
        [(b"Transfer-Encoding", b"chunked"), (b"Content-Length", b"3")], [(b"Content-Length", b"0")],
    ],
    [(b"Content-Length", b"5,6")], [(b"Content-Length", b"5"), (b"Content-Length", b"6")],
    [(b"Content-Length", b"+5")], [(b"Content-Length", b"-1")], [(b"Content-Length", b"1" * 21)],
    [(b"Content-Length", b"five")], [(b"Content-Length", b"\xb2")], [(b"Content-Length", b"")],
    [(b"Transfer-Encoding", b"gzip, chunked")], [(b"Transfer-Encoding", b"gzip")],
)  # fmt: skip
CHUNKS = st.lists(
    mostly(
        [b"5\r\nhello\r\n", b"05;x=1\r\nhello\r\n", b"A \r\nhelloworld\r\n", b"a;\t\r\nhelloworld\r\n"],
        b"5\r\nhelloxx", b"5\r\nhell\r\n", b"x\r\nhello\r\n", b"\r\n", b"-1\r\n",
        b"5\x00\r\nhello\r\n", b"f" * 21 + b"\r\n", b"5\r\nhello\n", b"5;a\rb\r\nhello\r\n",
    ),
    max_size=4,
)  # fmt: skip
LASTS = mostly(
    [b"0\r\n\r\n", b"0\r\nX-Sum: 1\r\n\r\n", b"000;z\r\n\n"],
    b"0\r\nbad\r\n\r\n", b"", b"0\r\n", b"0\r\nContent-Length: x\r\n\r\n", b"0\r\n fold\r\n\r\n",
)  # fmt: skip


@st.composite
def answers(draw):
    raw = b""
    for start in (*draw(INTERIM), draw(STARTS)):
        raw += start + draw(ENDS)
        fields = draw(st.lists(st.tuples(NAMES, VALUES), max_size=3))
        fields += draw(FRAMINGS) if start[9:10] != b"1" else []
        for name, value in fields:
            raw += name + b":" + value + draw(ENDS)
        raw += draw(ENDS)
    if b"hunked" in raw:
        raw += b"".join(draw(CHUNKS)) + draw(LASTS)
    return raw + draw(st.sampled_from([b"hello", b"hello", b"", b"hell", b"helloworld\r\n"]))


@settings(max_examples=600, deadline=None)
@given(
    answers(), st.sampled_from(["GET", "GET", "HEAD"]), st.lists(st.integers(0, 200), max_size=6)
)
def test_every_answer_means_what_h11_says(raw, method, cuts):
    edges = sorted({0, len(raw), *(c for c in cuts if c < len(raw))})
    pieces = [raw[a:b] for a, b in pairwise(edges)]
    same(method, raw, pieces)


@given(answers())
@settings(max_examples=150, deadline=None)
def test_byte_by_byte_it_means_the_same(raw):
    same("GET", raw, [raw[n : n + 1] for n in range(len(raw))])


@given(st.binary(max_size=300))
@settings(deadline=None)
def test_any_bytes_end_in_an_answer_or_a_fault(raw):
    answer = ResponseReader()
    for piece in (raw, b""):
        if not answer.done:
            answer.feed(piece)
    assert answer.done
    assert (answer.head is None) <= (answer.fault is not None)


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 100_000,
        b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 1_000_000,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;" + b"x" * 1_000_000,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n" + b"A: b\r\n" * 100_000,
        b"HTTP/1.1 100 Continue\r\n\r\n" * 40,
    ],
)
def test_what_never_ends_is_given_up_soon(raw):
    answer, began = ResponseReader(), time.process_time()
    read = 0
    for n in range(0, len(raw), 1000):
        answer.feed(raw[n : n + 1000])
        read += 1000
        if answer.done:
            break
    assert isinstance(answer.fault, Malformed)
    assert read < MAX_HEAD + 2000
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    ("head", "body", "field"),
    [
        (b"HTTP/1.1 200 OK\r\nX-Odd : 1\r\nContent-Length : 5\r\n", b"hello?", (b"x-odd", b"1")),
        (b"HTTP/1.1 200 OK\r\nX-Odd\t: 1\r\n", b"hello", (b"x-odd", b"1")),
        (b"HTTP/1.1 200 OK\r\nX Odd: 1\r\n", b"hello", (b"x odd", b"1")),
        (b"HTTP/1.1 200 OK\r\nX-Odd: a\x0bb\x0c\r\n", b"hello", (b"x-odd", b"a\x0bb\x0c")),
        (b"HTTP/1.1   200 OK\r\nA: b\r\n", b"hello", (b"a", b"b")),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\ntransfer-encoding: Chunked\r\n",
            b"5\r\nhello\r\n0\r\n\r\n",
            (b"transfer-encoding", b"chunked"),
        ),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked, chunked\r\n",
            b"5\nhello\r\n0\n\r\n",
            (b"transfer-encoding", b"chunked, chunked"),
        ),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n",
            b"hello",
            (b"transfer-encoding", b"identity"),
        ),
    ],
)
@pytest.mark.parametrize("size", [1, 1000])
def test_what_browsers_curl_and_go_accept_is_accepted(head, body, field, size):
    raw = head + b"\r\n" + body
    pieces = [raw[n : n + size] for n in range(0, len(raw), size)]
    answer, read = ResponseReader(), b""
    for piece in (*pieces, b""):
        if not answer.done:
            read += answer.feed(piece)
    assert (answer.fault, read) == (None, b"hello")
    assert (answer.head.status, answer.head.fields[0]) == (200, field)


@pytest.mark.parametrize(
    "line",
    [b"(bad): 1", b": 1", b" : 1", b"X-Odd\x00: 1", b"X-Odd: \x00", b"no colon", b"X\xc5: 1"],
)
def test_what_is_no_header_stays_none(line):
    answer = ResponseReader()
    answer.feed(b"HTTP/1.1 200 OK\r\n" + line + b"\r\n\r\nhello")
    assert isinstance(answer.fault, Malformed)


def test_what_speaks_another_protocol_is_known_by_its_first_bytes():
    answer = ResponseReader()
    answer.feed(b"SSH-2.0-OpenSSH_9.2\r\n")
    assert isinstance(answer.fault, Malformed)


def test_a_stream_that_ends_without_a_byte_is_told_apart():
    answer = ResponseReader()
    answer.feed(b"")
    assert isinstance(answer.fault, EOFError)


def test_a_fault_in_the_body_leaves_what_came_before_it():
    answer = ResponseReader()
    body = answer.feed(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhelloxx")
    assert (answer.head.status, body) == (200, b"hello")
    assert isinstance(answer.fault, Malformed)


def test_a_question_is_what_a_server_reads():
    server = h11.Connection(h11.SERVER)
    server.receive_data(
        build_request("POST", "/a?b=c", (("host", "x"), ("content-length", "2")), b"hi")
    )
    request = server.next_event()
    assert (request.method, request.target, request.headers[0]) == (
        b"POST",
        b"/a?b=c",
        (b"host", b"x"),
    )
    assert bytes(server.next_event().data) == b"hi"


@pytest.mark.parametrize(
    ("method", "target", "headers"),
    [
        ("GET /", "/", ()),
        ("GET", "/ HTTP/1.1\r\nx: y", ()),
        ("GET", "/", (("x", "a\r\nhost: other"),)),
        ("GET", "/", (("x: y\r\nz", "a"),)),
        ("GET", "/", (("x", "ž"),)),
        ("", "", ()),
    ],
)
def test_nothing_is_smuggled_into_a_question(method, target, headers):
    with pytest.raises(ValueError):
        build_request(method, target, headers)
