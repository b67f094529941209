"""What jobs send in: a signal, what is kept of it, and which run it begins or ends. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from render.characters import printable
from web.logs.redaction import redacted

MAX_MESSAGE = 500  # characters that are kept
MAX_SNIPPET = 10_000  # bytes of a body that are kept
HEAD = 2_000  # of these, from its beginning when it is longer
START, LOG = "start", "log"
# Every repetition is bounded: whoever sends a body may not choose how long we look at it.
_COLOURS = re.compile(r"\x1b\[[0-?]{0,40}[ -/]{0,9}[@-~]|\x1b\][^\x07\x1b]{0,400}(?:\x07|\x1b\\)")
_PRIVATE_KEY = re.compile(
    r"-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----.*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|\Z)",
    re.DOTALL,
)
_KEY_END = re.compile(rb"-----END [A-Z ]{0,40}PRIVATE KEY-----")
_ASSIGNED = re.compile(
    r"(?i)((?:passw(?:or)?d|passphrase|secret|token|credential|api[_-]?key|access[_-]?key)"
    r"[\w.-]{0,40}[\"']?[ \t]{0,3}[=:][ \t]{0,3})(?:\"[^\"\n]*\"?|'[^'\n]*'?|[^\s\"',;]+)"
)
_OPTION = re.compile(r"(?i)(\s--?(?:password|passphrase|token|secret)[ \t]{1,3})[^\s-]\S*")


@dataclass(frozen=True, slots=True)
class HeartbeatSignal:
    """What was sent in. `state` is up, degraded or down; "start" begins a run, and neither that
    nor "log" says how a run went. `run` tells runs apart that overlap; `snippet` is what the job
    wrote, as `snippet_of` leaves it."""

    state: str = "up"
    message: str = ""
    ping: timedelta | None = None
    run: str = ""
    exit_status: int | None = None
    snippet: str = ""


@dataclass(frozen=True, slots=True)
class RecordedSignal:
    """A signal as it is kept. `duration` is that of the run it ended; `is_open` a run that has begun
    and not ended."""

    at: datetime
    state: str
    run: str = ""
    exit_status: int | None = None
    duration: timedelta | None = None
    message: str = ""
    snippet: str = ""
    is_open: bool = False


def ended_runs(open_runs: Iterable[str], signal: HeartbeatSignal) -> frozenset[str]:
    """Which of the open runs a signal ends. A run with an id is ended by its own outcome, or by one
    that names no run; a new start takes the place of the run of the same id."""
    if signal.state == LOG:
        return frozenset()
    if signal.state == START or signal.run:
        return frozenset(open_runs) & {signal.run}
    return frozenset(open_runs)


def clean(text: str) -> str:
    """A message as it may be kept and shown: short, and one that any database takes."""
    return (
        printable(text.replace("\0", " ")).strip()[:MAX_MESSAGE].encode("utf-8", "replace").decode()
    )


def snippet_of(begin: bytes, end: bytes = b"", skipped: int = 0) -> str:
    """What a job wrote, as it may be kept: its beginning and its end, without colours, control
    characters and what looks like a secret. `skipped` bytes between the two were not looked at."""
    if skipped:
        whole_lines = _from_whole_line(end)
        skipped += len(end) - len(whole_lines)
        first, last = _cleaned(begin).encode(), _cleaned(whole_lines).encode()
    else:
        first = last = _cleaned(begin + end).encode()
        if len(first) <= MAX_SNIPPET:
            return first.decode()
    head, tail = first[:HEAD], last[HEAD - MAX_SNIPPET :]
    seen = len(first) + len(last) if skipped else len(first)
    gap = f"\n[… {skipped + seen - len(head) - len(tail)} bytes left out …]\n"
    return f"{head.decode('utf-8', 'ignore')}{gap}{tail.decode('utf-8', 'ignore')}"


def _cleaned(body: bytes) -> str:
    text = body.decode("utf-8", "replace").replace("\r\n", "\n").replace("\r", "\n")
    return without_secrets(printable(_COLOURS.sub("", text).replace("\0", " ")).strip())


def _from_whole_line(end: bytes) -> bytes:
    """Without a line, or a private key, whose beginning was not looked at."""
    key_end, key_begin = _KEY_END.search(end), end.find(b"-----BEGIN ")
    if key_end and not 0 <= key_begin < key_end.start():
        return end[key_end.end() :]
    return end.partition(b"\n")[2] or end


def without_secrets(text: str) -> str:
    """The text without private keys, and without the values of what is named like a secret."""
    text = _PRIVATE_KEY.sub("…", text)
    text = _OPTION.sub(r"\1…", _ASSIGNED.sub(r"\1…", text))
    return redacted(text)
