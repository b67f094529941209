"""Reports in words to failures: whom each paragraph is about, and what the server said. Pure.

One reader for all mail systems: addresses that begin a line open a paragraph, and what follows until
the next address is what was said of it. The copy of the original message is cut off first.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from explain.bounces import phrases, status_codes
from explain.bounces.delivery_report import (
    ADDRESS,
    QUOTED_ADDRESS,
    SCHEME,
    address_in,
    recipient_in,
)
from explain.model import DeliveryFailure
from explain.plain_text import lines_of

MAX_BLOCK = 40
_ORIGINAL = re.compile(
    r"^[\s>*_=-]*(?:(?:this|below|included|attached|here|following|the)\b.{0,40}\b(?:is|follows?|line)\b"
    r".{0,30}\b(?:copy|header)|(?:the )?(?:original|unsent|returned|undelivered)[ -](?:message|mail)"
    r"(?: (?:follows|headers?|info|below))?\b|message headers? follow|(?:original )?message headers?\s*:|"
    r"your original (?:message|mail)|copy of your message|-+\s*(?:body|header)\b|"
    r"en-t.tes de message d.origine|urspr.ngliche nachricht(?:enkopf|sheader)|"
    r"p.vodn. (?:zpr.va|z.hlav.|spr.va|hlavi.ky)|z.hlav. p.vodn. zpr.vy|hlavi.ky p.vodnej spr.vy|"
    r"oryginalna wiadomo.c|nag..wki oryginalnej|izvorn[ao] (?:poruka|zaglavlja))",
    re.IGNORECASE,
)
_KEPT = re.compile(r"(?:could|was|can|is|not|has|have|failed|mail system)\b", re.IGNORECASE)
_RAW = re.compile(r"^(?:Received|Return-Path|DKIM-Signature|X-Received)\s?:", re.IGNORECASE)
_HEADERISH = re.compile(r"^[A-Za-z][\w-]{1,40}:\s|^\s+\S")
_OPENS = re.compile(
    r"^[\s>*\u2022-]*(?:<|&lt;)?(\"[^\"\s@]{1,64}\"@[\w.-]+|[^\s<>()\[\],;:\"'`]{1,64}@[\w.-]+\w)(?:>|&gt;)?(?=$|[\s:,(<\[.])"
)
_NAMES = re.compile(
    r"^\s*(?:final-)?(?:recipient(?: address)?|to|address|your message to|message to|reason for|"
    r"smtp;)\s?:?\s+<?(?P<who>[^\s<>]{1,64}@[\w.-]+\w)",
    re.IGNORECASE,
)
_REPLY_LINE = re.compile(r"^\s*(?:<<<\s*)?[45]\d\d[ -]")
_NOBODY = re.compile(
    r"^(?:mailer-daemon|postmaster|abuse|noreply|no-reply|support|helpdesk)@", re.IGNORECASE
)
_GREETED = re.compile(r"(?:hello|hi|dear|dobry den|ahoj|hallo),?\s+<?$", re.IGNORECASE)
_MAIL_FROM = re.compile(r"\bMAIL FROM:\s?<([^\s<>]{3,320})>", re.IGNORECASE)
# In a report that lost its lines, an address after these belongs to its own head.
_NOT_MEANT = re.compile(
    _GREETED.pattern
    + r"|(?:^|[\s>])(?:from|to|cc|od|komu|sender|reply-to|message-id|generating server)\s?:\s*"
    r"(?:[^<>:@]{0,60}<)?$|\bfrom:?(?: your| the)?\s?<?$",
    re.IGNORECASE,
)
_REMOTES = (
    re.compile(r"host\s+(\S{3,253}?)\s?\[[\d.a-fA-F:]+\](?::\d+)?\s*\)?\s*(?:\(|:|said|refused|SMTP|\s|$)", re.IGNORECASE),
    re.compile(r"while talking to\s+(\S{3,253}?)\.?:", re.IGNORECASE),
    re.compile(r"(?:by|from)\s+(?:the )?(?:server|host)?\s?([\w.-]{4,253}?)\.? \[[\d.a-f:]+\]", re.IGNORECASE),
    re.compile(r"([\w.-]{4,253}\.\w{2,24}) \[[\d.a-fA-F:]+\] did not like", re.IGNORECASE),
    re.compile(r"smtp server <([^>\s]{3,253})>", re.IGNORECASE),
    re.compile(r"(?:remote (?:server|host|system)|receiving server|remote-mta)(?: at)?\s?:?\s*(?:dns;\s*)?([\w-]+(?:\.[\w-]+)+)", re.IGNORECASE),
    re.compile(r"connect(?:ed|ion)? (?:to|with)\s+([\w-]+(?:\.[\w-]+)+)", re.IGNORECASE),
    re.compile(r"(?:refused|rejected|timed out|reset) (?:by|with) ([\w-]+(?:\.[\w-]+)+)", re.IGNORECASE),
    re.compile(r"([\w-]+(?:\.[\w-]+)+) (?:rejected your message|gave this error|returned)", re.IGNORECASE),
    re.compile(r"^(\d{1,3}(?:\.\d{1,3}){3}) (?:does not like|failed after|said)", re.IGNORECASE | re.MULTILINE),
    re.compile(r"(?:generating server|reporting-mta|servidor que gener\w+|serveur de g\w+|generuj\w+ server)\s?:\s*(?:dns;\s*)?([\w-]+(?:\.[\w-]+)+)", re.IGNORECASE),
)  # fmt: skip
# sendmail: the answer in one line, then the dialogue.
_REASON = re.compile(r"\(reason: (.{3,600}?)\)(?= |$)")
_TOLD = re.compile(r"<<< ([45]\d\d[ -].{3,600}?)(?= <<<| >>>| [45]\d\d [45]\.|$)")
# What stands right before an answer that is quoted word for word.
_QUOTES = re.compile(
    r"(?:said|was|were|returned|respon\w*|reason|error)\s?:?\s?['\"(\[]?(?:[45]\d\d[ -])?$",
    re.IGNORECASE,
)
# A dialogue shows the last command sent. Where commands were sent ahead, an answer under DATA may
# still be the one to RCPT TO, so it counts as the message's own only when nothing says otherwise.
_COMMAND = re.compile(r">>> ?(mail|rcpt|data|ehlo|helo)\b(?:(?!>>>).){0,400}?(?:<<<|->) ?[45]\d\d")
_COMMANDS = {"mail": "mail", "rcpt": "rcpt", "data": "ahead", "ehlo": "connect", "helo": "connect"}
_STAGES = (
    ("data", re.compile(r"end of data|after (?:end of )?data|sending (?:of )?message|\[data\]")),
    ("mail", re.compile(r"in reply to mail from|after (?:pipelined )?mail from|did not like our mail|following mail command")),
    ("connect", re.compile(r"refused to talk to me|my name was rejected|after initial connection|in reply to (?:he|eh)lo|after (?:he|eh)lo")),
    ("rcpt", re.compile(r"in reply to rcpt to|after (?:pipelined )?rcpt to|did not like our rcpt|does not like recipient|\[rcpt_to\]|following rcpt")),
)  # fmt: skip


def without_original(text: str) -> str:
    """The report alone: the returned message, or its headers, is nobody's verdict."""
    lines = lines_of(text)
    for at, line in enumerate(lines):
        if (
            at
            and _ORIGINAL.match(line)
            and not (len(line) > 90 or _KEPT.search(_ORIGINAL.sub("", line)))
        ):
            return "\n".join(lines[:at])
        if at > 2 and _RAW.match(line) and _are_headers(lines[at : at + 4]):
            return "\n".join(lines[:at])
    return "\n".join(lines)


def _are_headers(lines: Sequence[str]) -> bool:
    return len(lines) >= 2 and all(_HEADERISH.match(line) or not line for line in lines)


def remote(text: str) -> str:
    """The server that said it, as far as a text names it."""
    flat = " ".join(text[:8_000].split())
    for pattern in _REMOTES:
        for match in pattern.finditer(flat):
            name = match[1].strip(".[]").lower()
            if name not in ("localhost", "127.0.0.1", "unknown"):
                return name
    return ""


def stage(text: str) -> str:
    """Which step of the dialogue was refused, when the text tells."""
    flat = " ".join(text[:4_000].lower().split())
    if found := next((name for name, said in _STAGES if said.search(flat)), ""):
        return found
    shown = _COMMAND.search(flat)
    return _COMMANDS[shown[1]] if shown else ""


def failures(text: str, *, known: Sequence[str] = (), whole: bool = True) -> list[DeliveryFailure]:
    """One failure for each address the report speaks of. `known` are recipients named elsewhere."""
    report = without_original(text) if whole else text
    lines = lines_of(report)
    blocks = _blocks(lines)
    spoken = {who.lower(): said for who, said in blocks if _tells(said)}
    if len(spoken) <= 1:
        who = next((w for w, s in blocks if _tells(s)), "") or first_address(report, known, blocks)
        if len(blocks) > 1 and not spoken and len({w for w, _ in blocks}) > 1:
            return [_failure(w, report, report) for w in dict.fromkeys(w for w, _ in blocks)]
        said = spoken.get(who.lower(), "")
        return [_failure(who, said or report, report)]
    order = dict.fromkeys(who for who, _ in blocks if who.lower() in spoken)
    seen: dict[str, DeliveryFailure] = {}
    for who in order:
        seen.setdefault(who.lower(), _failure(who, spoken[who.lower()], report))
    return list(seen.values())


def _blocks(lines: list[str]) -> list[tuple[str, str]]:
    """Paragraphs by the address that opens them; an answer's own line may open one too."""
    found: list[tuple[str, list[str]]] = []
    loose: list[str] = []
    for line in lines:
        who = _opened(line)
        if who and found and found[-1][0].lower() == who.lower():
            found[-1][1].append(line)
        elif who:
            before = loose if _REPLY_LINE.match(line) else []
            found.append((who, [*before[-2:], line]))
        elif found and len(found[-1][1]) < MAX_BLOCK:
            found[-1][1].append(line)
        loose = [line] if _REPLY_LINE.match(line) and not who else []
    merged: dict[str, list[str]] = {}
    for who, said in found[:400]:
        merged.setdefault(who.lower(), []).extend(said)
    names = {who.lower(): who for who, _ in reversed(found[:400])}  # as it was written first
    return [(names[who], "\n".join(said)) for who, said in merged.items()][:100]


def _opened(line: str) -> str:
    match = _OPENS.match(line) or None
    who = match[1] if match else ""
    if not who and (named := _NAMES.match(line)):
        who = address_in(named["who"])
    if not who and _REPLY_LINE.match(line):
        who = recipient_in(line)
    return "" if _NOBODY.match(who) and f"{who}:" not in line else who


def _tells(block: str) -> bool:
    """Whether a paragraph holds a verdict: a code, or words of a failure."""
    reply, status = status_codes.find(block)
    if reply or status:
        return True
    votes = phrases.heard(block).votes
    return any(w >= phrases.SAYS for s, w in votes.items() if s not in _NO_CAUSE)


_NO_CAUSE = (phrases.REPORT, phrases.AUTO, phrases.DELIVERED, phrases.DELAYED)


def first_address(
    report: str, known: Sequence[str] = (), blocks: Sequence[tuple[str, str]] = ()
) -> str:
    """The first address of a report that is not its own head's."""
    if known:
        return known[0]
    if blocks:
        return blocks[0][0]
    senders = {m[1].lower() for m in _MAIL_FROM.finditer(report[:8_000])}
    for skipped in (_NOT_MEANT, _GREETED):
        for pattern in (QUOTED_ADDRESS, ADDRESS):
            for match in pattern.finditer(report[:8_000]):
                before = report[max(0, match.start() - 80) : match.start()]
                if match[0].lower() in senders or _NOBODY.match(match[0]):
                    continue
                if not skipped.search(before):
                    return SCHEME.sub("", match[0]).strip(".'")
    only = re.search(r"(?:to|deliver\w*) <([^>\s]{3,320})>", report[:8_000])
    return only[1] if only else ""


def _failure(who: str, said: str, report: str) -> DeliveryFailure:
    reply, status = status_codes.find(said)
    return DeliveryFailure(
        recipient=who,
        diagnostic=_deciding(said),
        reply=reply,
        status=status,
        remote=remote(said) or remote(report),
        around=report,
        stage=stage(said),
    )


def _deciding(said: str) -> str:
    """What the server said, from its code on when it gave one; else the whole paragraph."""
    flat = " ".join(said.split())
    if reason := _REASON.search(flat):
        told = _TOLD.search(flat, reason.end()) if "..." in reason[1] else None
        return f"{reason[1]} {told[1] if told else ''}".strip()
    match = status_codes.PAIR.search(flat) or status_codes.STATUS.search(flat)
    if match and match.start() > 0:
        start = max(0, match.start() - 200)
        if _QUOTES.search(flat[start : match.start()]):
            start = match.start()
        return flat[start : match.start() + 1_500]
    return flat[:4_000]
