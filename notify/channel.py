"""A way to reach people. Adapters live in channels/, one file each."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from messages import OutgoingEmail, RefusalReason
from settings import schema


class ChannelError(Exception):
    """The channel did not take it. `permanent` when a retry is useless; `reason` and `reply` (the
    server's code, "550 5.1.1") then say why."""

    def __init__(
        self,
        message: str,
        *,
        permanent: bool = False,
        reason: RefusalReason = RefusalReason.MESSAGE,
        reply: str = "",
    ) -> None:
        super().__init__(message)
        self.permanent = permanent
        self.reason = reason
        self.reply = reply


class Channel(Protocol):
    """Somewhere letters go. Blocking: callers run it in a job."""

    name: str

    def send(self, email: OutgoingEmail) -> None:
        """Hand the letter over. Raises ChannelError."""
        ...

    def ping(self) -> None:
        """Return when the channel answers; raise ChannelError when it does not."""
        ...


class ChannelKind(Protocol):
    """A way that `[mail] kind` may name. `summary` is what jasno.example.toml says that it does to letters."""

    name: str
    summary: str

    def connect(self, section: schema.MailSection, var: Path) -> Channel:
        """A channel that is ready to send; `var` is the data folder. Raises ValueError with a plain
        reason for settings that cannot be meant."""
        ...
