"""What operators look after, for pages, programs and the command line, from every room."""

from __future__ import annotations

from collections.abc import Mapping

from db.schema_status import said
from db.stored import health_message
from engine import heartbeat_file
from notify.store import SentMessages
from portal import heartbeat_api
from portal import ops_api as ops
from portal.administration import Administration
from portal.heartbeats import HeartbeatAdministration
from status.api import routes
from status.api.handlers import StatusApi
from web.api.operations import Operation
from wiring.services import Services


def operations(parts: Services) -> tuple[Operation, ...]:
    """The operations below /api/ops."""
    saying = parts.saying
    status = StatusApi(
        parts.incidents, parts.status, parts.probes, parts.published, saying.sla, saying.wordings
    )
    return (
        *routes.operations(status),
        *heartbeat_api.operations(heartbeat_api.HeartbeatApi(told(parts))),
        *ops.operations(ops.OpsApi(operating(parts))),
    )


def told(parts: Services) -> HeartbeatAdministration:
    """What is told to us instead of looked at."""
    seen = parts.watching
    return HeartbeatAdministration(
        seen.heartbeats, seen.vantages, parts.probes, parts.site.url.rstrip("/")
    )


def operating(parts: Services) -> Administration:
    """What operators look after besides status."""

    def standing() -> Mapping[str, str]:
        database, engine = said(parts.db), heartbeat_file.said(parts.var, parts.clock.now())
        return {"database": database, "engine": engine, "documents": health_message()}

    return Administration(
        parts.hearing.subscribers,
        {name: post for name, (post, _) in parts.hearing.posts.items()},
        SentMessages(parts.db, parts.clock),
        parts.jobs,
        parts.accounts,
        parts.hearing.keys,
        parts.clock,
        parts.site.name,
        standing,
    )
