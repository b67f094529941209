"""A publication served over a real socket on loopback, for programs that read it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from clock import ManualClock
from status.model import Component, Condition, IncidentState, Update
from status.publishing.publisher import Publisher
from status.state import recurrence
from status.state.statements import PublicStatements
from tests.status_fixtures import AT, MAIL, RACK, SITE, WEB, incident, pages, snapshot, work
from web.middleware.published import PublishedMiddleware

NAMES = Component("names", "Name servers")
CHECKED = Update("note00000001", "verifying", AT, {"en": "We watch it.", "cs": "Sledujeme to."})


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


def world():
    """One service down with an open incident, one degraded, work planned and under way."""
    latest = incident()
    over = replace(
        latest,
        id="old000000001",
        state=IncidentState.RESOLVED,
        resolved_at=AT,
        updates=tuple(replace(update, id=f"old-{update.id}") for update in latest.updates),
    )
    words = PublicStatements(
        incidents=(replace(latest, components=("mail", "web")), over),
        maintenances=recurrence.expand_occurrences(
            (
                work(),
                work(
                    id="now000000001",
                    starts_at=AT.replace(hour=10),
                    ends_at=AT.replace(hour=14),
                    notes={"now000000001": (CHECKED,)},
                ),
                work(id="week00000001", rrule="FREQ=WEEKLY"),
            ),
            AT,
        ),
    )
    states = {
        WEB: Condition.MAJOR_OUTAGE,
        MAIL: Condition.DEGRADED_PERFORMANCE,
        RACK: Condition.UNDER_MAINTENANCE,
        NAMES: Condition.OPERATIONAL,
    }
    return snapshot(states, words=words)


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The address of a running instance that has published the world."""
    Publisher(folder, SITE, pages()).publish(world())

    def behind(environ, start):
        del environ
        start("404 Not Found", [("Content-Length", "0")])
        return []

    app = PublishedMiddleware(behind, folder, ManualClock(AT))
    with make_server("127.0.0.1", 0, app, Server, Quiet) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()
