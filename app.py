"""The web application and the command line; nothing else. `python app.py --help`."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from flask import Blueprint, Flask

import kb.web
import notify.web
import portal.api
import portal.desk
import portal.heartbeat_pages
import portal.me
import portal.ops
import status.operator_pages.announcements
import status.operator_pages.maintenance
import status.operator_pages.sla
import status.operator_pages.web
import status.probing.heartbeats.web
import status.probing.vantages.api
import tickets.invites.web
import tickets.web
import wizard.api
import wizard.instructions.web
import wizard.lost_mail.api
import wizard.lost_mail.web
import wizard.mailbox_test.web
import wizard.watches.web
import wizard.web
from accounts.api_tokens.web import bearer
from accounts.web import blueprint as accounts_pages
from commands.main import main
from engine.supervise import die_with
from portal.desk import DeskPages
from portal.me import MePages
from settings import load
from status.publishing.pages import waiting
from tickets.invites.web import InvitePages
from tickets.web import TicketPages
from web.install import install
from web.logs.redaction import log_to_stderr
from web.middleware.allowed_hosts import AllowedHosts
from web.middleware.published import PublishedMiddleware
from web.middleware.request_bodies import RequestBodyLimit
from web.middleware.static_files import StaticFiles
from wiring import watches
from wiring.ops_api import operating, operations, told
from wiring.services import Services, services
from wizard.mailbox_test.store import CredentialSubmissions
from wizard.mailbox_test.web import MailboxTestPages
from wizard.page_context import WizardParts

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


def create_app(parts: Services) -> Flask:
    """The Flask application with every room's pages. Needs no database to start."""
    app = Flask("jasno", static_folder=None)
    published = PublishedMiddleware(
        app.wsgi_app,
        parts.published,
        parts.clock,
        waiting=waiting(parts.site, parts.pages),
        secure=parts.site.secure,
    )
    install(app, parts.plumbing(published.ready))
    for room in (*_watching(parts), *_asking(parts)):
        app.register_blueprint(room)
    most = parts.settings.server.threads // 2
    outer: WSGIApplication = RequestBodyLimit(StaticFiles(published), most, parts.is_proxy)
    app.wsgi_app = AllowedHosts(outer, parts.hosts())  # type: ignore[method-assign,assignment]  # reason: Flask's documented way to add middleware
    return app


def _watching(parts: Services) -> tuple[Blueprint, ...]:
    """Status, subscriptions and what operators look after."""
    return (
        status.probing.heartbeats.web.blueprint(parts.watching.heartbeats),
        status.probing.vantages.api.blueprint(parts.watching.vantages, parts.probes),
        status.operator_pages.web.blueprint(
            parts.incidents,
            parts.status,
            parts.probes,
            parts.published,
            parts.saying.wordings,
        ),
        status.operator_pages.announcements.blueprint(parts.incidents),
        status.operator_pages.maintenance.blueprint(parts.incidents),
        status.operator_pages.sla.blueprint(parts.saying.sla),
        notify.web.blueprint(parts.hearing.subscribers, parts.components),
        portal.ops.blueprint(operating(parts)),
        portal.heartbeat_pages.blueprint(told(parts)),
        portal.api.blueprint(
            operations(parts), bearer(parts.hearing.keys), title=parts.site.name, url=parts.site.url
        ),
    )


def _asking(parts: Services) -> tuple[Blueprint, ...]:
    """People, self-checks, help, tickets."""
    looking = _looking(parts)
    return (
        accounts_pages(parts.accounts, parts.passwords),
        wizard.web.blueprint(looking),
        wizard.instructions.web.blueprint(looking),
        wizard.lost_mail.web.blueprint(looking),
        wizard.lost_mail.api.blueprint(looking),
        wizard.mailbox_test.web.blueprint(
            MailboxTestPages(looking, CredentialSubmissions(parts.db, parts.clock))
        ),
        wizard.api.blueprint(looking),
        wizard.watches.web.blueprint(watches.pages(parts, looking)),
        kb.web.blueprint(parts.library),
        tickets.web.blueprint(
            TicketPages(
                parts.tickets,
                parts.accounts,
                parts.hosting,
                parts.diagnoses,
                parts.invites,
                parts.departments,
                parts.rules,
            )
        ),
        tickets.invites.web.blueprint(
            InvitePages(
                parts.invites, parts.tickets, parts.accounts, parts.hosting, parts.diagnoses
            )
        ),
        portal.me.blueprint(
            MePages(
                parts.accounts,
                parts.tickets,
                parts.hosting,
                parts.sync,
                parts.watches.of_person,
                parts.watches.token,
            )
        ),
        portal.desk.blueprint(
            DeskPages(
                parts.work,
                parts.accounts,
                parts.hosting,
                parts.diagnoses,
                parts.departments,
                parts.rules,
            )
        ),
    )


def _looking(parts: Services) -> WizardParts:
    """What the wizard and the report need."""
    return WizardParts(
        parts.runs,
        parts.reports,
        parts.start,
        parts.library.for_finding,
        parts.known,
        parts.library.article,
        parts.watches.of_run,
        parts.settings.provider.mailbox_hosts,
    )


def wsgi() -> Flask:
    """What the web server loads in each of its processes; settings come from the environment."""
    die_with(os.getppid())
    log_to_stderr()
    return create_app(services(load()))


if __name__ == "__main__":
    sys.exit(main())
