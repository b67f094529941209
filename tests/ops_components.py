"""Components in the operators' API: part of the one story of tests/web/test_ops_api.py."""

from __future__ import annotations

from datetime import timedelta

from status.model import Grade, Observation, Signal
from status.storage.store import ObservationBatch


def use_component_routes(rooms, ask):
    """Each call once, and how it is refused."""
    seen = Observation(
        "web-http",
        rooms.ctx.clock.now(), timedelta(seconds=1), Signal(Grade.DOWN, "500"), fact="{}",
    )  # fmt: skip
    rooms.status.store.write(ObservationBatch((seen,)))
    assert [c["id"] for c in ask("GET", "/api/ops/components")[1]] == ["web", "mail"]
    body = {"condition": "operational", "until": "2026-01-15T18:00:00Z", "reason": "a false alarm"}
    assert ask("PUT", "/api/ops/components/web/override", body)[0] == 200
    assert ask("GET", "/api/ops/components/web")[1]["override"]["reason"] == "a false alarm"
    past = ask("PUT", "/api/ops/components/web/override", body | {"until": "2020-01-01T00:00:00Z"})
    assert (past[0], past[1]["errors"][0]["field"]) == (422, "until")
    assert ask("GET", "/api/ops/components/web")[1]["override"]["reason"] == "a false alarm"
    assert ask("DELETE", "/api/ops/components/web/override")[0] == 204
    assert ask("DELETE", "/api/ops/components/web/override")[0] == 404
    assert ask("GET", "/api/ops/components/web")[1]["override"] is None
    assert ask("GET", "/api/ops/components/web/transitions?limit=5")[1] == []
    read_response_times(rooms, ask)
    (look,) = ask("GET", "/api/ops/probes/web-http/observations?failed=1")[1]
    assert (look["grade"], look["elapsed_ms"]) == ("down", 1000.0)


def read_response_times(rooms, ask):
    """Nothing until the looks are counted."""
    times = "/api/ops/components/web/response-times"
    assert ask("GET", times)[0] == 404
    rooms.ctx.clock.advance(timedelta(minutes=5))
    rooms.status.timeseries.roll_up("web-http")
    day = ask("GET", times)[1]["windows"][0]
    assert (day["window"], day["whole"]["failures"], day["whole"]["median_ms"]) == ("24h", 1, None)
