"""A pasted text to the records it asks for. Pure, never raises, bounded by MAX_TEXT and MAX_RECORDS."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from instructions import prose, removals, tables
from instructions.model import Instructions, WantedRecord
from instructions.record_values import (
    Unreadable,
    is_address,
    owner_name,
    seconds,
    unfilled,
    unquoted,
    value,
)
from instructions.tables import Row

MAX_TEXT = 20_000
MAX_LINES = 1_000
MAX_LINE = 5_000
MAX_RECORDS = 60
_INVISIBLE = re.compile("[\u200b-\u200f\u2060-\u2064\ufeff\u00ad\u202a-\u202e\u2066-\u2069]")
_QUOTED = re.compile(r"^(?:>[ ]?)+", re.MULTILINE)
_CELL_END = re.compile(r"</t[dh]>\s*<t[dh][^>]*>", re.IGNORECASE)
_LINE_END = re.compile(r"<br\s*/?>|</(?:tr|p|div|li|h\d|pre|dt|dd)>", re.IGNORECASE)
_KEY_LINES = re.compile(
    r"\bp=[A-Za-z0-9+/]{40,}(?:[ ]*\n[ ]*[A-Za-z0-9+/]{24,}={0,2}(?![^\s\";]))+"
)
_TAG = re.compile(
    r"</?(?:table|thead|tbody|tr|t[dhr]|p|div|span|li|[uo]l|b|i|strong|em|code|pre|h\d|a|br|dl|dt|dd|html|body)\b[^<>]{0,300}>",
    re.IGNORECASE,
)


def read(text: str, domain: str) -> Instructions:
    """What the text wants set for `domain` (lower-case A-labels)."""
    found: dict[tuple[str, str, str], WantedRecord] = {}
    for wanted in (
        w for row in _rows(list(removals.without(lines(text)))) for w in _wanted(row, domain)
    ):
        found.setdefault((wanted.name, wanted.type, wanted.value), wanted)
        if len(found) >= MAX_RECORDS:
            break
    return _sorted(tuple(found.values()), domain)


def _sorted(found: tuple[WantedRecord, ...], domain: str) -> Instructions:
    def ours(wanted: WantedRecord) -> bool:
        return wanted.name == domain or wanted.name.endswith(f".{domain}")

    open_ = tuple(w for w in found if unfilled(w.value))
    ready = tuple(w for w in found if not unfilled(w.value))
    return Instructions(
        tuple(w for w in ready if ours(w)), tuple(w for w in ready if not ours(w)), open_
    )


def lines(text: str) -> list[str]:
    """The text as lines: markup of a pasted page taken off, invisible characters gone."""
    text = _INVISIBLE.sub("", text[:MAX_TEXT]).replace("\u00a0", " ").replace("\r", "\n")
    if "<t" in text.lower() or "<br" in text.lower() or "</p" in text.lower():
        text = _LINE_END.sub("\n", _CELL_END.sub("\t", text))
        text = html.unescape(_TAG.sub("", text))
    text = _QUOTED.sub("", text)
    return [line[:MAX_LINE].rstrip() for line in _joined(text).split("\n")[:MAX_LINES]]


def _joined(text: str) -> str:
    """Zone-file parentheses and long keys broken over lines, as one line (RFC 1035, 5.1)."""
    text = _KEY_LINES.sub(lambda m: re.sub(r"\s*\n\s*", "", m[0]), text)
    return re.sub(r"\(\s*((?:\"[^\"\n]*\"\s*)+)\)", lambda m: re.sub(r"\s*\n\s*", " ", m[1]), text)


def _rows(all_lines: list[str]) -> Iterator[Row]:
    reader = tables.TableReader()
    servers = False  # under "change your name servers to"
    alone = ""  # a word alone on the line before: the name of what follows
    for row in reader.rows(all_lines):
        if isinstance(row, dict):
            servers, alone = False, ""
            yield row
            continue
        found = list(_free(f"{alone} {row}" if alone else row, reader.under, servers=servers))
        servers = servers or prose.is_about_name_servers(row)
        alone = row.strip() if not found and len(row.split()) == 1 else ""
        yield from found


def _free(line: str, under: str, *, servers: bool) -> Iterator[Row]:
    names = prose.names_only(line) if servers else ()
    if names:
        yield from ({"type": "NS", "name": "@", "value": name} for name in names)
    else:
        yield from prose.read(line, under)


def _wanted(row: Row, domain: str) -> Iterator[WantedRecord]:
    kind = tables.type_of(row.get("type", "")) or _guessed(row)
    try:
        name = _name(kind, row, domain)
        yield WantedRecord(name, kind, _value(kind, row, domain), seconds(row.get("ttl", "")))
    except Unreadable:
        return


def _guessed(row: Row) -> str:
    """The type of a row that comes without one."""
    text = unquoted(row.get("value", ""))
    if is_address(text):
        return "AAAA" if ":" in text else "A"
    if re.match(r"v=\w+|[\w.-]+=[^\s=]{4,}\Z", text, re.IGNORECASE):
        return "TXT"
    if row.get("service") and row.get("port"):
        return "SRV"
    # Microsoft's keys come as "Host name: selector1._domainkey, points to …"
    return "CNAME" if "._domainkey" in row.get("name", "").lower() and "." in text else ""


def _name(kind: str, row: Row, domain: str) -> str:
    typed = row.get("name", "")
    if kind == "SRV" and row.get("service"):
        service = f"_{row['service'].strip('_. ').lower()}"
        protocol = f"_{row.get('protocol', 'tcp').strip('_. ').lower()}"
        base = owner_name(typed, domain) if not typed.strip().startswith("_") else domain
        return f"{service}.{protocol}.{base}"
    if kind == "TXT" and not typed.strip():
        text = unquoted(row.get("value", "")).lower()
        if text.startswith(("v=dkim1", "k=rsa", "k=ed25519")):
            raise Unreadable("a key without its selector")
        special = {"v=dmarc1": "_dmarc", "v=stsv1": "_mta-sts", "v=tlsrptv1": "_smtp._tls"}
        typed = next((name for mark, name in special.items() if text.startswith(mark)), "")
    if kind == "CNAME" and not typed.strip():
        raise Unreadable("an alias without its name")
    return owner_name(typed, domain)


def _value(kind: str, row: Row, domain: str) -> str:
    text = row.get("value", "")
    if kind == "SRV" and len(text.split()) == 1:
        parts = (row.get("priority") or "0", row.get("weight") or "0", row.get("port") or "0", text)
        return value(kind, " ".join(p.strip() for p in parts), domain)
    if kind == "SRV" and len(text.split()) == 3 and row.get("priority"):
        return value(kind, f"{row['priority'].strip()} {text}", domain)
    return value(kind, text, domain, row.get("priority", ""))
