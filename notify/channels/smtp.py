"""Letters by SMTP to the mail server the operator configured (RFC 5321, 3207, 4954)."""

from __future__ import annotations

import re
import smtplib
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from messages import OutgoingEmail, RefusalReason
from notify.channel import ChannelError
from notify.mime import message
from settings import schema

PERMANENT = 500  # reply codes from here are final (RFC 5321, 4.2.1)
_ENHANCED = re.compile(r"\A\s*(\d\.\d{1,3}\.\d{1,3})\b")  # RFC 3463
TIMEOUT = 20.0  # seconds, for each step of the conversation
IDLE = 5.0  # seconds that a connection waits for the next letter
LETTERS = 50  # of one connection; relays begin to refuse at a hundred


@dataclass(frozen=True, slots=True)
class MailRelay:
    """Where letters go. `security`: "tls" (from the start), "starttls", or "none" for loopback."""

    host: str
    port: int = 587
    security: str = "starttls"
    user: str = ""
    password: str = field(default="", repr=False)
    sender: str = "support@localhost"
    ca_bundle: str = ""


@dataclass(slots=True)
class _Connection:
    smtp: smtplib.SMTP
    letters: int = 0
    idle_since: float = 0.0  # monotonic

    def answers(self) -> bool:
        """Whether the server still listens: it may have gone since the last letter."""
        try:
            return self.smtp.noop()[0] == 250
        except (smtplib.SMTPException, OSError):
            return False

    def end(self) -> None:
        with suppress(smtplib.SMTPException, OSError):
            self.smtp.quit()
        self.smtp.close()


class Smtp:
    """Letters that follow each other soon go through one connection, as relays count those."""

    name = "smtp"
    summary = "sends them"

    def __init__(self, server: MailRelay) -> None:
        self._server = server
        self._idle: list[_Connection] = []
        self._is_ending = False  # whether a timer runs that ends what is idle for too long
        self._lock = threading.Lock()

    @classmethod
    def connect(cls, section: schema.MailSection, var: Path) -> Smtp:
        """See ChannelKind."""
        del var
        server = MailRelay(
            host=section.host,
            port=section.port,
            security=section.security,
            user=section.username,
            password=section.password,
            sender=section.sender,
        )
        return cls(server)

    def send(self, email: OutgoingEmail) -> None:
        """See Channel."""
        mime_message = message(email, self._server.sender)
        with _translated():
            connection = self._resumed() or _Connection(self._open())
            try:
                connection.smtp.send_message(mime_message)
            except BaseException:
                connection.end()
                raise
        self._keep(connection)

    def ping(self) -> None:
        """See Channel."""
        with _translated():
            connection = _Connection(self._open())
            try:
                connection.smtp.noop()
            finally:
                connection.end()

    def _open(self) -> smtplib.SMTP:
        at = self._server
        trust = ssl.create_default_context(cafile=at.ca_bundle or None)
        smtp: smtplib.SMTP
        if at.security == "tls":
            smtp = smtplib.SMTP_SSL(at.host, at.port, timeout=TIMEOUT, context=trust)
        else:
            smtp = smtplib.SMTP(at.host, at.port, timeout=TIMEOUT)
        try:
            if at.security == "starttls":
                smtp.starttls(context=trust)
            if at.user:
                smtp.login(at.user, at.password)
        except BaseException:
            _Connection(smtp).end()
            raise
        return smtp

    def _resumed(self) -> _Connection | None:
        while True:
            with self._lock:
                if not self._idle:
                    return None
                connection = self._idle.pop()
            if connection.answers():
                return connection
            connection.end()

    def _keep(self, connection: _Connection) -> None:
        connection.letters += 1
        if connection.letters >= LETTERS:
            connection.end()
            return
        connection.idle_since = time.monotonic()
        with self._lock:
            self._idle.append(connection)
            is_ending, self._is_ending = self._is_ending, True
        if not is_ending:
            self._end_later()

    def _end_later(self) -> None:
        ending = threading.Timer(IDLE, self._end_idle)
        ending.daemon = True
        ending.start()

    def _end_idle(self) -> None:
        before = time.monotonic() - IDLE
        with self._lock:
            over = [connection for connection in self._idle if connection.idle_since <= before]
            self._idle = [c for c in self._idle if c.idle_since > before]
            self._is_ending = some_wait = bool(self._idle)
        if some_wait:
            self._end_later()
        for connection in over:
            connection.end()


@contextmanager
def _translated() -> Iterator[None]:
    """Everything a conversation can come to, as a ChannelError."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        code, text = next(iter(error.recipients.values()), (0, b""))
        raise ChannelError(
            "the mail server refused the recipient",
            permanent=code >= PERMANENT,
            reason=RefusalReason.RECIPIENT,
            reply=_reply(code, text),
        ) from error
    except smtplib.SMTPAuthenticationError as error:
        raise ChannelError("the mail server refused our user or password") from error
    except smtplib.SMTPResponseException as error:
        raise ChannelError(
            f"the mail server said {error.smtp_code}",
            permanent=error.smtp_code >= PERMANENT,
            reply=_reply(error.smtp_code, error.smtp_error),
        ) from error
    except (smtplib.SMTPException, OSError) as error:
        raise ChannelError(f"no conversation with the mail server: {error}") from error


def _reply(code: int, text: bytes | str) -> str:
    """The server's code with the enhanced one; its words are left out, they may name people."""
    words = text.decode("ascii", "replace") if isinstance(text, bytes) else text
    enhanced = _ENHANCED.match(words)
    return f"{code} {enhanced[1]}" if enhanced else str(code)
