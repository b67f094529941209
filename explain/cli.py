"""The `explain` command: a bounce or error from a file or standard input, as text or JSON."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import BinaryIO, TextIO

import msgspec

from explain import explain
from explain.document import document, owner_in_words
from explain.identifiers import extract_identifiers
from explain.model import Explanation, HeaderReading
from render.i18n import N_, translate
from render.languages import DEFAULT
from render.message_format import sentence

EXIT_OK, EXIT_UNREADABLE = 0, 2
MAX_INPUT = 5_000_000
CANNOT_READ = N_("{file} cannot be read: {why}.")
RECIPIENT_LINE = N_("For: {who}")
SERVER_LINE = N_("Said by: {server}")
OWNER_LINE = N_("Who can fix it: {who}")
ADDRESS_IS_PERMANENTLY_WRONG = N_(
    "The address itself is wrong or gone; sending again does not help."
)


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
        reason = error.strerror or str(error)
        print(sentence(lang, CANNOT_READ, {"file": file, "why": reason}), file=err)
        return EXIT_UNREADABLE
    items = explain(data)
    identifiers = extract_identifiers(data.decode(errors="replace"))
    if as_json:
        print(msgspec.json.encode(document(items, lang, identifiers)).decode(), file=out)
    else:
        print("\n\n".join("\n".join(_item_lines(item, lang)) for item in items), file=out)
    return EXIT_OK


def _read(file: str, stdin: BinaryIO) -> bytes:
    if file in ("", "-"):
        return stdin.read(MAX_INPUT)
    with Path(file).open("rb") as stream:
        return stream.read(MAX_INPUT)


def _item_lines(item: Explanation, lang: str) -> list[str]:
    lines = [translate(lang, item.title)]
    if item.recipient:
        lines.append("  " + sentence(lang, RECIPIENT_LINE, {"who": item.recipient}))
    codes = " ".join(filter(None, (item.reply, item.status)))
    if codes:
        lines.append("  " + codes)
    if item.remote:
        lines.append("  " + sentence(lang, SERVER_LINE, {"server": item.remote}))
    lines.append("  " + translate(lang, item.says))
    if item.permanent:
        lines.append("  " + translate(lang, ADDRESS_IS_PERMANENTLY_WRONG))
    lines.append("  " + translate(lang, item.next))
    lines.append("  " + sentence(lang, OWNER_LINE, {"who": owner_in_words(item, lang)}))
    if item.headers is not None:
        lines.extend(_header_lines(item.headers, lang))
    return lines


def _header_lines(headers: HeaderReading, lang: str) -> list[str]:
    proof = {"domain": headers.proof.domains, "author": headers.author_domain}
    lines = ["  " + sentence(lang, headers.proof.says, proof)]
    lines += [f"  {v.method}={v.result} {v.domain}".rstrip() for v in headers.verdicts]
    for hop in headers.hops:
        delay = f"+{int(hop.delay.total_seconds())} s" if hop.delay is not None else ""
        arrived = hop.at.isoformat() if hop.at else ""
        lines.append("  " + " ".join(filter(None, (arrived, hop.server, delay))))
    return lines
