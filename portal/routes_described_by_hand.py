"""The addresses below /api that rooms serve by themselves, described for /api/openapi.json."""

from __future__ import annotations

import msgspec

from status.probing.vantages.model import ObservationPush, ProbeAssignment
from web.api.operations import Operation, Parameter
from wizard.api import DiagnosisRequest, PastedText
from wizard.lost_mail.api import LostMailBody
from wizard.watches.web import WatchLink

_OBJECT: dict[str, object] = {"type": "object"}


class StartedDiagnosis(msgspec.Struct):
    """A diagnosis that was started: where it is told, for programs and for people."""

    state: str
    url: str
    report: str


class AcceptedObservations(msgspec.Struct):
    """How many observations counted, and how many were refused."""

    taken: int
    refused: int


class HeartbeatReceipt(msgspec.Struct):
    """The answer to a pushed heartbeat, as agents of Uptime Kuma expect it."""

    ok: bool
    msg: str = ""


def _v2(name: str, about: str, *fields: str) -> Operation:
    shape = {"type": "object", "required": ["page", *fields]}
    operation = "v2" + "".join(part.capitalize() for part in name.replace("/", "-").split("-"))
    return Operation("GET", f"/api/v2/{name}.json", operation, about, shape)


STATUSPAGE = (
    _v2(
        "summary", "Statuspage API v2: everything at once",
        "components", "incidents", "scheduled_maintenances", "status",
    ),
    _v2("status", "Statuspage API v2: the whole page in two words", "status"),
    _v2("components", "Statuspage API v2: components and groups", "components"),
    _v2("incidents", "Statuspage API v2: the fifty newest incidents", "incidents"),
    _v2("incidents/unresolved", "Statuspage API v2: open incidents", "incidents"),
    _v2(
        "scheduled-maintenances", "Statuspage API v2: the fifty newest pieces of planned work",
        "scheduled_maintenances",
    ),
    _v2(
        "scheduled-maintenances/upcoming", "Statuspage API v2: planned work to come",
        "scheduled_maintenances",
    ),
    _v2(
        "scheduled-maintenances/active", "Statuspage API v2: planned work under way",
        "scheduled_maintenances",
    ),
)  # fmt: skip

_PUSHED = (
    Parameter("status", '"up" or "down"; up when left out.'),
    Parameter("msg", "What the job says."),
    Parameter("ping", "Milliseconds.", "number"),
)

DIAGNOSES = (
    Operation(
        "POST", "/api/explain", "explain", "What a pasted bounce, header or error means; nothing is kept",
        {"type": "object", "required": ["items"]}, PastedText, errors=(429,),
    ),
    Operation(
        "POST", "/api/lost-mail", "lostMail", "One lost message: what is known, what is missing, what can be said",
        {"type": "object", "required": ["known", "missing", "items", "request"]}, LostMailBody, errors=(429,),
    ),
    Operation(
        "POST", "/api/diagnoses", "diagnose", "Start a self-check; Location names where it is told",
        StartedDiagnosis, DiagnosisRequest, status=202, errors=(429, 503),
    ),
    Operation(
        "GET", "/api/diagnoses/{token}", "diagnosis",
        "How a self-check stands; Retry-After while it runs",
        {"type": "object", "required": ["schema", "state", "findings"]},
    ),
    Operation(
        "GET", "/api/diagnoses/{token}/watch", "watch",
        "Whether what a self-check found is watched until it is fixed; needs a session",
        WatchLink, errors=(404,),
    ),
    Operation(
        "POST", "/api/diagnoses/{token}/watch", "beginWatch",
        "Watch it and write to whoever is signed in", WatchLink, errors=(404, 422, 429),
    ),
    Operation(
        "DELETE", "/api/diagnoses/{token}/watch", "stopWatch", "Stop watching", WatchLink,
        errors=(404,),
    ),
)  # fmt: skip

PUSHING = (
    Operation(
        "GET", "/api/push/{token}", "push", "A heartbeat, in the form of Uptime Kuma",
        HeartbeatReceipt, query=_PUSHED, errors=(429,), own_errors={404: HeartbeatReceipt},
    ),
    Operation(
        "POST", "/api/push/{token}", "pushByPost", "The same by POST",
        HeartbeatReceipt, query=_PUSHED, errors=(429,), own_errors={404: HeartbeatReceipt},
    ),
    Operation(
        "GET", "/api/vantage/probes", "vantageProbes",
        "What a remote vantage is to look at; its own token as bearer", ProbeAssignment, errors=(404, 429),
    ),
    Operation(
        "POST", "/api/vantage/observations", "vantageObservations",
        "What a remote vantage saw; its own token as bearer", AcceptedObservations, ObservationPush, errors=(404, 429),
    ),
)  # fmt: skip

ITSELF = (Operation("GET", "/api/openapi.json", "openapi", "This description", _OBJECT),)
ELSEWHERE = (*STATUSPAGE, *DIAGNOSES, *PUSHING, *ITSELF)
