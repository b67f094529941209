"""The model of explanations: failures, hops, authentication results, one item a recipient."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from kb.owners import Owner


class ExplanationKind(StrEnum):
    """The protocol or program that reported the error. Ids are for ever."""

    BOUNCE = "bounce"  # a whole report of a mail system
    SMTP = "smtp"  # one answer of a mail server, or a mail client's error
    HTTP = "http"
    BROWSER = "browser"
    TLS = "tls"
    DNS = "dns"
    FTP = "ftp"
    DATABASE = "database"
    UNCLEAR = "unclear"


class Reason(StrEnum):
    """The sixteen classes of mail failures. Ids are for ever."""

    RECIPIENT_UNKNOWN = "recipient_unknown"
    RECIPIENT_DOMAIN_UNKNOWN = "recipient_domain_unknown"
    MAILBOX_FULL = "mailbox_full"
    TOO_BIG = "too_big"
    AUTH_FAILED = "auth_failed"
    PTR_MISSING = "ptr_missing"
    BLOCKED_IP = "blocked_ip"
    POLICY_OR_SPAM = "policy_or_spam"
    RELAY_DENIED = "relay_denied"
    RATE_LIMITED = "rate_limited"
    TLS_REQUIRED = "tls_required"
    NETWORK_OR_TIMEOUT = "network_or_timeout"
    ACCOUNT_DISABLED = "account_disabled"
    SERVER_ERROR = "server_error"
    NOT_A_FAILURE = "not_a_failure"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class DeliveryFailure:
    """A report's data on one recipient, before classification."""

    recipient: str = ""
    diagnostic: str = ""  # the server's text, as given
    action: str = ""  # RFC 3464: failed delayed delivered relayed expanded
    reply: str = ""  # RFC 5321: three digits
    status: str = ""  # RFC 3463: class.subject.detail
    remote: str = ""  # the server that gave the reply
    around: str = ""  # the report's own text around it
    stage: str = ""  # what it answered: connect, mail, rcpt, data (the whole message), ahead (DATA, or RCPT sent ahead of it); "" unknown


@dataclass(frozen=True, slots=True)
class FailureReading:
    """The class of a failure. `permanent`: the address itself is invalid; None: cannot be told."""

    reason: Reason
    permanent: bool | None


@dataclass(frozen=True, slots=True)
class Hop:
    """One server on a message's path, in the order of travel."""

    server: str
    came_from: str
    at: datetime | None
    delay: timedelta | None  # since the hop before; None when a clock or a date is missing
    ip: str = ""  # of the server it came from
    protocol: str = ""  # as the server wrote it: ESMTPS, LMTP, HTTP …
    secure: bool | None = None  # encrypted on the way; None: cannot tell
    queue_id: str = ""
    skew: timedelta | None = None  # how far this server's clock is behind the one before


@dataclass(frozen=True, slots=True)
class AuthenticationVerdict:
    """The receiving server's result of one method (RFC 8601)."""

    method: str  # spf, dkim, dmarc, arc
    result: str  # pass fail softfail none …
    domain: str  # whom the result is about
    aligned: bool | None  # with the domain in From, as DMARC asks; None: cannot tell
    note: str = ""  # the selector of a signature, the policy of DMARC


@dataclass(frozen=True, slots=True)
class SenderProof:
    """Whether the sender is authenticated. `result`: pass, fail or "" (unknown); `says` is a msgid,
    filled with `domains` that passed and with the author's domain."""

    result: str
    says: str
    domains: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HeaderReading:
    """Parsed headers: authentication results, and the path with its delays."""

    author_domain: str
    verdicts: tuple[AuthenticationVerdict, ...]
    hops: tuple[Hop, ...]
    message_id: str = ""
    queue_ids: tuple[str, ...] = ()
    authserv: str = ""  # the authserv-id of the results (RFC 8601)
    sent: datetime | None = None  # the Date header
    total: timedelta | None = None  # from the first server to the last
    arc: str = ""  # the result of the ARC chain (RFC 8617); "" without one
    arc_links: int = 0
    proof: SenderProof = field(default_factory=lambda: SenderProof("", ""))


@dataclass(frozen=True, slots=True)
class Explanation:
    """One explanation. `text` is the deciding excerpt with private parts masked.

    `title`, `says` and `next` are msgids; `args` fill them.
    """

    kind: ExplanationKind
    reason: str
    permanent: bool | None
    owner: Owner
    title: str
    says: str
    next: str
    recipient: str = ""
    reply: str = ""
    status: str = ""
    remote: str = ""
    articles: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    text: str = ""
    args: Mapping[str, str] = field(default_factory=dict)
    headers: HeaderReading | None = None
