"""Hostile and odd HTTP answers as values: what a server sends, and when, to whoever asks.

A wire is a sequence of bytes to send, seconds to wait and an end. In the bytes "{host}" is the Host
that was asked for. `bench.oracle_answers` has three observers look at them.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum

import brotli

from lab.certificates import Cert


class End(Enum):
    """What becomes of the connection after the last byte."""

    CLOSE = "close"
    RESET = "reset"
    HANG = "hang"
    ABORT = "abort"  # TLS without its own goodbye


@dataclass(frozen=True)
class OddAnswer:
    """One answer. `tls` is the certificate that is shown, None for plain HTTP."""

    name: str
    wire: tuple[bytes | float, ...]
    end: End = End.CLOSE
    follow: bool = False
    tls: Cert | None = None
    compression: str = (
        ""  # what the exporter is told to expect, or it reads packed bytes as they are
    )


OK = b"HTTP/1.1 200 OK\r\n"
BODY = b"all is well\n"
LENGTH = b"Content-Length: 12\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"
CHUNKS = b"c\r\n" + BODY + b"\r\n0\r\n\r\n"
PACKED = gzip.compress(BODY * 20, mtime=0)


def length(value: bytes) -> bytes:
    return b"Content-Length: " + value + b"\r\n"


def whole(head: bytes, body: bytes = BODY, start: bytes = OK) -> bytes:
    """An answer with these header lines and a body of their own length, if they name none."""
    named = b"ontent-Length" in head or b"ransfer-Encoding" in head
    return start + head + (b"" if named else length(b"%d" % len(body))) + b"\r\n" + body


def coded(coding: bytes, body: bytes) -> bytes:
    return whole(b"Content-Encoding: " + coding + b"\r\n", body)


def moved(to: bytes, rest: bytes = b"") -> bytes:
    return whole(b"Location: " + to + b"\r\n" + rest, b"Moved.\n", b"HTTP/1.1 302 Found\r\n")


def started(line: bytes) -> bytes:
    return whole(b"", start=line)


def answers(
    *rows: tuple[str, bytes | tuple[bytes | float, ...]], **more: object
) -> tuple[OddAnswer, ...]:
    """Answers that share how they end and how they are asked for."""
    make: Callable[..., OddAnswer] = OddAnswer
    return tuple(
        make(name, wire if isinstance(wire, tuple) else (wire,), **more) for name, wire in rows
    )


LENGTHS = (
    *answers(
        ("no length, then closed", OK + b"\r\n" + BODY),
        ("length too long, then closed", whole(length(b"99"))),
        ("length twice, the same", whole(LENGTH * 2)),
        ("length twice, different", whole(LENGTH + length(b"5"))),
        ("two lengths in one line, the same", whole(length(b"12, 12"))),
        ("length negative", whole(length(b"-12"))),
        ("length with a plus", whole(length(b"+12"))),
        ("length in words", whole(length(b"twelve"))),
        ("length empty", whole(length(b""))),
        ("length beyond 64 bits", whole(length(b"9" * 25))),
        ("length and chunked", whole(LENGTH + CHUNKED, CHUNKS)),
        ("chunked with HTTP/1.0", whole(CHUNKED, CHUNKS, b"HTTP/1.0 200 OK\r\n")),
    ),
    *answers(
        ("length, connection stays open", whole(b"")),
        ("length too short", whole(length(b"5"))),
        ("length too long, then silence", whole(length(b"99"))),
        ("no length, then silence", OK + b"\r\n" + BODY),
        end=End.HANG,
    ),
)
CHUNKINGS = answers(
    ("chunk with extension and trailer", whole(CHUNKED, b"c;a=b\r\n" + BODY + b"\r\n0\r\nX: y\r\n\r\n")),
    ("chunk size no number", whole(CHUNKED, b"zz\r\n" + BODY + b"\r\n0\r\n\r\n")),
    ("chunk size negative", whole(CHUNKED, b"-c\r\n" + BODY + b"\r\n0\r\n\r\n")),
    ("chunk size empty", whole(CHUNKED, b"\r\n" + BODY + b"\r\n0\r\n\r\n")),
    ("chunk size of 17 digits", whole(CHUNKED, b"f" * 17 + b"\r\n" + BODY)),
    ("chunk size with 0x", whole(CHUNKED, b"0xc\r\n" + BODY + b"\r\n0\r\n\r\n")),
    ("chunk size with zeros before", whole(CHUNKED, b"000c\r\n" + BODY + b"\r\n0\r\n\r\n")),
    ("chunk longer than its size", whole(CHUNKED, b"5\r\n" + BODY + b"\r\n0\r\n\r\n")),
    ("chunk cut", whole(CHUNKED, b"c\r\nall is")),
    ("no last chunk", whole(CHUNKED, b"c\r\n" + BODY + b"\r\n")),
    ("last chunk without its end", whole(CHUNKED, b"c\r\n" + BODY + b"\r\n0\r\n")),
    ("chunks ended by a bare LF", whole(CHUNKED, b"c\n" + BODY + b"\n0\n\n")),
    ("chunked named twice", whole(CHUNKED * 2, CHUNKS)),
    ("transfer coding identity", whole(b"Transfer-Encoding: identity\r\n" + LENGTH)),
    ("transfer coding unknown", whole(b"Transfer-Encoding: snail\r\n", CHUNKS)),
    ("transfer coding gzip, chunked", whole(b"Transfer-Encoding: gzip, chunked\r\n",
        b"%x\r\n" % len(PACKED) + PACKED + b"\r\n0\r\n\r\n")),
)  # fmt: skip
HEADS = answers(
    ("lines ended by a bare LF", (OK + LENGTH + b"\r\n").replace(b"\r", b"") + BODY),
    ("lines ended by a bare CR", (OK + LENGTH + b"\r\n").replace(b"\n", b"") + BODY),
    ("folded header", whole(b"X-Long: one\r\n two\r\n")),
    ("fold before the first header", whole(b" folded\r\n")),
    ("space before the colon", whole(b"X-Odd : value\r\n")),
    ("space in a header's name", whole(b"X Odd: value\r\n")),
    ("header without a colon", whole(b"no colon here\r\n")),
    ("header without a name", whole(b": value\r\n")),
    ("NUL in a header", whole(b"X-Nul: a\0b\r\n")),
    ("bare CR in a header", whole(b"X-Odd: a\rb\r\n")),
    ("escape in a header", whole(b"X-Esc: \x1b[31m\r\n")),
    ("bytes that are no UTF-8 in a header", whole(b"X-Latin: caf\xe9\r\n")),
    ("bytes that are no UTF-8 in a name", whole(b"X-Caf\xe9: x\r\n")),
    ("a header of 60 kB", whole(b"X-Big: " + b"a" * 60_000 + b"\r\n")),
    ("a header of 90 kB", whole(b"X-Big: " + b"a" * 90_000 + b"\r\n")),
    ("a header of 1 MB", whole(b"X-Big: " + b"a" * 1_000_000 + b"\r\n")),
    ("2,000 headers", whole(b"".join(b"X-%d: y\r\n" % n for n in range(2000)))),
    ("head without its end", OK + LENGTH),
    ("Content-Type twice", whole(b"Content-Type: text/html\r\nContent-Type: image/png\r\n")),
)
STARTS = answers(
    ("HTTP/0.9: a page without a head", b"<html>all is well</html>\n"),
    ("HTTP/1.0", started(b"HTTP/1.0 200 OK\r\n")),
    ("HTTP/1.2", started(b"HTTP/1.2 200 OK\r\n")),
    ("HTTP/2.0 in plain text", started(b"HTTP/2.0 200 OK\r\n")),
    ("HTTP/2 without a minor version", started(b"HTTP/2 200 OK\r\n")),
    ("ICY 200 OK", started(b"ICY 200 OK\r\n")),
    ("http/1.1 in small letters", started(b"http/1.1 200 OK\r\n")),
    ("blank line before the status", b"\r\n" + started(OK)),
    ("two spaces in the status line", started(b"HTTP/1.1  200 OK\r\n")),
    ("status without a phrase", started(b"HTTP/1.1 200\r\n")),
    ("status of two digits", started(b"HTTP/1.1 20 OK\r\n")),
    ("status of four digits", started(b"HTTP/1.1 2000 OK\r\n")),
    ("status 000", started(b"HTTP/1.1 000 Nothing\r\n")),
    ("status 999", started(b"HTTP/1.1 999 Odd\r\n")),
    ("phrase that is no UTF-8", started(b"HTTP/1.1 200 caf\xe9\r\n")),
    ("another protocol's greeting", b"SSH-2.0-OpenSSH_9.2\r\n"),
    ("nothing", ()),
)
STATUSES = (
    *answers(
        ("100, then 200", b"HTTP/1.1 100 Continue\r\n\r\n" + started(OK)),
        ("103 with a Link, then 200", b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + started(OK)),
        ("thirty times 100, then 200", b"HTTP/1.1 100 Continue\r\n\r\n" * 30 + started(OK)),
        ("100, then closed", b"HTTP/1.1 100 Continue\r\n\r\n"),
        ("101, unasked", b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n"),
        ("204 with a body", whole(b"", start=b"HTTP/1.1 204 No Content\r\n")),
        ("205 with a body", whole(b"", start=b"HTTP/1.1 205 Reset Content\r\n")),
        ("206, unasked", whole(b"", start=b"HTTP/1.1 206 Partial Content\r\n")),
        ("304 with a length and no body", b"HTTP/1.1 304 Not Modified\r\n" + LENGTH + b"\r\n"),
        ("401 without a challenge", whole(b"", start=b"HTTP/1.1 401 Unauthorized\r\n")),
    ),
    *answers(
        ("204 with a length and no body", b"HTTP/1.1 204 No Content\r\n" + LENGTH + b"\r\n"),
        end=End.HANG,
    ),
)  # fmt: skip
REDIRECTS = answers(
    ("redirect by a path", moved(b"/good")),
    ("redirect by a relative path", moved(b"./x/../good")),
    ("redirect with the scheme left out", moved(b"//{host}/good")),
    ("redirect with a fragment", moved(b"/good#part")),
    ("redirect to a fragment of itself", moved(b"#part")),
    ("redirect in a circle", moved(b"/ring")),
    ("redirect four times", moved(b"/hops-4")),
    ("redirect nine times", moved(b"/hops-9")),
    ("redirect to ftp:", moved(b"ftp://{host}/")),
    ("redirect to javascript:", moved(b"javascript:alert(1)")),
    ("redirect to file:", moved(b"file:///etc/passwd")),
    ("redirect to no address", moved(b"http://[::1")),
    ("redirect to an empty Location", moved(b"")),
    ("redirect without a Location", whole(b"", start=b"HTTP/1.1 302 Found\r\n")),
    ("redirect to two Locations", moved(b"/good", b"Location: /gone\r\n")),
    ("redirect with a space", moved(b"/go od")),
    ("redirect with bytes that are no UTF-8", moved(b"/caf\xe9")),
    ("redirect whose page is cut off", moved(b"/good", length(b"99"))),
    ("300 with a Location", moved(b"/good").replace(b"302 Found", b"300 Multiple Choices")),
    ("305 with a Location", moved(b"/good").replace(b"302 Found", b"305 Use Proxy")),
    ("200 with a Location", moved(b"/gone").replace(b"302 Found", b"200 OK")),
    follow=True,
)
CODINGS = (
    *answers(
        ("gzip, cut off", coded(b"gzip", PACKED[:-12])),
        ("gzip that is plain text", coded(b"gzip", BODY)),
        ("gzip with a wrong checksum", coded(b"gzip", PACKED[:-8] + b"\0" * 8)),
        ("gzip with more behind it", coded(b"gzip", PACKED + b"\0" * 9)),
        ("gzip of nothing", coded(b"gzip", b"")),
        ("gzip in two members", coded(b"gzip", PACKED + PACKED)),
        ("x-gzip", coded(b"x-gzip", PACKED)),
        compression="gzip",
    ),
    *answers(
        ("deflate without its header", coded(b"deflate", zlib.compress(BODY, wbits=-15))),
        ("deflate, broken", coded(b"deflate", b"\xff\xff" + BODY)),
        compression="deflate",
    ),
    *answers(
        ("br, cut off", coded(b"br", brotli.compress(BODY * 20)[:-2])),
        ("gzip twice", coded(b"gzip, gzip", gzip.compress(PACKED, mtime=0))),
        ("content coding unknown", coded(b"snail", BODY)),
        ("content coding identity", coded(b"identity", BODY)),
    ),
)
TIMES = (
    *answers(
        (
            "a page that drips, in time",
            (whole(b"", b""[:0]).replace(b" 0", b" 5"), *(b"a", 0.1) * 5),
        ),
        ("a head that drips, in time", (*sum(((bytes([c]), 0.004) for c in started(OK)), ()),)),
    ),
    *answers(
        ("a page that drips for ever", (OK + length(b"999") + b"\r\n", *(b"a", 0.1) * 60)),
        ("a head that drips for ever", (OK, *(b"X: y\r\n", 0.1) * 60)),
        ("silence", ()),
        end=End.HANG,
    ),
    *answers(
        ("reset instead of an answer", ()),
        ("reset in the head", OK),
        ("reset in the page", whole(length(b"99"))),
        ("reset after the whole page", (whole(b""), 0.2)),
        end=End.RESET,
    ),
)
SECURED = (
    OddAnswer("TLS, all in order", (whole(b""),), tls=Cert.GOOD),
    OddAnswer("TLS ends without its goodbye, length known", (whole(b""),), End.ABORT, tls=Cert.GOOD),
    OddAnswer("TLS ends without its goodbye, no length", (OK + b"\r\n" + BODY,), End.ABORT, tls=Cert.GOOD),
    OddAnswer("TLS ends in the middle of the page", (whole(length(b"99")),), End.ABORT, tls=Cert.GOOD),
    OddAnswer("TLS, then nothing", (), End.CLOSE, tls=Cert.GOOD),
    OddAnswer("certificate over", (whole(b""),), tls=Cert.EXPIRED),
    OddAnswer("certificate not yet valid", (whole(b""),), tls=Cert.NOT_YET),
    OddAnswer("certificate of nobody's authority", (whole(b""),), tls=Cert.UNTRUSTED),
    OddAnswer("certificate signed by itself", (whole(b""),), tls=Cert.SELF_SIGNED),
    OddAnswer("certificate without its chain", (whole(b""),), tls=Cert.INCOMPLETE),
    OddAnswer("certificate for another name", (whole(b""),), tls=Cert.WRONG_NAME),
    OddAnswer("certificate with an RSA key of 1,024 bits", (whole(b""),), tls=Cert.WEAK_KEY),
)  # fmt: skip
ODD_ANSWERS = (
    *LENGTHS, *CHUNKINGS, *HEADS, *STARTS, *STATUSES, *REDIRECTS, *CODINGS, *TIMES, *SECURED,
)  # fmt: skip
# Where the redirects lead.
PLACES = {
    "/good": whole(b""),
    "/ring": moved(b"/ring"),
    "/gone": whole(b"", start=b"HTTP/1.1 404 Not Found\r\n"),
    "/go%20od": whole(b""),
    "/caf%E9": whole(b""),
    "/caf%e9": whole(b""),
    **{f"/hops-{n}": moved(b"/hops-%d" % (n - 1) if n > 2 else b"/good") for n in range(2, 10)},
}
