"""Mirrors the publication into another folder, and runs a command after each copy.

Runs beside publishing and never delays it; what fails is tried again with growing pauses.
"""

from __future__ import annotations

import hashlib
import logging
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from clock import Clock
from web.publication_format import FILE, Publication, decode

log = logging.getLogger(__name__)
MIN_INTERVAL = 60.0  # seconds between two copies that differ in nothing but the time of the check
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 300.0
LIMIT = 120  # seconds for the command
FOLDER = "JASNO_MIRROR"  # tells the command where the site lies


@dataclass(slots=True)
class Mirror:
    """Another place of the site. `step` is called every second or so; it blocks.

    `write` puts a publication into a folder and raises OSError. `command` is run after that, to
    bring the folder elsewhere; it is empty when the folder itself is the place. It gets `env`.
    """

    published: Path
    target: Path
    write: Callable[[Publication, Path], object]
    clock: Clock
    command: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""
    _stamp: tuple[int, int] | None = None  # of the publication that was copied last
    _content: bytes = b""
    _copied_at: float = float("-inf")
    _retry_at: float = float("-inf")
    _pause: float = field(default=FIRST_PAUSE)

    def run(self) -> str:
        """Copy when there is something new; "" or why the copy is not in step."""
        now = self.clock.monotonic()
        if now < self._retry_at:
            return self.problem
        try:
            self._copy(now)
        except (OSError, msgspec.DecodeError, subprocess.SubprocessError) as failed:
            self._note_failure(failed)
        else:
            if self.problem:
                log.warning("the mirror is in step again")
            self.problem, self._pause = "", FIRST_PAUSE
        return self.problem

    def _copy(self, now: float) -> None:
        try:
            status = (self.published / FILE).stat()
        except FileNotFoundError:
            return
        stamp = (status.st_mtime_ns, status.st_ino)
        if stamp == self._stamp:
            return
        publication = decode((self.published / FILE).read_bytes())
        content = _content_digest(publication)
        if content == self._content and now - self._copied_at < MIN_INTERVAL:
            return
        self.write(publication, self.target)
        if self.command:
            subprocess.run(  # the operator's own command, without a shell
                self.command,
                check=True,
                timeout=LIMIT,
                env={**self._environment(), FOLDER: str(self.target)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
            )
        self._stamp, self._content, self._copied_at = stamp, content, now

    def _environment(self) -> dict[str, str]:
        """Without our own settings, which may hold secrets."""
        return {k: v for k, v in self.env.items() if not k.startswith("JASNO_")}

    def _note_failure(self, error: Exception) -> None:
        message = _failure_message(error)
        if message != self.problem:
            log.warning("the mirror is not in step: %s; trying again", message)
        self.problem = message
        self._retry_at = self.clock.monotonic() + self._pause
        self._pause = min(self._pause * 2, LONGEST_PAUSE)


def _content_digest(publication: Publication) -> bytes:
    """What tells two publications apart, the time of the check aside."""
    tags = sorted((p, e.tag) for p, e in publication.files.items() if p != "/freshness.json")
    return hashlib.sha256(msgspec.json.encode(tags)).digest()


def _failure_message(error: Exception) -> str:
    if isinstance(error, subprocess.TimeoutExpired):
        return f"its command took longer than {LIMIT} s"
    if isinstance(error, subprocess.CalledProcessError):
        lines = (error.stderr or b"").decode("utf-8", "replace").strip().splitlines()
        return f"its command ended with {error.returncode}: {lines[-1][:200] if lines else '(no word)'}"
    return f"{type(error).__name__}: {error}"
