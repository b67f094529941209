"""/subscribe and /subscribe/<token>: subscribing, confirming, choosing what to hear, unsubscribing. Knows flask.

Nobody learns here whether an address is known: the answer is always the same, the rest is in
the letter. The token in the address is all that its page asks for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from flask import Blueprint, redirect, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from accounts import text_input
from accounts.form_fields import too_long
from notify.letter_limits import letter_to_stranger
from notify.mime import is_deliverable
from notify.model import Preferences, Subscriber, SubscriberKind, SubscriberState
from notify.subscribers.store import SubscriberStore
from render.i18n import N_
from render.languages import localized
from standards.urls import BadUrl, parse_url
from status.model import Component, Incident, group_name
from web import visitor
from web.forms.csrf import SAFE
from web.forms.results import last_result, redirect_with_result
from web.language import lang
from web.page import page
from web.rate_limits import Rate
from web.site import plumbing

PER_ASKER = Rate(20, timedelta(hours=1))
LONGEST_URL = 500
_OVER = N_("This incident is not open, or no longer. You can hear of the next ones.")


@dataclass(frozen=True, slots=True)
class SubscribeForm:
    """The form as it was sent, to be shown again when something is amiss."""

    email: str = ""
    url: str = ""
    scope: str = "all"
    preferences: Preferences = field(default_factory=Preferences)

    @classmethod
    def of(cls, fields: MultiDict[str, str], offered: Iterable[Component]) -> SubscribeForm:
        """Read from what was typed; unknown components and groups are dropped."""
        offered_components = tuple(offered)
        some = fields.get("scope") == "some"
        components = tuple(
            c.id for c in offered_components if some and c.id in fields.getlist("component")
        )
        groups = dict.fromkeys(c.group for c in offered_components if c.group)
        chosen = tuple(g for g in groups if some and g in fields.getlist("group"))
        language = fields.get("message_language", "")
        language = language if language in plumbing().site.languages else lang()
        incident = text_input.line(fields.get("incident", ""), 40)
        preferences = Preferences(
            components, chosen, bool(fields.get("maintenance")), language, incident
        )
        email = text_input.bare_address(fields.get("email", ""))
        url = "" if incident else fields.get("url", "").strip()
        return cls(email, url, "some" if some else "all", preferences)

    def errors(self) -> dict[str, str]:
        """What needs another look, by field."""
        errors = {}
        if not is_deliverable(text_input.address(self.email)):
            errors["email"] = _address_problem(self.email)
        if len(self.url) > LONGEST_URL:
            errors["url"] = too_long(self.url, LONGEST_URL)
        elif self.url and not _web_address(self.url):
            errors["url"] = N_(
                "Give a whole web address, such as https://hooks.example.com/status."
            )
        return errors | self.choice_errors()

    def choice_errors(self) -> dict[str, str]:
        """An empty choice."""
        if self.scope == "some" and not (self.preferences.components or self.preferences.groups):
            return {"scope": N_("Choose at least one service, or all of them.")}
        return {}


@dataclass(frozen=True, slots=True)
class SubscribePages:
    """The pages and what they are made of."""

    store: SubscriberStore
    components: tuple[Component, ...]
    read_incident: Callable[[str], Incident | None]

    def ask(self) -> AnyResponse:
        """GET and POST /subscribe. What was sent is told after a redirect, so that loading the page
        again sends no second letter."""
        if request.method in SAFE:
            result = last_result()
            if email := result.get("email"):
                return page("notify/asked.html", email=email, hook=result.get("hook", ""))
            return self._ask_page(self._empty_form(), {})
        form = SubscribeForm.of(request.form, self.components)
        wrong = form.errors()
        if form.preferences.incident and not self._is_open(form.preferences.incident):
            wrong["incident"] = _OVER
        if wrong:
            return self._ask_page(form, wrong, 422)
        limiter, owner = plumbing().limiter, text_input.address(form.email)
        by_asker = limiter.counted("subscribe", visitor.rate_limit_key(), PER_ASKER)
        with by_asker, letter_to_stranger(limiter, owner) as is_written:
            if is_written:
                kind = SubscriberKind.WEBHOOK if form.url else SubscriberKind.EMAIL
                self.store.subscribe(kind, form.url or owner, owner, form.preferences)
        return redirect_with_result("/subscribe", {"email": owner, "hook": form.url})

    def manage(self, token: str) -> AnyResponse:
        """GET and POST /subscribe/<token>."""
        subscriber = self.store.by_token(token)
        if subscriber is None:
            return _gone()
        if request.method in SAFE:
            return self._manage_page(
                subscriber, current_form(subscriber), {}, done=request.args.get("done", "")
            )
        go = request.form.get("go", "")
        if go == "leave":
            self.store.remove(subscriber.id)
            return page("notify/left.html", of_incident=_waits_for_one(subscriber))
        if go == "confirm":
            self.store.confirm(subscriber.id)
            return redirect(f"/subscribe/{token}?done=confirmed", 303)
        form = SubscribeForm.of(request.form, self.components)
        if wrong := form.choice_errors():
            return self._manage_page(subscriber, form, wrong, status=422)
        incident = subscriber.preferences.incident
        self.store.change_preferences(subscriber.id, replace(form.preferences, incident=incident))
        return redirect(f"/subscribe/{token}?done=saved", 303)

    def leave(self, token: str) -> AnyResponse:
        """POST /subscribe/<token>/leave: one click in a mail program (RFC 8058). Twice is once."""
        if request.method in SAFE:
            return redirect(f"/subscribe/{token}", 303)
        subscriber = self.store.by_token(token)
        if subscriber is not None:
            self.store.remove(subscriber.id)
        return page("notify/left.html", of_incident=_waits_for_one(subscriber))

    def _empty_form(self) -> SubscribeForm:
        """An empty form; a link may have chosen already."""
        form: MultiDict[str, str] = MultiDict([("maintenance", "1"), ("message_language", lang())])
        if incident := request.args.get("incident"):
            form["incident"] = incident
        for name in ("component", "group"):
            for value in request.args.getlist(name):
                form.add(name, value)
                form["scope"] = "some"
        return SubscribeForm.of(form, self.components)

    def _ask_page(
        self, form: SubscribeForm, errors: Mapping[str, str], status: int = 200
    ) -> AnyResponse:
        incident = form.preferences.incident
        is_open = bool(incident) and self._is_open(incident)
        if incident and not is_open:
            errors = {"incident": _OVER}
        return page(
            "notify/subscribe.html",
            status,
            form=form,
            errors=errors,
            title=self._title(incident) if is_open else "",
            **self._choices(),
        )

    def _manage_page(
        self,
        subscriber: Subscriber,
        form: SubscribeForm,
        errors: Mapping[str, str],
        *,
        done: str = "",
        status: int = 200,
    ) -> AnyResponse:
        hooked = subscriber.kind is SubscriberKind.WEBHOOK
        return page(
            "notify/manage.html",
            status,
            subscriber=subscriber,
            form=form,
            errors=errors,
            done=done,
            token=self.store.links.token(subscriber.id),
            key=self.store.links.signing_key(subscriber.id)
            if hooked and subscriber.confirmed_at
            else "",
            title=self._title(subscriber.preferences.incident),
            waits=subscriber.state is SubscriberState.PENDING,
            **self._choices(),
        )

    def _is_open(self, incident_id: str) -> bool:
        incident = self.read_incident(incident_id)
        return incident is not None and incident.resolved_at is None

    def _title(self, incident_id: str) -> str:
        """The headline of an incident that readers see."""
        incident = self.read_incident(incident_id) if incident_id else None
        return localized(incident.title, lang()) if incident else ""

    def _members(self, group: str) -> tuple[Component, ...]:
        return tuple(c for c in self.components if c.group == group)

    def _choices(self) -> dict[str, object]:
        groups = dict.fromkeys(c.group for c in self.components if c.group)
        return {
            "components": self.components,
            "groups": tuple(groups),
            "group_names": {g: group_name(g, self._members(g), lang()) for g in groups},
            "message_languages": plumbing().site.languages,
        }


def current_form(subscriber: Subscriber) -> SubscribeForm:
    some = subscriber.preferences.components or subscriber.preferences.groups
    return SubscribeForm(
        subscriber.owner, scope="some" if some else "all", preferences=subscriber.preferences
    )


def _waits_for_one(subscriber: Subscriber | None) -> bool:
    return subscriber is not None and bool(subscriber.preferences.incident)


def _gone() -> AnyResponse:
    return page("notify/gone.html", 404)


def _address_problem(typed: str) -> str:
    if text_input.has_invisible(typed):
        return text_input.INVISIBLE
    if len(typed) > text_input.LONGEST_ADDRESS:
        return too_long(typed, text_input.LONGEST_ADDRESS)
    return N_("This is not an e-mail address that letters could go to.")


def _web_address(text: str) -> bool:
    if text_input.has_invisible(text):
        return False
    try:
        parse_url(text)
    except BadUrl:
        return False
    return True


def blueprint(
    store: SubscriberStore,
    components: tuple[Component, ...],
    read_incident: Callable[[str], Incident | None],
) -> Blueprint:
    """The subscription pages. `read_incident` gives an incident that readers see."""
    pages = SubscribePages(store, components, read_incident)
    pages_blueprint = Blueprint("notify", __name__)
    both = ["GET", "POST"]
    pages_blueprint.add_url_rule("/subscribe", view_func=pages.ask, methods=both)
    pages_blueprint.add_url_rule("/subscribe/<token>", view_func=pages.manage, methods=both)
    pages_blueprint.add_url_rule("/subscribe/<token>/leave", view_func=pages.leave, methods=both)
    return pages_blueprint
