"""The operators' API for corrections of published texts: documents, handlers and operations."""

from __future__ import annotations

from dataclasses import dataclass

from status.api import documents as d
from status.api.handlers import or_problem
from status.incidents.corrections import Wording
from status.incidents.incident_editing import IncidentEditor
from web.api.operations import ApiRequest, Operation

WRITE = "write"


class WordingInput(d.RequestBody):
    """Words in the place of published ones. What is left out stays; nobody is written to."""

    title: d.TitleByLanguage | None = None
    text: d.TextByLanguage | None = None
    version: int | None = None  # what was read; refused with 409 when it has changed since


@dataclass(frozen=True, slots=True)
class CorrectionApi:
    """The calls."""

    incidents: IncidentEditor

    def incident(self, request: ApiRequest) -> d.IncidentDocument:
        """Another headline of an incident, or another text of one of its entries."""
        incident_id, entry = request.args["id"], request.args.get("entry", "")
        body = request.sent(WordingInput)
        seen_version = request.version_seen(
            body.version, lambda: or_problem(lambda: self.incidents.get(incident_id)).version
        )
        return d.incident_document(
            or_problem(
                lambda: self.incidents.correct(
                    incident_id, _wording(body), request.by, entry=entry, version=seen_version
                )
            )
        )

    def maintenance(self, request: ApiRequest) -> d.MaintenanceDocument:
        """Other words for planned work, or for one of its entries."""
        work_id, entry = request.args["id"], request.args.get("entry", "")
        body = request.sent(WordingInput)
        seen_version = request.version_seen(
            body.version,
            lambda: or_problem(lambda: self.incidents.get_maintenance(work_id)).version,
        )
        or_problem(
            lambda: self.incidents.correct_maintenance(
                work_id, _wording(body), request.by, entry=entry, version=seen_version
            )
        )
        corrected = or_problem(lambda: self.incidents.get_maintenance(work_id))
        return d.maintenance_document(corrected, self.incidents.now())

    def announcement(self, request: ApiRequest) -> d.AnnouncementDocument:
        """Other words for an announcement."""
        body = request.sent(WordingInput)
        return d.announcement_document(
            or_problem(
                lambda: self.incidents.correct_announcement(
                    request.args["id"], _wording(body), request.by, version=body.version
                )
            )
        )


def _wording(body: WordingInput) -> Wording:
    return Wording(body.title, body.text)


def operations(incidents: IncidentEditor) -> tuple[Operation, ...]:
    """All operations of corrections, for serving and describing."""
    api, base = CorrectionApi(incidents), "/api/ops"
    return (
        Operation(
            "PUT", f"{base}/incidents/{{id}}/wording", "correctIncident",
            "Put the headline of an incident right; readers see it, nobody is written to",
            d.IncidentDocument, WordingInput, WRITE, api.incident, conditional=True,
        ),
        Operation(
            "PUT", f"{base}/incidents/{{id}}/updates/{{entry}}/wording", "correctUpdate",
            "Put the text of one entry right; readers see when it was corrected",
            d.IncidentDocument, WordingInput, WRITE, api.incident, conditional=True,
        ),
        Operation(
            "PUT", f"{base}/maintenances/{{id}}/wording", "correctMaintenance",
            "Put the words of planned work right, of all its dates when it recurs",
            d.MaintenanceDocument, WordingInput, WRITE, api.maintenance, conditional=True,
        ),
        Operation(
            "PUT", f"{base}/maintenances/{{id}}/updates/{{entry}}/wording", "correctMaintenanceUpdate",
            "Put the text of one entry of planned work right",
            d.MaintenanceDocument, WordingInput, WRITE, api.maintenance, conditional=True,
        ),
        Operation(
            "PUT", f"{base}/announcements/{{id}}/wording", "correctAnnouncement",
            "Put the words of an announcement right",
            d.AnnouncementDocument, WordingInput, WRITE, api.announcement, errors=(409,),
        ),
    )  # fmt: skip
