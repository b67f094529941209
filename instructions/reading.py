"""Parses a pasted text to the records it asks for. Never raises; at most MAX_RECORDS records."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from instructions import prose, removals, replacements, tables
from instructions.model import Instructions, WantedRecord
from instructions.owner_names import owner_name
from instructions.record_values import (
    UnreadableValue,
    has_placeholder,
    is_below,
    parse_ttl,
    parse_value,
    unquote_txt,
)
from instructions.tables import TableRow
from standards.urls import is_address

MAX_TEXT = 20_000
MAX_LINES = 1_000
MAX_LINE = 5_000
MAX_RECORDS = 60
_INVISIBLE = re.compile("[\u200b-\u200f\u2060-\u2064\ufeff\u00ad\u202a-\u202e\u2066-\u2069]")
_QUOTED = re.compile(r"^(?:>[ ]?)+", re.MULTILINE)
_CELL_END = re.compile(r"</t[dh]>\s*<t[dh][^>]*>", re.IGNORECASE)
_LINE_END = re.compile(r"<br\s*/?>|</(?:tr|p|div|li|h\d|pre|dt|dd)>", re.IGNORECASE)
_LINE_BREAK = re.compile(r"(?<!\s)\s*\n\s*")
_KEY_LINES = re.compile(
    r"\bp=[A-Za-z0-9+/]{40,}(?:[ ]*\n[ ]*[A-Za-z0-9+/]{24,}={0,2}(?![^\s\";]))+"
)
_TAG = re.compile(
    r"</?(?=[a-z])(?:table|thead|tbody|tr|t[dhr]|p|div|span|li|[uo]l|b|i|strong|em|code|pre|h\d|a|br|dl|dt|dd|html|body)\b[^<>]{0,300}>",
    re.IGNORECASE,
)


def parse_instructions(text: str, domain: str) -> Instructions:
    """Parse instructions for a domain (lower-case A-labels)."""
    records: dict[tuple[str, str, str], WantedRecord] = {}
    for record in (
        record
        for row in _rows(list(_wanted_lines(text, domain)), domain)
        for record in _records_of_row(row, domain)
    ):
        records.setdefault((record.name, record.type, record.value), record)
        if len(records) >= MAX_RECORDS:
            break
    return _sort_by_domain(tuple(records.values()), domain)


def _wanted_lines(text: str, domain: str) -> Iterator[str]:
    for line in removals.without_removals(text_lines(text)):
        yield replacements.without_old_values(line, domain)


def _sort_by_domain(wanted_records: tuple[WantedRecord, ...], domain: str) -> Instructions:
    unfilled_records = tuple(w for w in wanted_records if has_placeholder(w.value))
    ready = tuple(w for w in wanted_records if not has_placeholder(w.value))
    return Instructions(
        tuple(w for w in ready if is_below(w.name, domain)),
        tuple(w for w in ready if not is_below(w.name, domain)),
        unfilled_records,
    )


def text_lines(text: str) -> list[str]:
    """The text as lines, without HTML markup, quote marks and invisible characters."""
    text = _INVISIBLE.sub("", text[:MAX_TEXT]).replace("\u00a0", " ").replace("\r", "\n")
    if "<t" in text.lower() or "<br" in text.lower() or "</p" in text.lower():
        text = _LINE_END.sub("\n", _CELL_END.sub("\t", text))
        text = html.unescape(_TAG.sub("", text))
    text = _QUOTED.sub("", text)
    return [line[:MAX_LINE].rstrip() for line in _join_continuations(text).split("\n")[:MAX_LINES]]


def _join_continuations(text: str) -> str:
    """Join zone-file parentheses and keys that span lines (RFC 1035, 5.1)."""
    text = _KEY_LINES.sub(lambda m: _LINE_BREAK.sub("", m[0]), text)
    return re.sub(r"\(\s*((?:\"[^\"\n]*\"\s*)+)\)", lambda m: _LINE_BREAK.sub(" ", m[1]), text)


def _rows(all_lines: list[str], domain: str) -> Iterator[TableRow]:
    reader = tables.TableReader()
    under_name_servers = False  # under "change your name servers to"
    lone_word = ""  # a word alone on the line before: the name of what follows
    for row in reader.rows(all_lines):
        if isinstance(row, dict):
            under_name_servers, lone_word = False, ""
            yield row
            continue
        rows = list(
            _rows_of_line(
                f"{lone_word} {row}" if lone_word else row,
                reader.heading_type,
                domain,
                under_name_servers=under_name_servers,
            )
        )
        under_name_servers = under_name_servers or prose.is_about_name_servers(row)
        lone_word = row.strip() if not rows and len(row.split()) == 1 else ""
        yield from rows


def _rows_of_line(
    line: str, heading_type: str, domain: str, *, under_name_servers: bool
) -> Iterator[TableRow]:
    names = prose.only_host_names(line) if under_name_servers else ()
    if names:
        yield from ({"type": "NS", "name": "@", "value": name} for name in names)
    else:
        yield from prose.parse_line(line, heading_type, domain)


def _records_of_row(row: TableRow, domain: str) -> Iterator[WantedRecord]:
    kind = tables.type_of(row.get("type", "")) or _guess_type(row)
    try:
        name = _record_name(kind, row, domain)
        yield WantedRecord(
            name, kind, _record_value(kind, row, domain), parse_ttl(row.get("ttl", ""))
        )
    except UnreadableValue:
        return


def _guess_type(row: TableRow) -> str:
    """The type of a row without one, from its value; "" when unknown."""
    text = unquote_txt(row.get("value", ""))
    if is_address(text):
        return "AAAA" if ":" in text else "A"
    if re.match(r"v=\w+|[\w.-]+=[^\s=]{4,}\Z", text, re.IGNORECASE):
        return "TXT"
    if row.get("service") and row.get("port"):
        return "SRV"
    # Microsoft's keys come as "Host name: selector1._domainkey, points to …"
    return "CNAME" if "._domainkey" in row.get("name", "").lower() and "." in text else ""


def _record_name(kind: str, row: TableRow, domain: str) -> str:
    name_cell = row.get("name", "")
    if kind == "SRV" and row.get("service"):
        service = f"_{row['service'].strip('_. ').lower()}"
        protocol = f"_{row.get('protocol', 'tcp').strip('_. ').lower()}"
        base = owner_name(name_cell, domain) if not name_cell.strip().startswith("_") else domain
        return f"{service}.{protocol}.{base}"
    if kind == "TXT" and not name_cell.strip():
        text = unquote_txt(row.get("value", "")).lower()
        if text.startswith(("v=dkim1", "k=rsa", "k=ed25519")):
            raise UnreadableValue
        special = {"v=dmarc1": "_dmarc", "v=stsv1": "_mta-sts", "v=tlsrptv1": "_smtp._tls"}
        name_cell = next((name for mark, name in special.items() if text.startswith(mark)), "")
    if kind == "CNAME" and not name_cell.strip():
        raise UnreadableValue
    return owner_name(name_cell, domain)


def _record_value(kind: str, row: TableRow, domain: str) -> str:
    text = row.get("value", "")
    if kind == "SRV" and len(text.split()) == 1:
        parts = (row.get("priority") or "0", row.get("weight") or "0", row.get("port") or "0", text)
        return parse_value(kind, " ".join(p.strip() for p in parts), domain)
    if kind == "SRV" and len(text.split()) == 3 and row.get("priority"):
        return parse_value(kind, f"{row['priority'].strip()} {text}", domain)
    return parse_value(kind, text, domain, row.get("priority", ""))
