"""Records in plain lines: zone-file lines, "CNAME www shops.builder.example", sentences.

Conservative: a line whose value is not one of its type yields nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from instructions.record_values import TYPES, is_below
from instructions.removals import is_setting_word
from instructions.tables import TableRow
from instructions.vocabulary import (
    AND_WORDS,
    APEX_WORDS,
    ARROWS,
    NAME_SERVER_WORDS,
    RECORD_WORDS,
)
from kb.folding import fold
from standards.urls import is_address

_WORD = r"[^\s,;|()<>\"'`“”„]+"
_TYPE = re.compile(rf"(?<![\w.-])(?:({'|'.join(sorted(TYPES, key=len, reverse=True))}))(?![\w.=])")
_HOST = re.compile(
    r"(?<![\w@.=/-])(?!(?<=\*)\*)((?:[\w*-]+\.)+[a-z][\w-]{1,62})\.?(?![\w=@-])", re.IGNORECASE
)
_ADDRESS = re.compile(
    r"(?<![\w.:])((?:\d{1,3}\.){3}\d{1,3}|[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){2,7})(?![\w:])",
    re.IGNORECASE,
)
_SPF = re.compile(
    r"v=spf1(?:\s+[^\s\"“”„`]+)*?\s+[-~?+]?all\b|v=spf1(?:\s+[a-z0-9]+[:=][^\s\"“”`]+)+",
    re.IGNORECASE,
)
_TAGS = re.compile(
    r"(?:v=(?:DMARC1|DKIM1|TLSRPTv1|STSv1|BIMI1)|k=(?:rsa|ed25519))\s*(?:;\s*[a-z]+\s*=\s*[^;\s\"“”`]*(?:\s*,\s*[^;\s\"`]+)*)*;?",
    re.IGNORECASE,
)
_TOKEN = re.compile(r"(?<![\w./?&:-])[A-Za-z][\w.-]{1,60}=[^\s\"“”„`]{4,}")
_VERIFICATION_TOKEN = re.compile(
    r"(?:verif|^ms=|^apple-domain|^atlassian|^docusign|^stripe|^zoho|^_?globalsign|^h1-domain|^zb\d)",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"[\"“„]([^\"“”„]{4,4000})[\"”“]")
_ZONE = re.compile(
    rf"^\s*(?P<name>{_WORD})\s+(?:(?P<ttl>\d+[smhdw]?)\s+)?(?:IN\s+)?(?:\d+[smhdw]?\s+)?"
    rf"(?P<type>{'|'.join(sorted(TYPES, key=len, reverse=True))})\s+(?P<value>\S.*)$"
)
_TYPE_FIRST = re.compile(
    rf"^\W*(?P<type>{'|'.join(sorted(TYPES, key=len, reverse=True))})\W\s*(?P<name>{_WORD})\s+(?P<value>\S.*)$"
)
_SRV = re.compile(
    r"(?<![\w-])(?P<name>_[\w-]+\._[\w-]+[\w.@-]*)\s.*?(?P<value>\d{1,5}\s+\d{1,5}\s+\d{1,5}\s+[\w.-]+)",
    re.IGNORECASE,
)
_CAA = re.compile(
    r"\d{1,3}\s+(?:issue|issuewild|iodef|issuemail)\s+\"?[^\"\s]+(?:[^\"]*)\"?", re.IGNORECASE
)
_PREFERENCE_AND_HOST = re.compile(
    r"(?:(?<![\w.])(\d{1,5})[\s,;)]+)?(?<![\w@.-])((?:[\w-]+\.)+[a-z][\w-]{1,62})\.?(?![\w@=-])(?(1)|(?:[\s,;(–-]*(?:\w+[\s:=]+)?(\d{1,5})(?![\w.]))?)",
    re.IGNORECASE,
)


def parse_line(line: str, heading_type: str, domain: str) -> Iterator[TableRow]:
    """The rows of one line. `heading_type` is the type that the heading above named, or ""."""
    text = line
    for arrow in ARROWS:
        text = text.replace(arrow, " ")
    type_match = _TYPE.search(text)
    evident_rows = not type_match and list(_self_evident_rows(text))
    if evident_rows:
        yield from evident_rows
        return
    kind = type_match[1] if type_match else heading_type
    if not type_match and is_about_name_servers(line):
        kind = "NS"
    yield from list(_rows_of_type(kind, text, domain) if kind else ()) or _self_evident_rows(text)


def is_about_name_servers(line: str) -> bool:
    folded = fold(line)
    return any(word in folded for word in NAME_SERVER_WORDS)


def only_host_names(line: str) -> tuple[str, ...]:
    """The host names of a line that has only them, numbers and punctuation; else ()."""
    without_hosts = _ADDRESS.sub(" ", _HOST.sub(" ", line))
    words = [
        w
        for w in re.findall(r"\w+", fold(without_hosts))
        if not w.isdigit() and w not in ("ns", "dns")
    ]
    if words and not all(re.fullmatch(r"(ns|dns|server|nameserver)\d?", w) for w in words):
        return ()
    return tuple(m[1] for m in _HOST.finditer(line))


def _rows_of_type(kind: str, text: str, domain: str) -> Iterator[TableRow]:
    zone_row = _zone_file_row(kind, text)
    if zone_row:
        yield zone_row
        return
    without_type = _TYPE.sub(" ", text)
    if kind in ("A", "AAAA"):
        yield from _address_rows(kind, without_type)
    elif kind == "CNAME":
        yield from _cname_rows(without_type)
    elif kind == "MX":
        yield from _mx_rows(without_type, domain)
    elif kind == "TXT":
        yield from _txt_rows(without_type)
    elif kind == "NS":
        name, servers = _split_owner(without_type, domain)
        yield from ({"type": "NS", "name": name, "value": m[1]} for m in _HOST.finditer(servers))
    elif kind == "SRV" and (match := _SRV.search(without_type)):
        yield {"type": "SRV", "name": match["name"], "value": match["value"]}
    elif kind == "CAA" and (match := _CAA.search(without_type)):
        yield {"type": "CAA", "name": _owner_name(without_type[: match.start()]), "value": match[0]}


def _zone_file_row(kind: str, text: str) -> TableRow:
    """The row of a zone-file line, also with the type first; {} when the line is none."""
    for pattern in (_ZONE, _TYPE_FIRST):
        match = pattern.match(text)
        if match is None or match["type"] != kind:
            continue
        name, value = match["name"], _without_comment(match["value"].strip())
        # "A record: 192.0.2.1" and "add A 192.0.2.1" name nobody
        is_word = fold(name).strip(":") in RECORD_WORDS or is_setting_word(name)
        # "our MX mx.new.net" names nobody either, "mail MX mx.new.net" does
        is_word = is_word or (kind == "MX" and _is_host(value) and not _owner_name(name))
        if (
            _is_value_of(kind, value)
            and not is_word
            and not (pattern is _TYPE_FIRST and _is_value_of(kind, name))
        ):
            return {"type": kind, "name": name, "value": value}
    return {}


def _without_comment(value: str) -> str:
    """The value without a trailing comment, TTL or button label."""
    first = value.split(maxsplit=1)[0]
    if is_address(first):
        return first
    if '"' in value:
        return re.sub(r'(?<=")\s*;[^"]*$', "", value)
    return value if "=" in value else re.sub(r"\s;.*$", "", value)


def _is_value_of(kind: str, value: str) -> bool:
    fields = value.split()
    if kind in ("A", "AAAA"):
        return is_address(value)
    if kind in ("CNAME", "NS"):
        return _is_host(value)
    if kind == "MX":
        return len(fields) <= 2 and all(f.isdecimal() for f in fields[:-1]) and _is_host(fields[-1])
    if kind == "TXT":
        return value.startswith('"') or bool(
            _SPF.match(value) or _TAGS.match(value) or _TOKEN.match(value)
        )
    if kind == "SRV":
        return len(fields) == 4 and all(f.isdecimal() for f in fields[:3])
    return bool(_CAA.fullmatch(value))


def _is_host(text: str) -> bool:
    return bool(_HOST.fullmatch(text)) or text == "@"


_WORDS = re.compile(r"[^\s,;|()\"'`“”„]+")
_COMMON_LABELS = ("www", "*", "mail", "autodiscover", "autoconfig", "ftp", "shop", "blog")
_AMBIGUOUS_APEX = ("-", "–", "none", "empty", "root")


def _owner_name(text: str) -> str:
    """The owner name in a piece of a sentence: "@", a label such as www, or a whole name; or ""."""
    for word in _WORDS.findall(text):
        label = str(word).strip(".:")
        if fold(label) in APEX_WORDS and fold(label) not in _AMBIGUOUS_APEX:
            return label
        if label.lower() in _COMMON_LABELS:
            return label
        if label.startswith("_") or _HOST.fullmatch(label) or re.search(r"\._domainkey$", label):
            return label
    return ""


def _address_rows(kind: str, text: str) -> Iterator[TableRow]:
    matches = [
        m for m in _ADDRESS.finditer(text) if is_address(m[1]) and (":" in m[1]) == (kind == "AAAA")
    ]
    if matches:
        remainder = text[: matches[0].start()] + " " + text[matches[-1].end() :]
        name = _owner_name(remainder)
        yield from ({"type": kind, "name": name, "value": m[1]} for m in matches)


def _cname_rows(text: str) -> Iterator[TableRow]:
    hosts = list(_HOST.finditer(text))
    if not hosts:
        return
    target = hosts[-1]
    name = _owner_name(text[: target.start()]) or _owner_name(text[target.end() :])
    if name:
        yield {"type": "CNAME", "name": name, "value": target[1]}


def _mx_rows(text: str, domain: str) -> Iterator[TableRow]:
    name, pairs = "@", list(_PREFERENCE_AND_HOST.finditer(text))
    if not all(m[1] or m[3] for m in pairs):
        name, servers = _split_owner(text, domain)
        pairs = list(_PREFERENCE_AND_HOST.finditer(servers))
    for pair in [m for m in pairs if m[1] or m[3]] or _last_list(pairs):
        yield {"type": "MX", "name": name, "value": pair[2], "priority": pair[1] or pair[3] or ""}


def _split_owner(text: str, domain: str) -> tuple[str, str]:
    """The owner of servers, and the text that names them: "MX of shop.cafe.example: mx.new.net".

    A name of the domain is one where the server beside it is elsewhere and not listed with it; else
    the owner is the domain itself.
    """
    hosts = list(_HOST.finditer(text))
    elsewhere = [not is_below(host[1], domain) for host in hosts]
    if elsewhere[:2] == [False, True] and not _words_between(hosts[0], hosts[1]) & AND_WORDS:
        return hosts[0][1], text[hosts[0].end() :]
    if elsewhere[-2:] == [True, False]:
        between = _words_between(hosts[-2], hosts[-1])
        if between and not between & AND_WORDS:
            return hosts[-1][1], text[: hosts[-1].start()]
    return "@", text


def _words_between(first: re.Match[str], second: re.Match[str]) -> set[str]:
    """The folded words and commas between two hosts or servers of a line."""
    between = fold(first.string[first.end() : second.start()])
    return set(between.replace(",", " , ").split())


def _last_list(pairs: list[re.Match[str]]) -> list[re.Match[str]]:
    """The last server and those listed just before it: "mx1.new.net and mx2.new.net"."""
    start = len(pairs) - 1
    while start > 0 and _are_listed(pairs[start - 1], pairs[start]):
        start -= 1
    return pairs[max(start, 0) :]


def _are_listed(first: re.Match[str], second: re.Match[str]) -> bool:
    """Whether two servers of one owner stand side by side. A domain and its server do not."""
    is_same_owner = first[2].lower().split(".")[-2:] == second[2].lower().split(".")[-2:]
    return is_same_owner and _words_between(first, second) <= AND_WORDS


def _txt_rows(text: str) -> Iterator[TableRow]:
    match = _SPF.search(text) or _TAGS.search(text) or _last_quoted(text) or _TOKEN.search(text)
    if match:
        value = match[1] if match.re is _QUOTED else match[0]
        name = _owner_name(text[: match.start()]) or _owner_name(text[match.end() :])
        yield {
            "type": "TXT",
            "name": name,
            "value": value.rstrip(".,") if match.re is _TOKEN else value,
        }


def _last_quoted(text: str) -> re.Match[str] | None:
    """The last quoted string: a quoted owner name may precede the value."""
    return next(reversed(list(_QUOTED.finditer(text))), None)


def _self_evident_rows(text: str) -> Iterator[TableRow]:
    """Rows of values that identify their own type: SPF, tag lists, verification tokens."""
    for match in (*_SPF.finditer(text), *_TAGS.finditer(text)):
        yield {"type": "TXT", "name": _owner_name(text[: match.start()]), "value": match[0]}
    for match in _TOKEN.finditer(text):
        if _VERIFICATION_TOKEN.search(match[0]):
            yield {
                "type": "TXT",
                "name": _owner_name(text[: match.start()]),
                "value": match[0].rstrip(".,"),
            }
