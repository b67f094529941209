"""`explain`: a pasted bounce or error from a file or standard input, to words or one JSON document."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import BinaryIO, TextIO

import msgspec

from explain import explain
from explain.document import document, who
from explain.identifiers import lift
from explain.model import Explanation, HeaderReading
from render.i18n import N_, translate
from render.languages import DEFAULT
from render.message_format import sentence

ANSWERED, NOT_RUN = 0, 2
MAX_INPUT = 5_000_000
CANNOT_READ = N_("{file} cannot be read: {why}.")
FOR = N_("For: {who}")
SAID_BY = N_("Said by: {server}")
FIXES = N_("Who can fix it: {who}")
ADDRESS_DEAD = N_("The address itself is wrong or gone; sending again does not help.")


def explain_file(
    file: str,
    *,
    as_json: bool,
    lang: str = DEFAULT,
    stdin: BinaryIO = sys.stdin.buffer,
    out: TextIO = sys.stdout,
    err: TextIO = sys.stderr,
) -> int:
    """Explain a file, or standard input when `file` is "" or "-". 0 answered, 2 cannot read."""
    try:
        data = _read(file, stdin)
    except OSError as error:
        why = error.strerror or str(error)
        print(sentence(lang, CANNOT_READ, {"file": file, "why": why}), file=err)
        return NOT_RUN
    items = explain(data)
    found = lift(data.decode("utf-8", "replace"))
    if as_json:
        print(msgspec.json.encode(document(items, lang, found)).decode(), file=out)
    else:
        print("\n\n".join("\n".join(_lines(item, lang)) for item in items), file=out)
    return ANSWERED


def _read(file: str, stdin: BinaryIO) -> bytes:
    if file in ("", "-"):
        return stdin.read(MAX_INPUT)
    with Path(file).open("rb") as opened:
        return opened.read(MAX_INPUT)


def _lines(item: Explanation, lang: str) -> list[str]:
    told = [translate(lang, item.title)]
    if item.recipient:
        told.append("  " + sentence(lang, FOR, {"who": item.recipient}))
    codes = " ".join(filter(None, (item.reply, item.status)))
    if codes:
        told.append("  " + codes)
    if item.remote:
        told.append("  " + sentence(lang, SAID_BY, {"server": item.remote}))
    told.append("  " + translate(lang, item.says))
    if item.permanent:
        told.append("  " + translate(lang, ADDRESS_DEAD))
    told.append("  " + translate(lang, item.next))
    told.append("  " + sentence(lang, FIXES, {"who": who(item, lang)}))
    if item.headers is not None:
        told.extend(_headers(item.headers, lang))
    return told


def _headers(seen: HeaderReading, lang: str) -> list[str]:
    proof = {"domain": seen.proof.domains, "author": seen.author_domain}
    told = ["  " + sentence(lang, seen.proof.says, proof)]
    told += [f"  {v.method}={v.result} {v.domain}".rstrip() for v in seen.verdicts]
    for hop in seen.hops:
        delay = f"+{int(hop.delay.total_seconds())} s" if hop.delay is not None else ""
        at = hop.at.isoformat() if hop.at else ""
        told.append("  " + " ".join(filter(None, (at, hop.server, delay))))
    return told
