"""Reports without structured fields: recipients and the server's reply to each.

One parser for all mail systems: an address at the start of a line opens a block, and what follows
until the next address is about it. The copy of the original message is removed first.
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
from explain.pasted_text import clean_lines

MAX_BLOCK = 40
_ORIGINAL_HEADING = re.compile(
    r"^(?:[\s>*_=-]*-\s*(?:body|header)\b|[\s>*_=-]*+(?:(?:this|below|included|attached|here|following|the)\b.{0,40}\b(?:is|follows?|line)\b"
    r".{0,30}\b(?:copy|header)|(?:the )?(?:original|unsent|returned|undelivered)[ -](?:message|mail)"
    r"(?: (?:follows|headers?|info|below))?\b|message headers? follow|(?:original )?message headers?\s*:|"
    r"your original (?:message|mail)|copy of your message|"
    r"en-t.tes de message d.origine|urspr.ngliche nachricht(?:enkopf|sheader)|"
    r"p.vodn. (?:zpr.va|z.hlav.|spr.va|hlavi.ky)|z.hlav. p.vodn. zpr.vy|hlavi.ky p.vodnej spr.vy|"
    r"oryginalna wiadomo.c|nag..wki oryginalnej|izvorn[ao] (?:poruka|zaglavlja)))",
    re.IGNORECASE,
)
_SENTENCE_ABOUT_MESSAGE = re.compile(
    r"(?:could|was|can|is|not|has|have|failed|mail system)\b", re.IGNORECASE
)
_TRACE_HEADER = re.compile(
    r"^(?:Received|Return-Path|DKIM-Signature|X-Received)\s?:", re.IGNORECASE
)
_HEADER_LIKE = re.compile(r"^[A-Za-z][\w-]{1,40}:\s|^\s+\S")
_OPENING_ADDRESS = re.compile(
    r"^[\s>*\u2022-]*+(?:<|&lt;)?(\"[^\"\s@]{1,64}\"@[\w.-]+|[^\s<>()\[\],;:\"'`]{1,64}@[\w.-]+\w)(?:>|&gt;)?(?=$|[\s:,(<\[.])"
)
_NAMED_RECIPIENT = re.compile(
    r"^\s*(?:final-)?(?:recipient(?: address)?|to|address|your message to|message to|reason for|"
    r"smtp;)\s?:?\s+<?(?P<who>[^\s<>]{1,64}@[\w.-]+\w)",
    re.IGNORECASE,
)
_REPLY_LINE = re.compile(r"^\s*(?:<<<\s*)?[45]\d\d[ -]")
_SERVICE_ADDRESS = re.compile(
    r"^(?:mailer-daemon|postmaster|abuse|noreply|no-reply|support|helpdesk)@", re.IGNORECASE
)
_GREETING = re.compile(r"(?:hello|hi|dear|dobry den|ahoj|hallo),?\s+<?$", re.IGNORECASE)
_MAIL_FROM = re.compile(r"\bMAIL FROM:\s?<([^\s<>]{3,320})>", re.IGNORECASE)
# In a report that lost its line ends, an address after these is not a recipient.
_BEFORE_OTHER_ADDRESS = re.compile(
    _GREETING.pattern
    + r"|(?:^|[\s>])(?=[ftcoksrmg])(?:from|to|cc|od|komu|sender|reply-to|message-id|generating server)\s?:\s*"
    r"(?:[^<>:@]{0,60}<)?$|\bfrom:?(?: your| the)?\s?<?$",
    re.IGNORECASE,
)
_REMOTE_PATTERNS = (
    re.compile(r"host\s+(\S{3,253}?)\s?\[[\d.a-fA-F:]+\](?::\d+)?\s*\)?\s*(?:\(|:|said|refused|SMTP|\s|$)", re.IGNORECASE),
    re.compile(r"\bH=([\w-]+(?:\.[\w-]+)+) \["),
    re.compile(r"while talking to\s+(\S{3,253}?)\.?:", re.IGNORECASE),
    re.compile(r"(?:by|from)\s+(?:the )?(?:server|host)?\s?([\w.-]{4,253}?)\.? \[[\d.a-f:]+\]", re.IGNORECASE),
    re.compile(r"(?<![\w.-])([\w.-]{4,253}\.\w{2,24}) \[[\d.a-fA-F:]+\] did not like", re.IGNORECASE),
    re.compile(r"smtp server <([^>\s]{3,253})>", re.IGNORECASE),
    re.compile(r"(?:remote (?:server|host|system)|receiving server|remote-mta)(?: at)?\s?:?\s*(?:dns;\s*)?([\w-]+(?:\.[\w-]+)+)", re.IGNORECASE),
    re.compile(r"connect(?:ed|ion)? (?:to|with)\s+([\w-]+(?:\.[\w-]+)+)", re.IGNORECASE),
    re.compile(r"(?:refused|rejected|timed out|reset) (?:by|with) ([\w-]+(?:\.[\w-]+)+)", re.IGNORECASE),
    re.compile(r"(?<![\w-])(?<![\w-]\.)([\w-]+(?:\.[\w-]+)+) (?:rejected your message|gave this error|returned)", re.IGNORECASE),
    re.compile(r"^(\d{1,3}(?:\.\d{1,3}){3}) (?:does not like|failed after|said)", re.IGNORECASE | re.MULTILINE),
    re.compile(r"(?:generating server|reporting-mta|servidor que gener\w+|serveur de g\w+|generuj\w+ server)\s?:\s*(?:dns;\s*)?([\w-]+(?:\.[\w-]+)+)", re.IGNORECASE),
)  # fmt: skip
# Sendmail: the reply in one line, then the dialogue.
_SENDMAIL_REASON = re.compile(r"\(reason: (.{3,600}?)\)(?= |$)")
_SENDMAIL_REPLY = re.compile(r"<<< ([45]\d\d[ -].{3,600}?)(?= <<<| >>>| [45]\d\d [45]\.|$)")
# What precedes a verbatim reply.
_BEFORE_QUOTED_REPLY = re.compile(
    r"(?:said|was|were|returned|respon\w*|reason|error)\s?:?\s?['\"(\[]?(?:[45]\d\d[ -])?$",
    re.IGNORECASE,
)
# A dialogue shows the last command sent. Where commands were sent ahead, an answer under DATA may
# still be the one to RCPT TO, so it counts as the message's own only when nothing says otherwise.
_LAST_COMMAND = re.compile(
    r">>> ?(mail|rcpt|data|ehlo|helo)\b(?:(?!>>>).){0,400}?(?:<<<|->) ?[45]\d\d"
)
_STAGE_BY_COMMAND = {
    "mail": "mail",
    "rcpt": "rcpt",
    "data": "ahead",
    "ehlo": "connect",
    "helo": "connect",
}
_STAGE_PATTERNS = (
    ("data", re.compile(r"end of data|after (?:end of )?data|sending (?:of )?message|\[data\]")),
    ("mail", re.compile(r"in reply to mail from|after (?:pipelined )?mail from|did not like our mail|following mail command")),
    ("connect", re.compile(r"refused to talk to me|my name was rejected|after initial connection|in reply to (?:he|eh)lo|after (?:he|eh)lo")),
    ("rcpt", re.compile(r"in reply to rcpt to|after (?:pipelined )?rcpt to|did not like our rcpt|does not like recipient|\[rcpt_to\]|following rcpt")),
)  # fmt: skip


def without_original(text: str) -> str:
    """The report without the returned message or its headers."""
    lines = clean_lines(text)
    for index, line in enumerate(lines):
        if (
            index
            and _ORIGINAL_HEADING.match(line)
            and not (
                len(line) > 90 or _SENTENCE_ABOUT_MESSAGE.search(_ORIGINAL_HEADING.sub("", line))
            )
        ):
            return "\n".join(lines[:index])
        if index > 2 and _TRACE_HEADER.match(line) and _are_headers(lines[index : index + 4]):
            return "\n".join(lines[:index])
    return "\n".join(lines)


def _are_headers(lines: Sequence[str]) -> bool:
    return len(lines) >= 2 and all(_HEADER_LIKE.match(line) or not line for line in lines)


def remote_server(text: str) -> str:
    """The remote server that a text names, or ""."""
    one_line = " ".join(text[:8_000].split())
    for pattern in _REMOTE_PATTERNS:
        for match in pattern.finditer(one_line):
            name = match[1].strip(".[]").lower()
            if name not in ("localhost", "127.0.0.1", "unknown"):
                return name
    return ""


def smtp_stage(text: str) -> str:
    """The SMTP stage that was refused, or ""."""
    one_line = " ".join(text[:4_000].lower().split())
    if stage_name := next(
        (name for name, pattern in _STAGE_PATTERNS if pattern.search(one_line)), ""
    ):
        return stage_name
    command = _LAST_COMMAND.search(one_line)
    return _STAGE_BY_COMMAND[command[1]] if command else ""


def failures(
    text: str, *, known_recipients: Sequence[str] = (), whole: bool = True
) -> list[DeliveryFailure]:
    """One failure a recipient. `known_recipients` are those named elsewhere; `whole`: the text still
    contains the original message."""
    report = without_original(text) if whole else text
    lines = clean_lines(report)
    blocks = _recipient_blocks(lines)
    verdict_blocks = {
        recipient.lower(): block for recipient, block in blocks if _has_verdict(block)
    }
    if len(verdict_blocks) <= 1:
        recipient = next((w for w, s in blocks if _has_verdict(s)), "") or first_address(
            report, known_recipients, blocks
        )
        if len(blocks) > 1 and not verdict_blocks and len({w for w, _ in blocks}) > 1:
            return [_failure(w, report, report) for w in dict.fromkeys(w for w, _ in blocks)]
        block = verdict_blocks.get(recipient.lower(), "")
        return [_failure(recipient, block or report, report)]
    order = dict.fromkeys(
        recipient for recipient, _ in blocks if recipient.lower() in verdict_blocks
    )
    failures_by_recipient: dict[str, DeliveryFailure] = {}
    for recipient in order:
        failures_by_recipient.setdefault(
            recipient.lower(), _failure(recipient, verdict_blocks[recipient.lower()], report)
        )
    return list(failures_by_recipient.values())


def _recipient_blocks(lines: list[str]) -> list[tuple[str, str]]:
    """The blocks by the address that opens them; a reply line may open one too."""
    paragraphs: list[tuple[str, list[str]]] = []
    last_reply_line: list[str] = []
    for line in lines:
        address = _address_opening(line)
        if address and paragraphs and paragraphs[-1][0].lower() == address.lower():
            paragraphs[-1][1].append(line)
        elif address:
            before = last_reply_line if _REPLY_LINE.match(line) else []
            paragraphs.append((address, [*before[-2:], line]))
        elif paragraphs and len(paragraphs[-1][1]) < MAX_BLOCK:
            paragraphs[-1][1].append(line)
        last_reply_line = [line] if _REPLY_LINE.match(line) and not address else []
    merged: dict[str, list[str]] = {}
    for address, block_lines in paragraphs[:400]:
        merged.setdefault(address.lower(), []).extend(block_lines)
    names = {
        address.lower(): address for address, _ in reversed(paragraphs[:400])
    }  # as it was written first
    return [(names[address], "\n".join(block_lines)) for address, block_lines in merged.items()][
        :100
    ]


def _address_opening(line: str) -> str:
    match = _OPENING_ADDRESS.match(line) or None
    address = match[1] if match else ""
    if not address and (match_named := _NAMED_RECIPIENT.match(line)):
        address = address_in(match_named["who"])
    if not address and _REPLY_LINE.match(line):
        address = recipient_in(line)
    return "" if _SERVICE_ADDRESS.match(address) and f"{address}:" not in line else address


def _has_verdict(block: str) -> bool:
    """Whether a block has a code or words of a failure."""
    reply, status = status_codes.find_codes(block)
    if reply or status:
        return True
    votes = phrases.match_phrases(block)
    return any(w >= phrases.CERTAIN_WEIGHT for s, w in votes.items() if s not in _NOT_CAUSES)


_NOT_CAUSES = (phrases.REPORT, phrases.AUTOMATIC, phrases.DELIVERED, phrases.DELAYED)


def first_address(
    report: str, known_recipients: Sequence[str] = (), blocks: Sequence[tuple[str, str]] = ()
) -> str:
    """The first address of a report that is not in its own header."""
    if known_recipients:
        return known_recipients[0]
    if blocks:
        return blocks[0][0]
    senders = {m[1].lower() for m in _MAIL_FROM.finditer(report[:8_000])}
    for excluded_context in (_BEFORE_OTHER_ADDRESS, _GREETING):
        for pattern in (QUOTED_ADDRESS, ADDRESS):
            for match in pattern.finditer(report[:8_000]):
                before = report[max(0, match.start() - 80) : match.start()]
                if match[0].lower() in senders or _SERVICE_ADDRESS.match(match[0]):
                    continue
                if not excluded_context.search(before):
                    return SCHEME.sub("", match[0]).strip(".'")
    named_in_brackets = re.search(r"(?:to|deliver\w*) <([^>\s]{3,320})>", report[:8_000])
    return named_in_brackets[1] if named_in_brackets else ""


def _failure(recipient: str, block: str, report: str) -> DeliveryFailure:
    reply, status = status_codes.find_codes(block)
    return DeliveryFailure(
        recipient=recipient,
        diagnostic=_deciding_excerpt(block),
        reply=reply,
        status=status,
        remote=remote_server(block) or remote_server(report),
        around=report,
        stage=smtp_stage(block),
    )


def _deciding_excerpt(block: str) -> str:
    """The server's reply from its code on; without a code the whole block."""
    one_line = " ".join(block.split())
    if reason := _SENDMAIL_REASON.search(one_line):
        server_reply = (
            _SENDMAIL_REPLY.search(one_line, reason.end()) if "..." in reason[1] else None
        )
        return f"{reason[1]} {server_reply[1] if server_reply else ''}".strip()
    match = status_codes.REPLY_WITH_STATUS.search(one_line) or status_codes.STATUS.search(one_line)
    if match and match.start() > 0:
        start = max(0, match.start() - 200)
        if _BEFORE_QUOTED_REPLY.search(one_line[start : match.start()]):
            start = match.start()
        return one_line[start : match.start() + 1_500]
    return one_line[:4_000]
