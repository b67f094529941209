"""From `[[template]]` to ready words for incidents; what does not fit is told."""

from __future__ import annotations

import re
from collections.abc import Iterable

from settings import SettingsError, schema
from settings.choices import one_of
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
    own = []
    for section in sections:
        where = f'[[template]] "{section.id}"'
        for lang in {*section.title, *section.text}:
            if lang not in languages:
                allowed = ", ".join(languages)
                raise SettingsError(
                    f'{where} speaks "{lang}", which is no language of the site. Allowed: {allowed}'
                )
        if not section.text:
            raise SettingsError(f"{where} has no text")
        for text in (*section.title.values(), *section.text.values()):
            for field in FIELD.findall(text):
                one_of(field, FIELDS, f"{where}: a field in its words")
        name = section.name or section.id
        own.append(IncidentTemplate(section.id, name, section.text, section.title, section.state))
    return IncidentTemplates(tuple(own), languages)
