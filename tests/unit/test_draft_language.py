"""A language that is a draft is a whole one for those who use it: every door of a site in English and
German is walked, in a checkout of its own whose German is half translated."""

from __future__ import annotations

from render.languages import LANGUAGES, catalogue_of
from tests.adding_pages import run_commands

BEGUN = {
    "Outage: {parts:list}": "Ausfall: {parts:list}",
    "Trouble with {name}": "Störung bei {name}",
    "The recipient's mailbox is full": "Das Postfach ist voll",
    "Incident: {title}": "Störung: {title}",
}
HEADER = """msgid ""
msgstr ""
"Language: de\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"""


def test_every_door_speaks_a_draft(tree) -> None:
    assert "de" not in LANGUAGES
    german = catalogue_of(tree / "translations", "de")
    german.parent.mkdir(parents=True)
    entries = "".join(f'\nmsgid "{text}"\nmsgstr "{here}"\n' for text, here in BEGUN.items())
    german.write_text(HEADER + entries, "utf-8")
    run_commands("pytest -p no:cacheprovider tests/draft_site.py", tree)
