"""Authentication results in headers (RFC 8601): SPF, DKIM, DMARC with alignment, and ARC.

Only results of the server that received the message last are trusted; a sender may forge others.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from explain.bounces.advice import FailureAdvice
from explain.bounces.delivery_report import address_in, mailbox_in
from explain.bounces.message import ParsedMessage
from explain.headers import received
from explain.model import AuthenticationVerdict, Explanation, HeaderReading, SenderProof
from kb.owners import Owner
from render.i18n import N_
from standards.dmarc.alignment import (
    Identity,
    evaluate_alignment,
    is_aligned,
    organisational_domain_by_list,
)

MAX_VERDICTS = 12
_METHOD_RESULT = re.compile(r"^\s*(spf|dkim|dmarc|arc)\s*=\s*([a-z]+)", re.IGNORECASE)
_PROPERTY = re.compile(
    r"\b(smtp\.mailfrom|smtp\.helo|header\.from|header\.d|header\.i|header\.s|envelope-from)\s*=\s*\"?([^\s;\"()]{1,253})",
    re.IGNORECASE,
)
_POLICY = re.compile(r"\b(p|sp|np|dis|action|policy\.\w+)\s*=\s*([\w.]+)", re.IGNORECASE)
_COMMENT = re.compile(r"\(([^()]{0,400})\)")
_ARC_TAG = re.compile(r"\b(i|cv)\s*=\s*(\w+)")
# The properties with a result's identity, in order of preference.
_IDENTITY_PROPERTIES = {
    "spf": ("smtp.mailfrom", "envelope-from", "smtp.helo"),
    "dkim": ("header.d", "header.i"),
    "dmarc": ("header.from",),
    "arc": ("header.d", "header.from"),
}
# DMARC results after which SPF and DKIM are not asked ("none" is a domain without a policy).
_DECIDED_BY_DMARC = ("pass", "fail", "temperror", "permerror")
# Internal host names, and addresses.
_INTERNAL_NAME = re.compile(
    r":|^[\d.]+$|\.(?:local|localdomain|localhost|lan|internal|intern|home|corp)$"
)
# Receivers whose results and Received headers carry different domains.
_ORGANISATION_ALIASES = {
    "exchangelabs.com": "outlook.com",
    "amazonses.com": "amazonaws.com",
    "me.com": "icloud.com",
    "apple.com": "icloud.com",
    "gmail.com": "google.com",
    "fastmail.com": "messagingengine.com",
    "protonmail.com": "protonmail.ch",
    "proton.me": "protonmail.ch",
}

NO_FAILURE = FailureAdvice(
    Owner.NOBODY,
    N_("These are the headers of a message that got through"),
    N_("We read who vouched for the sender and which way the message took."),
    N_(
        "If the message arrived late, look at the longest delay on its way. If it landed in spam, look at the verdicts."
    ),
    ("mail-lands-in-spam", "mail-lost"),
)
ALIGNED = N_(
    "The sender is proven: SPF or DKIM passed for {domain:list}, of the same organisation as the domain in From."
)
DMARC_PASSED = N_("The receiving server says that the sender is proven (DMARC passed).")
DMARC_FAILED = N_(
    "The receiving server says that the sender is not proven (DMARC failed), though SPF or DKIM passed for {domain:list}."
)
UNALIGNED = N_(
    "The sender is not proven: the checks passed for {domain:list}, but not for the organisation of the domain in From ({author})."
)
NONE_PASSED = N_(
    "The sender is not proven: these headers report no SPF or DKIM check that passed for the domain in From ({author})."
)
UNDECIDED = N_("The receiving server could not find out whether the sender is proven.")
TOO_LITTLE = N_("These headers hold too little to tell whether the sender is proven.")
NO_VERDICT = N_("The receiving server wrote no verdict on the sender into these headers.")


def read_headers(message: ParsedMessage) -> HeaderReading | None:
    """Read a message's headers; None when there are neither results nor a path."""
    author = _domain(mailbox_in(message.header("from")))
    server, verdicts = _verdicts(message, author)
    hops = received.parse_path(message.all("received"))
    if not verdicts and not hops:
        return None
    seals = message.all("arc-seal")
    return HeaderReading(
        author,
        verdicts,
        hops,
        message.header("message-id")[:200],
        tuple(hop.queue_id for hop in reversed(hops) if hop.queue_id),
        authserv=server,
        sent=received.parse_date(message.header("date")) if message.header("date") else None,
        total=received.total_delay(hops),
        arc_links=len(seals[:50]),
        arc=_arc_result(seals, verdicts),
        proof=_sender_proof(author, verdicts),
    )


def is_authentication_failed(headers: HeaderReading) -> bool:
    """Whether authentication failed: by DMARC, else by SPF and DKIM together. A sender who is proven
    has not failed, whatever else was tried."""
    if headers.proof.result == "pass":
        return False
    dmarc = _first_verdict(headers.verdicts, "dmarc")
    if dmarc and dmarc.result in _DECIDED_BY_DMARC:
        return dmarc.result in ("fail", "permerror")
    results = _identifier_results(headers.verdicts)
    return not results & {"pass", "temperror"} and bool(results & {"fail", "softfail", "permerror"})


def verdicts_in_a_line(headers: HeaderReading) -> str:
    """The results on one line, as in a header."""
    return "; ".join(f"{v.method}={v.result} ({v.domain})" for v in headers.verdicts)


def with_headers(item: Explanation, headers: HeaderReading | None) -> Explanation:
    return item if headers is None else replace(item, headers=headers)


# ------------------------------------------------------------------ verdicts
def _verdicts(message: ParsedMessage, author: str) -> tuple[str, tuple[AuthenticationVerdict, ...]]:
    """The authserv-id and the trusted results, one a method except DKIM."""
    lines = _trusted_results(message)
    server = ""
    verdicts: list[AuthenticationVerdict] = []
    for line in lines:
        first, *pieces = _split_semicolons(line[:6_000])
        server = server or _authserv_id(first)
        # Exchange leaves its own name out: the first piece is a result then.
        result_pieces = (first, *pieces) if _METHOD_RESULT.match(first) else pieces
        results = ((piece, _METHOD_RESULT.match(piece)) for piece in result_pieces)
        methods_seen = {v.method for v in verdicts} - {
            "dkim"
        }  # one verdict each; a second may be forged
        line_verdicts = [_verdict(m[1].lower(), m[2].lower(), p, author) for p, m in results if m]
        verdicts += [v for v in line_verdicts if v.method not in methods_seen]
    if not verdicts and (spf := _received_spf(message)):
        result = spf.split(" ", 1)[0].strip(" (").lower()[:20]
        spf_domain = _domain(address_in(spf.partition("envelope-from=")[2]) or address_in(spf))
        verdicts.append(
            AuthenticationVerdict("spf", result, spf_domain, _alignment(spf_domain, author))
        )
    return server, tuple(verdicts[:MAX_VERDICTS])


def _received_spf(message: ParsedMessage) -> str:
    """The topmost Received-SPF, unless it is below another organisation's Received."""
    receiver = _Receiver()
    for name, value in message.headers:
        if name == "received":
            receiver.add_hop(received.parse_path((value,))[0].server)
        if name == "received-spf":
            return "" if receiver.is_past else value
    return ""


def _trusted_results(message: ParsedMessage) -> list[str]:
    """The receiver's topmost Authentication-Results, and its others before the next hop.

    What is above every Received was written last. Below one, only results of the organisation that
    received the message are trusted; it removes forged ones in its name (RFC 8601, 5).
    """
    trusted: list[str] = []
    server, hops_between, receiver = "", 0, _Receiver()
    for name, value in message.headers:
        if name == "received":
            hops_between += bool(trusted)
            receiver.add_hop(received.parse_path((value,))[0].server)
        if name != "authentication-results":
            continue
        authserv_id = _authserv_id(value.partition(";")[0])
        if not trusted:
            if not receiver.is_author_of(authserv_id):
                continue
            server = authserv_id
        elif authserv_id != server or hops_between > 1:
            break
        trusted.append(value)
    return trusted[:4]


@dataclass
class _Receiver:
    """The receiving organisation, from the Received headers read from the top down."""

    names: tuple[str, ...] = ()
    organisation: str = ""
    is_past: bool = False  # now at headers of earlier servers

    def add_hop(self, host: str) -> None:
        """Add the server of the next Received header."""
        organisation = _organisation(host)
        self.organisation = self.organisation or organisation
        self.is_past = self.is_past or organisation not in ("", self.organisation)
        if not self.is_past:
            self.names = (*self.names[:20], host)

    def is_author_of(self, server: str) -> bool:
        """Whether results with this authserv-id are the receiver's; Exchange leaves it out."""
        if not self.names or (server and server in self.names):
            return True
        if not server:
            return self.organisation == "outlook.com" and not self.is_past
        return _organisation(server) == self.organisation != ""


def _organisation(host: str) -> str:
    """The organisational domain of a host; "" for an address or an internal name."""
    if "." not in host or _INTERNAL_NAME.search(host):
        return ""
    organisation = organisational_domain_by_list(host)
    return _ORGANISATION_ALIASES.get(organisation, organisation)


def _authserv_id(first: str) -> str:
    words = _COMMENT.sub(" ", first).split()
    return words[0].lower()[:253] if words and "=" not in words[0] else ""


def _split_semicolons(line: str) -> list[str]:
    """The pieces between semicolons outside of comments and quoted strings."""
    pieces, depth, start, quote_end = [], 0, 0, -1
    for index, char in enumerate(line):
        if index <= quote_end:
            continue
        if char == '"' and not depth:
            quote_end = line.find('"', index + 1)
        elif char == "(":
            depth += 1
        elif char == ")" and depth:
            depth -= 1
        elif char == ";" and not depth:
            pieces.append(line[start:index])
            start = index + 1
    return [*pieces, line[start:]]


def _verdict(method: str, result: str, piece: str, author: str) -> AuthenticationVerdict:
    properties = {m[1].lower(): m[2] for m in _PROPERTY.finditer(_COMMENT.sub(" ", piece))}
    identity = next(
        (properties[name] for name in _IDENTITY_PROPERTIES[method] if name in properties), ""
    )
    domain = identity.rpartition("@")[2].lower().strip(".>")
    policy = "; ".join(f"{m[1].lower()}={m[2].lower()}" for m in _POLICY.finditer(piece))
    note = policy if method == "dmarc" else properties.get("header.s", "")
    return AuthenticationVerdict(method, result, domain, _alignment(domain, author), note[:120])


def _alignment(domain: str, author: str) -> bool | None:
    """Relaxed alignment (RFC 9989); None when a name is missing."""
    return is_aligned(author, domain) if domain and author else None


def _sender_proof(author: str, verdicts: tuple[AuthenticationVerdict, ...]) -> SenderProof:
    """Whether the sender is authenticated: the receiver's DMARC result, else our own alignment."""
    if not verdicts or not author:
        return SenderProof("", TOO_LITTLE if verdicts else NO_VERDICT)
    spf, dmarc = (_first_verdict(verdicts, method) for method in ("spf", "dmarc"))
    dkim = [Identity(v.domain, v.result) for v in verdicts if v.method == "dkim"]
    alignment = evaluate_alignment(author, Identity(spf.domain, spf.result) if spf else None, dkim)
    dmarc_result = dmarc.result if dmarc else ""
    if (
        dmarc and dmarc_result == "pass" and dmarc.aligned is False
    ):  # passed for another From than this
        return SenderProof("fail", UNALIGNED, (dmarc.domain,))
    aligned_domains = tuple(dict.fromkeys(filter(None, (*alignment.dkim, alignment.spf))))
    if alignment.passes:
        return (
            SenderProof("fail", DMARC_FAILED, aligned_domains)
            if dmarc_result == "fail"
            else SenderProof("pass", ALIGNED, aligned_domains)
        )
    if dmarc_result == "pass":
        return SenderProof("pass", DMARC_PASSED)
    if dmarc_result != "fail" and (says := _why_unknown(verdicts, dmarc_result)):
        return SenderProof("", says)
    return SenderProof(
        "fail", UNALIGNED if alignment.unaligned else NONE_PASSED, alignment.unaligned
    )


def _why_unknown(verdicts: tuple[AuthenticationVerdict, ...], dmarc_result: str) -> str:
    """Why results without an aligned pass leave open whether the sender is proven; "" when they
    do not."""
    results = _identifier_results(verdicts)
    if dmarc_result in ("temperror", "permerror") or "temperror" in results:
        return UNDECIDED
    is_pass_unnamed = any(
        v.result == "pass" and not v.domain for v in verdicts if v.method in ("spf", "dkim")
    )
    return TOO_LITTLE if is_pass_unnamed or not results else ""


def _first_verdict(
    verdicts: tuple[AuthenticationVerdict, ...], method: str
) -> AuthenticationVerdict | None:
    return next((v for v in verdicts if v.method == method), None)


def _identifier_results(verdicts: tuple[AuthenticationVerdict, ...]) -> set[str]:
    """The results of SPF and of every signature."""
    spf = _first_verdict(verdicts, "spf")
    return {v.result for v in verdicts if v.method == "dkim" or v is spf}


def _arc_result(seals: tuple[str, ...], verdicts: tuple[AuthenticationVerdict, ...]) -> str:
    """The ARC result: the receiver's own, else the cv tag of the last seal (RFC 8617)."""
    if arc_result := next((v.result for v in verdicts if v.method == "arc"), ""):
        return arc_result
    if not seals:
        return ""
    seal_tags = [dict(_ARC_TAG.findall(seal[:2_000])) for seal in seals[:50]]
    last = max(seal_tags, key=lambda tags: int(tags.get("i", "0")) if tags.get("i", "").isdecimal() else 0)  # fmt: skip
    return str(last.get("cv", ""))


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower().strip(".") if "@" in address else ""
