"""/api/ops/heartbeats and /api/ops/vantages: addresses, tokens and manual signals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from portal.heartbeat_administration import HeartbeatAdministration, HeartbeatStatus
from status.probing.heartbeats.signals import RecordedSignal
from status.probing.kinds.heartbeat import HeartbeatPhase, HeartbeatState
from web.api.operations import ApiRequest, Operation
from web.problems import invalid, not_found

READ, WRITE, OPERATOR = "read", "write", "operator"


class HeartbeatDocument(Struct):
    """A probe that receives signals, and its last one. `made_at`: since when it has an address; `phase`, of
    a heartbeat: new, started, up, late or down; `due_at`: when its next word is due; `deadline`: when
    silence becomes down; `schedule`: how often, or cron and its zone; `running`: when the oldest run began that goes on."""

    probe: str
    kind: str
    component: str
    made_at: datetime | None
    at: datetime | None
    state: str
    message: str
    phase: str
    schedule: str
    due_at: datetime | None
    deadline: datetime | None
    running: datetime | None


class SignalDocument(Struct):
    """What a job sent in. `run` is the id it gave this run, `seconds` how long the run took that
    ended so, `snippet` what it wrote, secrets cut out as far as they could be told."""

    at: datetime
    state: Literal["up", "degraded", "down", "start", "log"]
    run: str
    exit_status: int | None
    seconds: float | None
    message: str
    snippet: str


class CreatedAddress(Struct):
    """A new address of a job, told once: its own form, and those of healthchecks and Uptime Kuma."""

    heartbeat: str
    ping: str
    push: str


class SignalInput(Struct, forbid_unknown_fields=True):
    """A word by hand."""

    state: Literal["up", "degraded", "down"]
    because: Annotated[str, Meta(max_length=500)] = ""


class VantageDocument(Struct):
    """A remote vantage, and when it was last here."""

    name: str
    made_at: datetime
    seen_at: datetime | None


class VantageInput(Struct, forbid_unknown_fields=True):
    """A vantage by its name; a known one gets a new token."""

    name: Annotated[str, Meta(pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$")]


class CreatedVantage(Struct):
    """A vantage's token, told once."""

    name: str
    token: str


@dataclass(frozen=True, slots=True)
class HeartbeatApi:
    """The calls."""

    administration: HeartbeatAdministration

    def heartbeats(self, request: ApiRequest) -> list[HeartbeatDocument]:
        """Every probe that receives signals."""
        del request
        return [heartbeat_document(status) for status in self.administration.statuses()]

    def address(self, request: ApiRequest) -> CreatedAddress:
        """A new one."""
        address = self.administration.address(request.args["probe"], request.by)
        if address is None:
            raise not_found()
        return CreatedAddress(address.heartbeat, address.ping, address.push)

    def signals(self, request: ApiRequest) -> list[SignalDocument]:
        """The newest first."""
        signals = self.administration.signals(request.args["probe"])
        if signals is None:
            raise not_found()
        return [_signal_document(signal) for signal in signals]

    def drop_address(self, request: ApiRequest) -> None:
        """It stops working."""
        if not self.administration.drop_address(request.args["probe"], request.by):
            raise not_found()

    def record_by_hand(self, request: ApiRequest) -> None:
        """A word by hand."""
        sent = request.sent(SignalInput)
        if not self.administration.record_by_hand(
            request.args["probe"], sent.state, sent.because, request.by
        ):
            raise not_found()

    def vantages(self, request: ApiRequest) -> list[VantageDocument]:
        """Every one, by name."""
        del request
        return msgspec.convert(
            self.administration.vantages(), list[VantageDocument], from_attributes=True
        )

    def vantage(self, request: ApiRequest) -> CreatedVantage:
        """A new token."""
        name = request.sent(VantageInput).name
        try:
            return CreatedVantage(name, self.administration.vantage(name, request.by))
        except ValueError as error:
            raise invalid({"name": str(error)}) from error

    def drop_vantage(self, request: ApiRequest) -> None:
        """It may no longer pull or push."""
        if not self.administration.drop_vantage(request.args["name"], request.by):
            raise not_found()


def _signal_document(signal: RecordedSignal) -> SignalDocument:
    return msgspec.convert(
        {
            "at": signal.at,
            "state": signal.state,
            "run": signal.run,
            "exit_status": signal.exit_status,
            "seconds": signal.duration.total_seconds() if signal.duration is not None else None,
            "message": signal.message,
            "snippet": signal.snippet,
        },
        SignalDocument,
    )


def heartbeat_document(status: HeartbeatStatus) -> HeartbeatDocument:
    state = status.state or HeartbeatState(HeartbeatPhase.NEW)
    return HeartbeatDocument(
        probe=status.probe.name,
        kind=status.probe.kind,
        component=status.probe.component,
        made_at=status.made_at,
        at=status.last.at if status.last else None,
        state=status.last.state if status.last else "",
        message=status.last.message if status.last else "",
        phase=state.phase.value if status.state else "",
        schedule=status.settings.schedule if status.settings else "",
        due_at=state.due_at,
        deadline=state.deadline,
        running=state.running,
    )


def operations(api: HeartbeatApi) -> tuple[Operation, ...]:
    """The addresses, each with what it takes and gives."""
    beats, places = "/api/ops/heartbeats", "/api/ops/vantages"
    return (
        Operation(
            "GET", beats, "heartbeats", "Probes that receive signals, and their last ones",
            list[HeartbeatDocument], role=READ, view=api.heartbeats,
        ),
        Operation(
            "POST", f"{beats}/{{probe}}/address", "heartbeatAddress",
            "A new address for a job, told once; the old one stops working",
            CreatedAddress, role=OPERATOR, view=api.address, status=201,
        ),
        Operation(
            "DELETE", f"{beats}/{{probe}}/address", "dropHeartbeatAddress",
            "The address of a job stops working", role=OPERATOR, view=api.drop_address,
        ),
        Operation(
            "POST", f"{beats}/{{probe}}/words", "sayHeartbeat", "A word by hand for such a probe",
            None, SignalInput, WRITE, api.record_by_hand,
        ),
        Operation(
            "GET", f"{beats}/{{probe}}/signals", "heartbeatSignals",
            "What a job sent in, the newest first, with what it wrote",
            list[SignalDocument], role=OPERATOR, view=api.signals,
        ),
        Operation(
            "GET", places, "vantages", "Remote vantages, and when each was last here",
            list[VantageDocument], role=READ, view=api.vantages,
        ),
        Operation(
            "POST", places, "addVantage", "A vantage's new token, told once",
            CreatedVantage, VantageInput, OPERATOR, api.vantage, 201,
        ),
        Operation(
            "DELETE", f"{places}/{{name}}", "dropVantage", "A vantage may no longer pull or push",
            role=OPERATOR, view=api.drop_vantage,
        ),
    )  # fmt: skip
