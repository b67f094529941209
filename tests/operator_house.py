"""A house with all pages of status that operators work with."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field

from db.engine import connect
from jobs.database_queue import DatabaseSender
from status.incidents.incident_editing import IncidentEditor
from status.incidents.templates import IncidentTemplates
from status.model import Component
from status.operator_pages import announcements, corrections, maintenance, sla, web
from status.sla.store import SlaStore
from status.storage.store import StatusStore
from status.timeseries.response_times import TimesReader
from status.timeseries.store import TimeseriesStore
from tests.desk_fixtures import House
from tests.status_fixtures import MAIL, WEB, probe


@dataclass
class OperatorHouse(House):
    """`folder` is where the engine would publish."""

    folder: object = None
    templates: IncidentTemplates = field(default_factory=IncidentTemplates)
    components: tuple[Component, ...] = (WEB, MAIL)

    def __post_init__(self):
        super().__post_init__()
        self.store = StatusStore(self.db, self.clock, DatabaseSender())
        self.incidents = IncidentEditor(self.store, self.clock, self.components)
        self.timeseries = TimeseriesStore(self.db, self.clock)
        times = TimesReader(self.timeseries, (), "UTC", self.clock)
        probes = (probe("web-http"),)
        for blueprint in (
            web.blueprint(
                self.incidents, self.store, probes, self.folder, self.templates, times=times
            ),
            maintenance.blueprint(self.incidents),
            announcements.blueprint(self.incidents),
            corrections.blueprint(self.incidents),
            sla.blueprint(SlaStore(self.store, self.db, self.clock, self.components)),
        ):
            self.app.register_blueprint(blueprint)


@contextmanager
def operator_house(url, clock, tmp_path, **more):
    """The house over a new database, with a folder that nothing was published to."""
    database = connect(url, clock=clock)
    folder = tmp_path / "published"
    folder.mkdir()
    yield OperatorHouse(database, clock, folder=folder, **more)
    database.close()
