"""Response times of components in the operators' API, as they are published, also where they are not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from status.api.routes import READ
from status.model import Interruption
from status.monitoring import state_file
from status.timeseries.document import ResponseTimesDocument, times_document
from status.timeseries.response_times import ComponentTimes
from web.api.operations import ApiRequest, Operation
from web.problems import not_found


@dataclass(frozen=True, slots=True)
class ResponseTimesApi:
    """The call and what it is made of: what reads the times of a component by its id, the folder
    where the engine publishes, the site's zone."""

    times_of: Callable[[str], ComponentTimes | None]
    folder: Path
    zone: str

    def component(self, request: ApiRequest) -> ResponseTimesDocument:
        """How fast one component answers."""
        times = self.times_of(request.args["id"])
        if times is None:
            raise not_found()
        return times_document(times, self._interruptions(request.args["id"]), self.zone)

    def _interruptions(self, component: str) -> tuple[Interruption, ...]:
        saved = state_file.load(self.folder)
        return state_file.interruptions_of(saved, component) if saved else ()


def operations(api: ResponseTimesApi) -> tuple[Operation, ...]:
    """The operation, for serving and describing."""
    return (
        Operation(
            "GET", "/api/ops/components/{id}/response-times", "responseTimes",
            "How fast a component answers over 24 hours, 7, 30 and 90 days",
            ResponseTimesDocument, role=READ, view=api.component,
        ),
    )  # fmt: skip
