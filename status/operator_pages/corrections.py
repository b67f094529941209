"""Operator pages under /ops for corrections of published texts. Knows flask."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from status.incidents.corrections import Wording, entry_of
from status.incidents.forms import SubmittedForm
from status.incidents.incident_editing import IncidentEditor
from status.incidents.validation import NotFound, RuleViolation
from status.operator_pages.web import ops_page, require_operator, submitted_form
from status.state.statements import is_visible
from web.forms.csrf import SAFE
from web.problems import not_found

Texts = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class PublishedWords:
    """What stands there now; None where there is nothing of this kind to put right."""

    title: Texts | None
    text: Texts | None
    version: int
    back: str  # the page that it was reached from
    recurs: bool = False
    is_visible: bool = True  # to readers already


@dataclass(frozen=True, slots=True)
class CorrectionPages:
    """One form for the words of incidents, planned work and announcements."""

    incidents: IncidentEditor

    def incident(self, id: str, entry: str = "") -> AnyResponse:
        """GET and POST /ops/incidents/<id>/correct and …/updates/<entry>/correct."""
        by = require_operator()
        return self._page(
            lambda: self._incident_words(id, entry),
            lambda wording, seen: self.incidents.correct(
                id, wording, by, entry=entry, version=seen
            ),
        )

    def maintenance(self, id: str, entry: str = "") -> AnyResponse:
        """GET and POST /ops/maintenance/<id>/correct and …/updates/<entry>/correct."""
        by = require_operator()
        return self._page(
            lambda: self._maintenance_words(id, entry),
            lambda wording, seen: self.incidents.correct_maintenance(
                id, wording, by, entry=entry, version=seen
            ),
        )

    def announcement(self, id: str) -> AnyResponse:
        """GET and POST /ops/announcements/<id>/correct."""
        by = require_operator()
        return self._page(
            lambda: self._announcement_words(id),
            lambda wording, seen: self.incidents.correct_announcement(
                id, wording, by, version=seen
            ),
        )

    def _incident_words(self, id: str, entry: str) -> PublishedWords:
        incident, back = self.incidents.get(id), f"/ops/incidents/{id}"
        title = None if entry else incident.title
        text = entry_of(incident.updates, entry).text if entry else None
        is_public = is_visible(incident, self.incidents.now())
        return PublishedWords(title, text, incident.version, back, is_visible=is_public)

    def _maintenance_words(self, id: str, entry: str) -> PublishedWords:
        work, back = self.incidents.get_maintenance(id), f"/ops/maintenance/{id}"
        if entry:
            return PublishedWords(
                None, entry_of(work.notes.get(id, ()), entry).text, work.version, back
            )
        recurs = bool(work.rrule or work.series)
        return PublishedWords(work.title, work.text, work.version, back, recurs)

    def _announcement_words(self, id: str) -> PublishedWords:
        news = next((a for a in self.incidents.announcements() if a.id == id), None)
        if news is None:
            raise NotFound(id)
        is_public = news.starts_at <= self.incidents.now()
        return PublishedWords(
            news.title, news.text, news.version, "/ops/announcements", is_visible=is_public
        )

    def _page(
        self, read: Callable[[], PublishedWords], save: Callable[[Wording, int | None], object]
    ) -> AnyResponse:
        try:
            words, form = read(), submitted_form()
            if request.method in SAFE:
                return _form_page(words, _filled(form, words), {})
            wording = Wording(
                None if words.title is None else form.title,
                None if words.text is None else form.text,
            )
            save(wording, form.version)
        except NotFound:
            raise not_found() from None
        except RuleViolation as refused:
            return _form_page(read(), form, dict(refused.fields), 422)
        return redirect(f"{words.back}?corrected=yes", 303)


def _filled(form: SubmittedForm, words: PublishedWords) -> SubmittedForm:
    """The form with the words that stand there."""
    title, text = words.title or {}, words.text or {}
    return replace(
        form,
        title={lang: title.get(lang, "") for lang in form.title},
        text={lang: text.get(lang, "") for lang in form.text},
    )


def _form_page(
    words: PublishedWords, form: SubmittedForm, errors: dict[str, str], status: int = 200
) -> AnyResponse:
    return ops_page(
        "status/operator_pages/correct.html", status, published=words, form=form, errors=errors
    )


def blueprint(incidents: IncidentEditor) -> Blueprint:
    """The pages."""
    pages = CorrectionPages(incidents)
    routes = Blueprint("status-corrections", __name__)
    rules = {
        "/ops/incidents/<id>/correct": pages.incident,
        "/ops/incidents/<id>/updates/<entry>/correct": pages.incident,
        "/ops/maintenance/<id>/correct": pages.maintenance,
        "/ops/maintenance/<id>/updates/<entry>/correct": pages.maintenance,
        "/ops/announcements/<id>/correct": pages.announcement,
    }
    for rule, view in rules.items():
        routes.add_url_rule(rule, view_func=view, methods=["GET", "POST"])
    return routes
