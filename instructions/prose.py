"""Records in plain lines and sentences: zone files, "CNAME www shops.builder.example", prose. Pure.

Careful on purpose: a line whose value does not look like one of its type says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from instructions.record_values import TYPES, is_address
from instructions.removals import is_setting
from instructions.tables import Row
from instructions.vocabulary import APEX, ARROWS, NAME_SERVERS, RECORD
from kb.folding import fold

_WORD = r"[^\s,;|()<>\"'`“”„]+"
_TYPE = re.compile(rf"(?<![\w.-])(?:({'|'.join(sorted(TYPES, key=len, reverse=True))}))(?![\w.=])")
_HOST = re.compile(r"(?<![\w@.=/-])((?:[\w*-]+\.)+[a-z][\w-]{1,62})\.?(?![\w=@-])", re.IGNORECASE)
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
_PROOF = re.compile(
    r"(?:verif|^ms=|^apple-domain|^atlassian|^docusign|^stripe|^zoho|^_?globalsign|^h1-domain|^zb\d)",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"[\"“„]([^\"“”„]{4,4000})[\"”“]")
_ZONE = re.compile(
    rf"^\s*(?P<name>{_WORD})\s+(?:(?P<ttl>\d+[smhdw]?)\s+)?(?:IN\s+)?(?:\d+[smhdw]?\s+)?"
    rf"(?P<type>{'|'.join(sorted(TYPES, key=len, reverse=True))})\s+(?P<value>\S.*)$"
)
_FIRST = re.compile(
    rf"^\W*(?P<type>{'|'.join(sorted(TYPES, key=len, reverse=True))})\W\s*(?P<name>{_WORD})\s+(?P<value>\S.*)$"
)
_SRV = re.compile(
    r"(?P<name>_[\w-]+\._[\w-]+[\w.@-]*)\s.*?(?P<value>\d{1,5}\s+\d{1,5}\s+\d{1,5}\s+[\w.-]+)",
    re.IGNORECASE,
)
_CAA = re.compile(
    r"\d{1,3}\s+(?:issue|issuewild|iodef|issuemail)\s+\"?[^\"\s]+(?:[^\"]*)\"?", re.IGNORECASE
)
_PAIR = re.compile(
    r"(?:(?<![\w.])(\d{1,5})[\s,;)]+)?(?<![\w@.-])((?:[\w-]+\.)+[a-z][\w-]{1,62})\.?(?![\w@=-])(?:[\s,;(–-]*(?:\w+[\s:=]+)?(\d{1,5})(?![\w.]))?",
    re.IGNORECASE,
)


def read(line: str, under: str) -> Iterator[Row]:
    """The records of one line. `under` is the type that the heading above named, or ""."""
    text = line
    for arrow in ARROWS:
        text = text.replace(arrow, " ")
    found = _TYPE.search(text)
    evident = not found and list(_evident(text))
    if evident:
        yield from evident
        return
    kind = found[1] if found else under
    if not found and is_about_name_servers(line):
        kind = "NS"
    yield from list(_by_type(kind, text) if kind else ()) or _evident(text)


def is_about_name_servers(line: str) -> bool:
    folded = fold(line)
    return any(word in folded for word in NAME_SERVERS)


def names_only(line: str) -> tuple[str, ...]:
    """Host names of a line that holds nothing else but numbers and marks; else ()."""
    rest = _ADDRESS.sub(" ", _HOST.sub(" ", line))
    bare = [w for w in re.findall(r"\w+", fold(rest)) if not w.isdigit() and w not in ("ns", "dns")]
    if bare and not all(re.fullmatch(r"(ns|dns|server|nameserver)\d?", w) for w in bare):
        return ()
    return tuple(m[1] for m in _HOST.finditer(line))


def _by_type(kind: str, text: str) -> Iterator[Row]:
    strict = _strict(kind, text)
    if strict:
        yield strict
        return
    rest = _TYPE.sub(" ", text)
    if kind in ("A", "AAAA"):
        yield from _addresses(kind, rest)
    elif kind == "CNAME":
        yield from _alias(rest)
    elif kind == "MX":
        yield from _exchanges(rest)
    elif kind == "TXT":
        yield from _texts(rest)
    elif kind == "NS":
        yield from ({"type": "NS", "name": "@", "value": m[1]} for m in _HOST.finditer(rest))
    elif kind == "SRV" and (found := _SRV.search(rest)):
        yield {"type": "SRV", "name": found["name"], "value": found["value"]}
    elif kind == "CAA" and (found := _CAA.search(rest)):
        yield {"type": "CAA", "name": _owner(rest[: found.start()]), "value": found[0]}


def _strict(kind: str, text: str) -> Row:
    """A zone-file line, or the same with the type first: nothing but a record stands in it."""
    for form in (_ZONE, _FIRST):
        found = form.match(text)
        if found is None or found["type"] != kind:
            continue
        name, value = found["name"], found["value"].strip()
        # "A record: 192.0.2.1" and "add A 192.0.2.1" name nobody
        said = fold(name).strip(":") in RECORD or is_setting(name)
        if _fits(kind, value) and not said and not (form is _FIRST and _fits(kind, name)):
            return {"type": kind, "name": name, "value": _uncommented(value)}
    return {}


def _uncommented(value: str) -> str:
    """Without what stands behind the value: a zone file's comment, a table's lifetime and buttons."""
    first = value.split(maxsplit=1)[0]
    if is_address(first):
        return first
    return re.sub(r"\s;.*$", "", value) if '"' not in value and "=" not in value else value


def _fits(kind: str, value: str) -> bool:
    fields = value.split()
    if kind in ("A", "AAAA"):
        return len(fields) >= 1 and is_address(fields[0])
    if kind in ("CNAME", "NS"):
        return _whole_host(fields[0]) and (len(fields) == 1 or fields[1].startswith(";"))
    if kind == "MX":
        return len(fields) == 2 and fields[0].isdigit() and _whole_host(fields[1])
    if kind == "TXT":
        return value.startswith('"') or bool(
            _SPF.match(value) or _TAGS.match(value) or _TOKEN.match(value)
        )
    if kind == "SRV":
        return len(fields) == 4 and all(f.isdigit() for f in fields[:3])
    return bool(_CAA.fullmatch(value))


def _whole_host(text: str) -> bool:
    return bool(_HOST.fullmatch(text)) or text == "@"


_WORDS = re.compile(r"[^\s,;|()\"'`“”„]+")
_LABELS = ("www", "*", "mail", "autodiscover", "autoconfig", "ftp", "shop", "blog")
_UNSAID = ("-", "–", "none", "empty", "root")


def _owner(text: str) -> str:
    """The name that a piece of a sentence speaks of: "@", a label such as www, or a whole name."""
    for word in _WORDS.findall(text):
        bare = str(word).strip(".:")
        if fold(bare) in APEX and fold(bare) not in _UNSAID:
            return bare
        if bare.lower() in _LABELS:
            return bare
        if bare.startswith("_") or _HOST.fullmatch(bare) or re.search(r"\._domainkey$", bare):
            return bare
    return ""


def _addresses(kind: str, text: str) -> Iterator[Row]:
    found = [
        m for m in _ADDRESS.finditer(text) if is_address(m[1]) and (":" in m[1]) == (kind == "AAAA")
    ]
    if found:
        rest = text[: found[0].start()] + " " + text[found[-1].end() :]
        name = _owner(rest)
        yield from ({"type": kind, "name": name, "value": m[1]} for m in found)


def _alias(text: str) -> Iterator[Row]:
    hosts = list(_HOST.finditer(text))
    if not hosts:
        return
    target = hosts[-1]
    name = _owner(text[: target.start()]) or _owner(text[target.end() :])
    if name:
        yield {"type": "CNAME", "name": name, "value": target[1]}


def _exchanges(text: str) -> Iterator[Row]:
    pairs = list(_PAIR.finditer(text))
    wanted = [m for m in pairs if m[1] or m[3]] or pairs[-1:]
    for found in wanted:
        yield {"type": "MX", "name": "@", "value": found[2], "priority": found[1] or found[3] or ""}


def _texts(text: str) -> Iterator[Row]:
    found = _SPF.search(text) or _TAGS.search(text) or _last_quoted(text) or _TOKEN.search(text)
    if found:
        value = found[1] if found.re is _QUOTED else found[0]
        name = _owner(text[: found.start()]) or _owner(text[found.end() :])
        yield {
            "type": "TXT",
            "name": name,
            "value": value.rstrip(".,") if found.re is _TOKEN else value,
        }


def _last_quoted(text: str) -> re.Match[str] | None:
    """A name in quotes stands before the value: host "_acme" and value "abc"."""
    return next(reversed(list(_QUOTED.finditer(text))), None)


def _evident(text: str) -> Iterator[Row]:
    """Values that say by themselves what they are."""
    for found in (*_SPF.finditer(text), *_TAGS.finditer(text)):
        yield {"type": "TXT", "name": _owner(text[: found.start()]), "value": found[0]}
    for found in _TOKEN.finditer(text):
        if _PROOF.search(found[0]):
            yield {
                "type": "TXT",
                "name": _owner(text[: found.start()]),
                "value": found[0].rstrip(".,"),
            }
