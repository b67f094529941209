"""Letters by SMTP to the mail server the operator configured (RFC 5321, 3207, 4954)."""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from messages import OutgoingEmail, RefusalReason
from notify.channel import ChannelError
from notify.mime import message
from settings import schema

PERMANENT = 500  # reply codes from here are final (RFC 5321, 4.2.1)
_ENHANCED = re.compile(r"\A\s*(\d\.\d{1,3}\.\d{1,3})\b")  # RFC 3463
TIMEOUT = 20.0  # seconds, for each step of the conversation


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


class Smtp:
    """One conversation for each letter."""

    name = "smtp"
    summary = "sends them"

    def __init__(self, server: MailRelay) -> None:
        self._server = server

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
        with _translated(), self._connected() as server:
            server.send_message(mime_message)

    def ping(self) -> None:
        """See Channel."""
        with _translated(), self._connected() as server:
            server.noop()

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        at = self._server
        trust = ssl.create_default_context(cafile=at.ca_bundle or None)
        opened: smtplib.SMTP
        if at.security == "tls":
            opened = smtplib.SMTP_SSL(at.host, at.port, timeout=TIMEOUT, context=trust)
        else:
            opened = smtplib.SMTP(at.host, at.port, timeout=TIMEOUT)
        with opened as server:
            if at.security == "starttls":
                server.starttls(context=trust)
            if at.user:
                server.login(at.user, at.password)
            yield server


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
