"""From `[[template]]` to ready words for incidents; what does not fit is told."""

from __future__ import annotations

from collections.abc import Iterable

from settings import SettingsError, schema
from status.incidents.templates import IncidentTemplate, IncidentTemplates


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
        name = section.name or section.id
        own.append(IncidentTemplate(section.id, name, section.text, section.title, section.state))
    return IncidentTemplates(tuple(own), languages)
