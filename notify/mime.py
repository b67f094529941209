"""A letter as an Internet message (RFC 5322). Pure."""

from __future__ import annotations

import hashlib
from datetime import UTC
from email.errors import MessageError
from email.headerregistry import Address, BaseHeader, HeaderRegistry
from email.message import EmailMessage
from email.policy import SMTP, Policy
from email.utils import parseaddr

from messages import OutgoingEmail, RefusalReason
from notify.channel import ChannelError
from standards.urls import BadUrl, ascii_host

# Names that lead into the network of whoever looks them up (RFC 6761, 6762, 9476; ICANN, 2024).
INNER_ENDINGS = frozenset(
    (
        "localhost",
        "localdomain",
        "local",
        "internal",
        "intranet",
        "lan",
        "home",
        "corp",
        "invalid",
        "alt",
        "onion",
        "arpa",
    )
)


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
# Seven bits on every hop: not every server takes eight (RFC 6152), and ours is asked only when the
# letter is already on its way.
_POLICY = SMTP.clone(header_factory=_HEADERS, cte_type="7bit")


def message(email: OutgoingEmail, sender: str) -> EmailMessage:
    """The message. Its Message-ID follows from the key, so that a letter sent twice by mishap is
    shown once. Raises ChannelError, permanent, on an address no mail can go to."""
    mime_message = EmailMessage(policy=_POLICY)
    mime_message["From"] = _address(sender)
    mime_message["To"] = _address(email.to)
    if email.date is not None:  # in letters, in UTC (RFC 5322, 3.6.1)
        mime_message["Date"] = email.date.astimezone(UTC)
    mime_message["Subject"] = " ".join(email.subject.split())
    host = _address(sender).domain
    mime_message["Message-ID"] = f"<{hashlib.sha256(email.key.encode()).hexdigest()[:32]}@{host}>"
    mime_message["Auto-Submitted"] = "auto-generated"  # RFC 3834, 5
    mime_message["X-Auto-Response-Suppress"] = "OOF, AutoReply, DR, RN, NRN"  # Exchange; not NDR
    if email.leave:
        mime_message["List-Unsubscribe"] = f"<{email.leave}>"
        mime_message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mime_message.set_content(email.text)
    return mime_message


def is_deliverable(text: str) -> bool:
    """Whether a stranger's words are one plain address on the public Internet: nothing that mail
    servers route further ("x%a@b", "a!b@c"), no address literal and no inner name."""
    try:
        address = _address(text)
    except ChannelError:
        return False
    typed = text if text.isascii() else f"{address.username}@{_ascii_domain(text)}"
    return (
        address.addr_spec == typed and not set("%!") & set(address.username) and _is_public(address)
    )


def _ascii_domain(text: str) -> str:
    try:
        return ascii_host(text.rpartition("@")[2])
    except BadUrl:
        return ""


def _is_public(address: Address) -> bool:
    labels = address.domain.lower().split(".")
    return (
        len(labels) > 1
        and all(labels)
        and not labels[-1].isdigit()
        and labels[-1] not in INNER_ENDINGS
        and "[" not in address.domain
    )


def _address(text: str) -> Address:
    name, spec = parseaddr(text)
    try:
        address = Address(name, addr_spec=spec)
        if not address.domain.isascii():  # a header holds A-labels only (RFC 5890, 2.3.2.1)
            address = Address(name, address.username, ascii_host(address.domain))
    except (ValueError, LookupError, AttributeError, MessageError) as error:
        raise ChannelError(
            f"not an address: {text[:100]!r}", permanent=True, reason=RefusalReason.ADDRESS
        ) from error
    if not address.username or not address.domain or not text.isprintable():
        raise ChannelError(
            f"not an address: {text[:100]!r}", permanent=True, reason=RefusalReason.ADDRESS
        )
    return address
