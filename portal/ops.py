"""/ops pages beside status: subscribers, channels, API tokens, the audit log, the portal's health.

Operators only: an agent is refused, a customer is told that there is nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from flask import Blueprint, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from accounts import text_input
from accounts.api_tokens.model import ApiTokenRole
from accounts.api_tokens.store import LONGEST_NAME
from accounts.form_fields import FormFields
from notify.model import SubscriberKind, SubscriberState
from portal.administration import PAGE, Administration
from render.i18n import N_, P_, translate
from render.languages import DEFAULT
from status.operator_pages.web import require_operator
from web.forms.csrf import SAFE
from web.forms.results import redirect_with_result, take_result
from web.language import lang
from web.page import page
from web.problems import not_found

KINDS = {SubscriberKind.EMAIL: N_("E-mail"), SubscriberKind.WEBHOOK: N_("Webhook")}
STATE_LABELS = {
    SubscriberState.PENDING: N_("Not confirmed yet"),
    SubscriberState.CHECKING: N_("Challenge not answered yet"),
    SubscriberState.ACTIVE: P_("subscriber.active/state", "Active"),
    SubscriberState.DISABLED: N_("Switched off after failures"),
}
PARTS = {  # of the portal, as readiness names them
    "database": N_("Database"),
    "documents": N_("Stored documents"),
    "disk": N_("Disk"),
    "engine": N_("Engine"),
    "jobs": N_("Work in the background"),
    "unknown_jobs": N_("Work of a kind that is not known"),
    "probes": N_("Probes"),
    "vantages": N_("Vantages"),
    "publication": N_("Publication of the status page"),
}
ROLES = {
    ApiTokenRole.READ: N_("Read: components, incidents, observations"),
    ApiTokenRole.WRITE: N_("Write: tell the public, too"),
    ApiTokenRole.OPERATOR: N_("Operator: subscribers, tokens, the audit log, too"),
}
PLACES = {  # where what an entry of the audit log is about can be seen
    "incident": "/ops/incidents/",
    "maintenance": "/ops/maintenance/",
    "override": "/ops/components/",
}
NOTHING_TYPED: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class OpsPages:
    """The pages and what they show."""

    administration: Administration

    def subscribers(self) -> AnyResponse:
        """GET /ops/subscribers."""
        require_operator()
        rows = self.administration.subscriber_page(request.args.get("after", ""))
        return page(
            "portal/ops_subscribers.html",
            rows=rows,
            more=rows[-1].id if len(rows) == PAGE else "",
            counts=self.administration.subscribers.counts(),
            kinds=KINDS,
            states=STATE_LABELS,
        )

    def remove(self, id: str) -> AnyResponse:
        """POST /ops/subscribers/<id>/remove."""
        if not self.administration.remove_subscriber(id, require_operator()):
            raise not_found()
        return redirect("/ops/subscribers", 303)

    def channels(self) -> AnyResponse:
        """GET /ops/channels."""
        require_operator()
        return page("portal/ops_channels.html", rows=self.administration.channels())

    def test(self, id: str) -> AnyResponse:
        """POST /ops/channels/<id>/test."""
        if not self.administration.test_channel(id, require_operator()):
            raise not_found()
        return redirect("/ops/channels", 303)

    def tokens(self) -> AnyResponse:
        """GET and POST /ops/tokens; a new token is shown once, after it was made."""
        by = require_operator()
        if request.method in SAFE:
            return self._tokens(secret=take_result().get("token", ""))
        fields, role = FormFields(request.form), request.form.get("role", "")
        name = fields.line("name", LONGEST_NAME)
        errors = fields.messages(lang())
        if not name:
            errors["name"] = translate(lang(), N_("Say what will use it."))
        if role not in set(ApiTokenRole):
            errors["role"] = translate(lang(), N_("Choose what it may do."))
        if errors:
            return self._tokens(typed=request.form, errors=errors)
        _, token = self.administration.add_token(name, ApiTokenRole(role), by)
        return redirect_with_result("/ops/tokens", {"token": token})

    def revoke(self, id: str) -> AnyResponse:
        """POST /ops/tokens/<id>/revoke."""
        if not self.administration.revoke_token(id, require_operator()):
            raise not_found()
        return redirect("/ops/tokens", 303)

    def _tokens(
        self,
        secret: str = "",
        typed: Mapping[str, str] = NOTHING_TYPED,
        errors: Mapping[str, str] = NOTHING_TYPED,
    ) -> AnyResponse:
        return page(
            "portal/ops_tokens.html",
            422 if errors else 200,
            rows=self.administration.tokens(),
            made=secret,
            typed=typed,
            errors=errors,
            roles=ROLES,
        )

    def audit(self) -> AnyResponse:
        """GET /ops/audit."""
        require_operator()
        filters = {
            name: text_input.clean_line(request.args.get(name, ""))
            for name in ("actor", "action", "subject")
        }
        before = request.args.get("before", "")
        number = int(before[:18]) if before.isascii() and before.isdigit() else 0
        rows = self.administration.audit_entries(**filters, before=number)
        people = {
            p.id: p.name for p in self.administration.accounts.people({r.entry.actor for r in rows})
        }
        return page(
            "portal/ops_audit.html",
            rows=rows,
            people=people,
            filters=filters,
            places=PLACES,
            more=rows[-1].number if len(rows) == PAGE else 0,
        )

    def health(self) -> AnyResponse:
        """GET /ops/health."""
        require_operator()
        return page(
            "portal/ops_health.html",
            parts=self.administration.health(),
            problem_lang=DEFAULT,
            part_names=PARTS,
            tallies=self.administration.job_counts(),
            failed=self.administration.failed_jobs(),
        )

    def retry(self, id: int) -> AnyResponse:
        """POST /ops/jobs/<id>/retry."""
        if not self.administration.retry_job(id, require_operator()):
            raise not_found()
        return redirect("/ops/health", 303)


def blueprint(administration: Administration) -> Blueprint:
    """The pages."""
    pages = OpsPages(administration)
    ops_pages = Blueprint("ops", __name__)
    ops_pages.add_url_rule("/ops/subscribers", view_func=pages.subscribers)
    ops_pages.add_url_rule("/ops/subscribers/<id>/remove", view_func=pages.remove, methods=["POST"])
    ops_pages.add_url_rule("/ops/channels", view_func=pages.channels)
    ops_pages.add_url_rule("/ops/channels/<id>/test", view_func=pages.test, methods=["POST"])
    ops_pages.add_url_rule("/ops/tokens", view_func=pages.tokens, methods=["GET", "POST"])
    ops_pages.add_url_rule("/ops/tokens/<id>/revoke", view_func=pages.revoke, methods=["POST"])
    ops_pages.add_url_rule("/ops/audit", view_func=pages.audit)
    ops_pages.add_url_rule("/ops/health", view_func=pages.health)
    ops_pages.add_url_rule("/ops/jobs/<int:id>/retry", view_func=pages.retry, methods=["POST"])
    return ops_pages
