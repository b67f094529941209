"""Catalogues of translations: read, merged with the texts of the code, judged, written."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po, unescape, write_po

from render.languages import locale_of
from render.message_fields import filled_alike

FOLDER = Path(__file__).resolve().parent
_SMALL_MARKS = re.compile(r"[,;‘’“”\"'()–—-]")  # that change no meaning
_FORMER = re.compile(r'(msgid(?:_plural)?)|("(?:[^"\\]|\\.)*")')
ALIKE = 0.75  # how much of two texts must agree to be called the same one reworded


def catalogues() -> Iterator[tuple[str, Path]]:
    """Every language that has a catalogue."""
    for path in sorted(FOLDER.glob("*/LC_MESSAGES/messages.po")):
        yield path.parent.parent.name, path


def load(lang: str, path: Path) -> Catalog:
    """A catalogue with the former English of reworded texts, which Babel reads as remarks."""
    with path.open("rb") as source:
        catalog = read_po(source, locale=locale_of(lang))
    for message in catalog:
        former = [line.lstrip("| ") for line in message.user_comments if line.startswith("|")]
        message.previous_id = _former_texts(former) if message.fuzzy else []
        message.user_comments = [x for x in message.user_comments if not x.startswith("|")]
    return catalog


def _former_texts(lines: Iterable[str]) -> list[str]:
    """What stands behind msgid and msgid_plural; Babel breaks their lines at blanks."""
    former: list[str] = []
    for keyword, quoted in _FORMER.findall(" ".join(lines)):
        if keyword:
            former.append("")
        elif former:
            former[-1] += unescape(quoted)
    return former


def texts(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def translations(message: Message) -> tuple[str, ...]:
    """The translation in all its forms; an untranslated one has a single empty form."""
    string = message.string or ""
    return (string,) if isinstance(string, str) else tuple(string)


def merged(template: Catalog, old: Catalog) -> Catalog:
    """What is wanted, with the translations of old.

    A text keeps its translation; the same text in a new place takes the one it has elsewhere. A
    reworded one takes over that of its place (or, without one, of the text most like it), marked
    fuzzy with the former English beside it; one of which only commas, dashes, quotation marks,
    blanks or capitals were mended keeps its translation as it is.
    """
    result = Catalog(locale=old.locale, header_comment=old.header_comment, fuzzy=False)
    result.mime_headers = old.mime_headers
    entries = [m for m in old if m.id and all(translations(m))]
    elsewhere = {m.id: m for m in reversed(entries) if not m.fuzzy}
    gone = [
        m for m in entries if template.get(m.id, m.context) is None and m.id not in _ids(template)
    ]
    by_place = {m.context: m for m in gone if m.context}
    for message in template:
        if not message.id:
            continue
        translated = old.get(message.id, message.context)
        if translated is None or not all(translations(translated)):
            translated = elsewhere.get(message.id)
        former = None
        if translated is None:
            former = by_place.get(message.context) if message.context else _alike(message, gone)
            if former is not None and _says_the_same(message, former):
                translated, former = former, None
        _add(result, message, translated, former)
    return result


def _ids(catalog: Catalog) -> set[object]:
    return {m.id for m in catalog}


def _add(to: Catalog, message: Message, translated: Message | None, former: Message | None) -> None:
    source = translated or former
    to.add(
        message.id,
        source.string if source else "",
        locations=message.locations,
        flags={"fuzzy"} if former or (translated is not None and translated.fuzzy) else set(),
        auto_comments=message.auto_comments,
        user_comments=source.user_comments if source else (),
        previous_id=former.id if former else translated.previous_id if translated else (),
        context=message.context,
    )


def _alike(message: Message, gone: Iterable[Message]) -> Message | None:
    """The text without a place that is most like this one, if it is like enough."""
    english = texts(message)[0]
    best, share = None, ALIKE
    for other in gone:
        if other.context or len(texts(other)) != len(texts(message)):
            continue
        matcher = SequenceMatcher(None, texts(other)[0], english)
        if matcher.real_quick_ratio() >= share and matcher.quick_ratio() >= share:
            ratio = matcher.ratio()
            best, share = (other, ratio) if ratio >= share else (best, share)
    return best


def _says_the_same(message: Message, other: Message) -> bool:
    """Whether two texts have the same words and the same ends of sentences."""
    return list(map(_words_of, texts(message))) == list(map(_words_of, texts(other)))


def _words_of(text: str) -> str:
    return " ".join(_SMALL_MARKS.sub(" ", text).casefold().split())


def amiss(template: Catalog, catalog: Catalog) -> Iterator[str]:
    """What keeps a catalogue from being complete, a sentence each."""
    for message in template:
        if not message.id:
            continue
        have = catalog.get(message.id, message.context)
        first = texts(message)[0]
        if have is None or not all(translations(have)):
            yield f"not translated: {first!r}"
        elif have.fuzzy:
            yield f"fuzzy: {first!r}"
        elif not filled_alike(texts(message)[-1], translations(have)):
            yield f"other fields in braces: {first!r}"
        elif len(texts(message)) > 1 and len(translations(have)) != catalog.num_plurals:
            yield f"needs {catalog.num_plurals} plural forms: {first!r}"
    for message in catalog:
        if message.id and template.get(message.id, message.context) is None:
            yield f"no longer used: {texts(message)[0]!r}"


def write(catalog: Catalog, path: Path) -> None:
    """A catalogue without dates and line numbers, so that only texts make a difference."""
    out = io.BytesIO()
    write_po(
        out, catalog, width=100, include_lineno=False, ignore_obsolete=True, include_previous=True
    )
    lines = out.getvalue().decode("utf-8").splitlines()
    dated = (
        '"POT-Creation-Date',
        '"Report-Msgid',
        '"PO-Revision-Date',
        '"Generated-By',
        '"Last-Translator',
        '"Language-Team',
    )
    undated = [line for line in lines if not line.startswith(dated)]
    path.write_text("\n".join(undated).rstrip() + "\n", encoding="utf-8")
