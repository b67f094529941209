"""A letter as an Internet message (RFC 5322). Pure."""

from __future__ import annotations

import hashlib
from email.headerregistry import Address, BaseHeader, HeaderRegistry
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import parseaddr

from messages import OutgoingEmail, Refusal
from notify.channel import ChannelError


class _Verbatim(BaseHeader):
    """A header that must stay as it is: long addresses would leave as encoded words, which mail
    programs do not read in List-Unsubscribe (RFC 2047, 5; RFC 8058)."""

    max_count = 1

    @classmethod
    def parse(cls, value: str, kwds: dict[str, object]) -> None:
        """Take the value as it stands."""
        kwds |= {"decoded": value, "parse_tree": None}

    def fold(self, *, policy: Policy) -> str:
        """The header on one line."""
        return f"{self.name}: {self}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("list-unsubscribe", _Verbatim)
_POLICY = SMTP.clone(header_factory=_HEADERS)


def message(email: OutgoingEmail, sender: str) -> EmailMessage:
    """The message. Its Message-ID follows from the key, so that a letter sent twice by mishap is
    shown once. Raises ChannelError, permanent, on an address no mail can go to."""
    mime_message = EmailMessage(policy=_POLICY)
    mime_message["From"] = _address(sender)
    mime_message["To"] = _address(email.to)
    mime_message["Subject"] = " ".join(email.subject.split())
    host = _address(sender).domain
    mime_message["Message-ID"] = f"<{hashlib.sha256(email.key.encode()).hexdigest()[:32]}@{host}>"
    mime_message["Auto-Submitted"] = "auto-generated"
    if email.leave:
        mime_message["List-Unsubscribe"] = f"<{email.leave}>"
        mime_message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mime_message.set_content(email.text)
    return mime_message


def is_deliverable(text: str) -> bool:
    """Whether a letter could be addressed so."""
    try:
        return bool(text) and "<" not in text and bool(_address(text))
    except ChannelError:
        return False


def _address(text: str) -> Address:
    name, spec = parseaddr(text)
    try:
        address = Address(name, addr_spec=spec)
    except (ValueError, IndexError, AttributeError) as error:
        raise ChannelError(
            f"not an address: {text[:100]!r}", permanent=True, reason=Refusal.ADDRESS
        ) from error
    if not address.username or not address.domain or not text.isprintable():
        raise ChannelError(
            f"not an address: {text[:100]!r}", permanent=True, reason=Refusal.ADDRESS
        )
    return address
