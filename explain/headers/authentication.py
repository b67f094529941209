"""Pasted headers: verdicts of SPF, DKIM and DMARC with alignment, ARC, and the path. Pure.

Only the server that received the message last is believed; what stands below, anyone may have written.
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
_RESULT = re.compile(r"^\s*(spf|dkim|dmarc|arc)\s*=\s*([a-z]+)", re.IGNORECASE)
_PROPERTY = re.compile(
    r"\b(smtp\.mailfrom|smtp\.helo|header\.from|header\.d|header\.i|header\.s|envelope-from)\s*=\s*\"?([^\s;\"()]{1,253})",
    re.IGNORECASE,
)
_POLICY = re.compile(r"\b(p|sp|np|dis|action|policy\.\w+)\s*=\s*([\w.]+)", re.IGNORECASE)
_COMMENT = re.compile(r"\(([^()]{0,400})\)")
_TAG = re.compile(r"\b(i|cv)\s*=\s*(\w+)")
# Whom a result is about, the telling property first.
_ABOUT = {
    "spf": ("smtp.mailfrom", "envelope-from", "smtp.helo"),
    "dkim": ("header.d", "header.i"),
    "dmarc": ("header.from",),
    "arc": ("header.d", "header.from"),
}
# Names that mean something only inside of a house, and addresses.
_INSIDE = re.compile(r":|^[\d.]+$|\.(?:local|localdomain|localhost|lan|internal|intern|home|corp)$")
# Large receivers that write results and Received under different names.
_FAMILIES = {
    "exchangelabs.com": "outlook.com",
    "amazonses.com": "amazonaws.com",
    "me.com": "icloud.com",
    "apple.com": "icloud.com",
    "gmail.com": "google.com",
    "fastmail.com": "messagingengine.com",
    "protonmail.com": "protonmail.ch",
    "proton.me": "protonmail.ch",
}

FINE = FailureAdvice(
    Owner.NOBODY,
    N_("These are the headers of a message that got through"),
    N_(
        "We read who vouched for the sender and which way the message took. They report no failure."
    ),
    N_(
        "If the message arrived late, look at the longest delay on its way. If it landed in spam, look at the verdicts."
    ),
    ("mail-lands-in-spam", "mail-lost"),
)
PROVEN = N_(
    "The sender is proven: {domain:list} passed and belongs to the same organisation as the domain in From."
)
SAID_PASS = N_("The receiving server says that the sender is proven (DMARC passed).")
STRANGER = N_(
    "The sender is not proven: {domain:list} passed, but it is not the organisation of the domain in From ({author})."
)
UNPROVEN = N_(
    "The sender is not proven: neither SPF nor DKIM passed for the domain in From ({author})."
)
UNSURE = N_("The receiving server could not find out whether the sender is proven.")
UNSAID = N_("The receiving server wrote no verdict on the sender into these headers.")


def reading(letter: ParsedMessage) -> HeaderReading | None:
    """What the headers of a message tell; None when they tell neither a verdict nor a path."""
    author = _domain(mailbox_in(letter.header("from")))
    server, verdicts = _verdicts(letter, author)
    way = received.path(letter.all("received"))
    if not verdicts and not way:
        return None
    seals = letter.all("arc-seal")
    return HeaderReading(
        author,
        verdicts,
        way,
        letter.header("message-id")[:200],
        tuple(hop.queue_id for hop in reversed(way) if hop.queue_id),
        authserv=server,
        sent=received.moment(letter.header("date")) if letter.header("date") else None,
        total=received.total(way),
        arc_links=len(seals[:50]),
        arc=_arc(seals, verdicts),
        proof=_concluded(author, verdicts),
    )


def failed(seen: HeaderReading) -> bool:
    """Whether the message failed to prove its sender: DMARC decides, else SPF and DKIM together."""
    results = {v.method: v.result for v in seen.verdicts if v.method != "dkim"}
    dkim = [v.result for v in seen.verdicts if v.method == "dkim"]
    if "dmarc" in results:
        return results["dmarc"] in ("fail", "permerror")
    bad = ("fail", "softfail", "permerror")
    return results.get("spf") in bad and "pass" not in dkim


def summary(seen: HeaderReading) -> str:
    """The verdicts on one line, as headers write them."""
    return "; ".join(f"{v.method}={v.result} ({v.domain})" for v in seen.verdicts)


def joined_to(item: Explanation, seen: HeaderReading | None) -> Explanation:
    return item if seen is None else replace(item, headers=seen)


# ------------------------------------------------------------------ verdicts
def _verdicts(letter: ParsedMessage, author: str) -> tuple[str, tuple[AuthenticationVerdict, ...]]:
    """Results of the topmost Authentication-Results and those its server wrote beside it."""
    lines = _believed(letter)
    server = ""
    found: list[AuthenticationVerdict] = []
    for line in lines:
        first, *pieces = _cut(line[:6_000])
        server = server or _server(first)
        # Exchange leaves its own name out: the first piece is a result then.
        told = (first, *pieces) if _RESULT.match(first) else pieces
        said = ((piece, _RESULT.match(piece)) for piece in told)
        known = {v.method for v in found} - {"dkim"}  # one verdict each; a second may be forged
        fresh = [_verdict(m[1].lower(), m[2].lower(), p, author) for p, m in said if m]
        found += [v for v in fresh if v.method not in known]
    if not found and (spf := _received_spf(letter)):
        result = spf.split(" ", 1)[0].strip(" (").lower()[:20]
        about = _domain(address_in(spf.partition("envelope-from=")[2]) or address_in(spf))
        found.append(AuthenticationVerdict("spf", result, about, _kin(about, author)))
    return server, tuple(found[:MAX_VERDICTS])


def _received_spf(letter: ParsedMessage) -> str:
    """The topmost Received-SPF, unless it stands below another organisation's Received."""
    receiver = _Receiver()
    for name, value in letter.headers:
        if name == "received":
            receiver.next(received.path((value,))[0].server)
        if name == "received-spf":
            return "" if receiver.beyond else value
    return ""


def _believed(letter: ParsedMessage) -> list[str]:
    """The receiver's topmost header, and those of the same server before the message's next stop.

    What stands above every Received was written last. Below one, only the organisation that
    received the message is believed; it takes out what others write in its name (RFC 8601, 5).
    """
    kept: list[str] = []
    server, stops, receiver = "", 0, _Receiver()
    for name, value in letter.headers:
        if name == "received":
            stops += bool(kept)
            receiver.next(received.path((value,))[0].server)
        if name != "authentication-results":
            continue
        said = _server(value.partition(";")[0])
        if not kept:
            if not receiver.wrote(said):
                continue
            server = said
        elif said != server or stops > 1:
            break
        kept.append(value)
    return kept[:4]


@dataclass
class _Receiver:
    """Who received the message, as far as the Received headers from the top down tell."""

    names: tuple[str, ...] = ()
    organisation: str = ""
    beyond: bool = False  # the headers are those of earlier servers by now

    def next(self, host: str) -> None:
        """The server that wrote the next Received header."""
        found = _organisation(host)
        self.organisation = self.organisation or found
        self.beyond = self.beyond or found not in ("", self.organisation)
        if not self.beyond:
            self.names = (*self.names[:20], host)

    def wrote(self, server: str) -> bool:
        """Whether results under this name are the receiver's. Exchange leaves its name out."""
        if not self.names or (server and server in self.names):
            return True
        if not server:
            return self.organisation == "outlook.com" and not self.beyond
        return _organisation(server) == self.organisation != ""


def _organisation(host: str) -> str:
    """The organisation of a host; "" for an address and for a name that only its owner knows."""
    if "." not in host or _INSIDE.search(host):
        return ""
    found = organisational_domain_by_list(host)
    return _FAMILIES.get(found, found)


def _server(first: str) -> str:
    plain = _COMMENT.sub(" ", first).split()
    return plain[0].lower()[:253] if plain and "=" not in plain[0] else ""


def _cut(line: str) -> list[str]:
    """The pieces between semicolons, without cutting comments and quoted strings."""
    pieces, depth, start, closed = [], 0, 0, -1
    for at, letter in enumerate(line):
        if at <= closed:
            continue
        if letter == '"' and not depth:
            closed = line.find('"', at + 1)
        elif letter == "(":
            depth += 1
        elif letter == ")" and depth:
            depth -= 1
        elif letter == ";" and not depth:
            pieces.append(line[start:at])
            start = at + 1
    return [*pieces, line[start:]]


def _verdict(method: str, result: str, piece: str, author: str) -> AuthenticationVerdict:
    said = {m[1].lower(): m[2] for m in _PROPERTY.finditer(_COMMENT.sub(" ", piece))}
    about = next((said[name] for name in _ABOUT[method] if name in said), "")
    domain = about.rpartition("@")[2].lower().strip(".>")
    policy = "; ".join(f"{m[1].lower()}={m[2].lower()}" for m in _POLICY.finditer(piece))
    note = policy if method == "dmarc" else said.get("header.s", "")
    return AuthenticationVerdict(method, result, domain, _kin(domain, author), note[:120])


def _kin(about: str, author: str) -> bool | None:
    """Relaxed alignment (RFC 9989); None when a name is missing."""
    return is_aligned(author, about) if about and author else None


def _concluded(author: str, verdicts: tuple[AuthenticationVerdict, ...]) -> SenderProof:
    """What follows for the sender: the receiver's DMARC result, else our own from SPF and DKIM."""
    if not verdicts or not author:
        return SenderProof("", UNSAID)
    spf = next((v for v in verdicts if v.method == "spf"), None)
    dkim = [Identity(v.domain, v.result) for v in verdicts if v.method == "dkim"]
    ours = evaluate_alignment(author, Identity(spf.domain, spf.result) if spf else None, dkim)
    dmarc = next((v for v in verdicts if v.method == "dmarc"), None)
    theirs = dmarc.result if dmarc else ""
    if dmarc and theirs == "pass" and dmarc.aligned is False:  # passed for another From than this
        return SenderProof("fail", STRANGER, (dmarc.domain,))
    good = tuple(dict.fromkeys(filter(None, (*ours.dkim, ours.spf))))
    if theirs == "pass" or (theirs in ("", "none", "bestguesspass") and ours.passes):
        return SenderProof("pass", PROVEN if good else SAID_PASS, good)
    if theirs in ("temperror", "permerror") and not good:
        return SenderProof("", UNSURE)
    return SenderProof("fail", STRANGER if ours.unaligned else UNPROVEN, ours.unaligned)


def _arc(seals: tuple[str, ...], verdicts: tuple[AuthenticationVerdict, ...]) -> str:
    """What is known of the chain: the receiver's own word, else what the last seal says of itself."""
    if said := next((v.result for v in verdicts if v.method == "arc"), ""):
        return said
    if not seals:
        return ""
    numbered = [dict(_TAG.findall(seal[:2_000])) for seal in seals[:50]]
    last = max(numbered, key=lambda tags: int(tags.get("i", "0")) if tags.get("i", "").isdigit() else 0)  # fmt: skip
    return str(last.get("cv", ""))


def _domain(address: str) -> str:
    return address.rpartition("@")[2].lower().strip(".") if "@" in address else ""
