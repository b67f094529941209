"""`app.py texts`: lists every text readers meet, by its id, as a file of the operator's own words would say it."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from commands.loading import load_rooms
from exit_status import FINE, PROBLEM
from render.i18n import PlacedText, counted_forms, translate
from render.languages import DEFAULT, NAMES
from render.overrides import KnownText, known_texts
from settings.toml_text import toml_value

Command = Callable[[str, object, str], argparse.ArgumentParser]


def options(command: Command) -> None:
    """Add the command."""
    listed = command(
        "texts", _texts, "list the texts readers meet, by id, ready to be put otherwise"
    )
    listed.add_argument("words", nargs="*", metavar="WORD", help="only texts with all of these")
    listed.add_argument("--lang", default=DEFAULT, choices=tuple(NAMES))


def _texts(args: argparse.Namespace) -> int:
    load_rooms(args)  # the operator's own words, checked
    entries = [_entry(text, args.lang) for text in known_texts().values()]
    search_words = [word.lower() for word in args.words]
    matching = [entry for entry in entries if all(word in entry.lower() for word in search_words)]
    print("\n".join(matching), end="")
    return FINE if matching else PROBLEM


def _entry(text: KnownText, lang: str) -> str:
    """One text as lines of TOML: what translators are told, its English, its id and its words."""
    is_placed = text.id != text.english[0]
    if len(text.english) > 1:
        words: str | list[str] = list(counted_forms(lang, *text.english))
    else:
        words = translate(lang, PlacedText(text.english[0], text.id if is_placed else ""))
    comments = [*text.comments, *(text.english[:1] if is_placed and lang != DEFAULT else ())]
    notes = "".join(f"# {line}\n" for comment in comments for line in comment.splitlines())
    return f"{notes}{toml_value(text.id)} = {toml_value(words)}\n"
