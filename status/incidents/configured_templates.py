"""From `[[template]]` to ready words for incidents; what does not fit is told."""

from __future__ import annotations

import re
from collections.abc import Iterable

from settings import SettingsError, schema
from settings.choices import Mistakes, all_checked, one_of
from status.incidents.templates import BUILT_IN, IncidentTemplate, IncidentTemplates

FIELD = re.compile(r"\{[^{}\s]*\}")
# What is filled in: what our own words name, and services without the words of a list.
FIELDS = frozenset(FIELD.findall("".join(t.text[""] + t.title.get("", "") for t in BUILT_IN))) | {
    "{parts}"
}


def configured_templates(
    sections: Iterable[schema.TemplateSection], languages: tuple[str, ...]
) -> IncidentTemplates:
    """Templates in the site's languages, the operator's own first. Raises SettingsError."""
    own = all_checked(lambda section: _configured_template(section, languages), sections)
    return IncidentTemplates(own, languages)


def _configured_template(
    section: schema.TemplateSection, languages: tuple[str, ...]
) -> IncidentTemplate:
    where, mistakes = f'[[template]] "{section.id}"', Mistakes()
    for key, texts in (("text", section.text), ("title", section.title)):
        for lang, text in texts.items():
            with mistakes:
                one_of(lang, languages, f"{where} {key}: its language")
            for field in FIELD.findall(text):
                with mistakes:
                    one_of(field, FIELDS, f"{where} {key}: a field in its words")
    with mistakes:
        if not section.text:
            raise SettingsError(f"{where} text has no words in any language")
    mistakes.refuse()
    name = section.name or section.id
    return IncidentTemplate(section.id, name, section.text, section.title, section.state)
