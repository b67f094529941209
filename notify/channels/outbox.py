"""Letters as files in a folder, one each, readable with any mail program. The quiet default."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from messages import OutgoingEmail
from notify.channel import ChannelError
from notify.mime import message
from settings import schema


class Outbox:
    """Writes `<key's hash>.eml` by atomic replace; the same key is the same file."""

    name = "outbox"

    def __init__(self, folder: Path, sender: str = "support@localhost") -> None:
        self._folder = folder
        self._sender = sender

    @classmethod
    def connect(cls, section: schema.MailSection, var: Path) -> Outbox:
        """See ChannelKind."""
        return cls(var / "outbox", section.sender)

    def send(self, email: OutgoingEmail) -> None:
        """See Channel."""
        body = message(email, self._sender).as_bytes()
        path = self._folder / f"{hashlib.sha256(email.key.encode()).hexdigest()[:32]}.eml"
        part = path.with_suffix(f".{os.getpid()}.part")
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            part.write_bytes(body)
            part.replace(path)
        except OSError as error:
            raise ChannelError(f"cannot write into {self._folder}: {error.strerror}") from error

    def ping(self) -> None:
        """See Channel."""
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ChannelError(f"cannot write into {self._folder}: {error.strerror}") from error
        if not os.access(self._folder, os.W_OK):
            raise ChannelError(f"cannot write into {self._folder}")
