"""Letters as files in a folder, one each, readable with any mail program. The quiet default.

They hold links that open things, so nobody but our own user reads them, and they go after a time.
"""

from __future__ import annotations

import hashlib
import os
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from messages import OutgoingEmail
from notify.channel import ChannelError
from notify.mime import message
from settings import schema

OUTBOX = "outbox"  # the folder in var/
LETTERS_KEPT = timedelta(days=30)


class Outbox:
    """Writes `<key's hash>.eml` by atomic replace; the same key is the same file."""

    name = "outbox"
    summary = "writes them into var/outbox"

    def __init__(self, folder: Path, sender: str = "support@localhost") -> None:
        self._folder = folder
        self._sender = sender

    @classmethod
    def connect(cls, section: schema.MailSection, var: Path) -> Outbox:
        """See ChannelKind."""
        return cls(var / OUTBOX, section.sender)

    def send(self, email: OutgoingEmail) -> None:
        """See Channel."""
        body = message(email, self._sender).as_bytes()
        path = self._folder / f"{hashlib.sha256(email.key.encode()).hexdigest()[:32]}.eml"
        part = path.with_suffix(f".{os.getpid()}.part")
        try:
            self._make_folder()
            _write_private(part, body)
            part.replace(path)
        except OSError as error:
            raise ChannelError(f"cannot write into {self._folder}: {error.strerror}") from error

    def ping(self) -> None:
        """See Channel."""
        try:
            self._make_folder()
        except OSError as error:
            raise ChannelError(f"cannot write into {self._folder}: {error.strerror}") from error
        if not os.access(self._folder, os.W_OK):
            raise ChannelError(f"cannot write into {self._folder}")

    def _make_folder(self) -> None:
        """The folder, ours alone, also where an earlier release left it open to others."""
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(PermissionError):  # it is somebody else's, who lets us write
            self._folder.chmod(0o700)


def forget_letters(var: Path, before: datetime) -> int:
    """Delete letters, and what an interrupted write left, last written before a moment; how many.
    Whichever way letters leave now: those of a time before are deleted too."""
    files = [*(var / OUTBOX).glob("*.eml"), *(var / OUTBOX).glob("*.part")]
    old = [path for path in files if path.stat().st_mtime < before.timestamp()]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def _write_private(path: Path, body: bytes) -> None:
    path.unlink(missing_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(body)
