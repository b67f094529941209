"""jasno.example.toml, written from the schema: every key with its words and its default or an example."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from settings.key_words import all_key_words

_HEADER = """\
# Jasno: every setting there is, with its default or an example behind "#".
# Copy to jasno.toml and keep what you need. Each key may also come from the environment, as
# JASNO_<SECTION>_<KEY>; secrets also as JASNO_…_FILE with the path of a file that holds them.
# Durations are numbers of seconds or "30s", "5m", "2h", "1d", "1w".

"""


def example(kinds: Mapping[str, str]) -> str:
    """The whole file; `kinds` are the words of wiring/kind_words.py."""
    return _HEADER + "\n".join(_lines(kinds)).lstrip("\n") + "\n"


def _lines(kinds: Mapping[str, str]) -> Iterator[str]:
    for entry in all_key_words(kinds):
        if not entry.key:
            yield ""
        yield from (f"# {line}" for line in entry.words)
        yield from entry.lines
