"""Cases: services that end, suspensions, quotas and limits."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hosting.model import HostedService, Resource, ResourceLimit, ServiceKind, ServiceState
from standards.dns_types import Trouble
from tests.checks_fixtures import GIGABYTE, Expected, Scene, in_days
from tests.checks_parts import AT, hop


def service(kind: ServiceKind, name: str = "cafe.example", **changes: object):
    def change(scene: Scene) -> None:
        rest = tuple(s for s in scene.services if s.kind is not kind)
        scene.services = (*rest, replace(HostedService("9", kind, name), **changes))

    return change


def use(resource: Resource, used: float, limit: float | None):
    size = 1 if resource is Resource.INODES else GIGABYTE
    top = None if limit is None else int(limit * size)
    return lambda s: s.use(resource, int(used * size), top)


def status(code: int, reason: str = ""):
    return lambda s: s.every_walk(lambda url: (hop(url, code, reason=reason, title=reason),))


def slow(scene: Scene) -> None:
    scene.every_walk(lambda url: (hop(url, wait=6.5),))


def limit(name: str, faults: int = 12):
    resource_limit = ResourceLimit(name, faults, AT - timedelta(hours=24), AT)
    return lambda s: setattr(s, "limits", (*s.limits, resource_limit))


def both(*changes):
    def change(scene: Scene) -> None:
        for item in changes:
            item(scene)

    return change


def dead(scene: Scene) -> None:
    scene.every_walk(lambda url: (hop(url, trouble=Trouble.TIMEOUT),), "trouble")


D, S, P, M = ServiceKind.DOMAIN, ServiceKind.SERVER, ServiceKind.PROJECT, ServiceKind.MAIL
SUSPENDED = ServiceState.SUSPENDED
CASES = (
    Expected("domain service ends soon", service(D, expires=in_days(20)),
             ("service.domain.expiring",)),
    Expected("domain service over", service(D, expires=in_days(-1)), ("service.domain.expired",)),
    Expected("server ends soon", service(S, "web7", expires=in_days(5)),
             ("service.server.expiring",)),
    Expected("server ends in 31 days", service(S, "web7", expires=in_days(31))),
    Expected("server over, site off", both(service(S, "web7", expires=in_days(-3)), dead),
             ("service.server.expired",), ("web.site.unreachable",), None),
    Expected("project ends soon", service(P, expires=in_days(3)), ("service.project.expiring",)),
    Expected("project ends today", service(P, expires=in_days(0)), ("service.project.expiring",)),
    Expected("project over", both(service(P, expires=in_days(-3)), status(503, "Off")),
             ("service.project.expired",), ("web.site.unavailable",)),
    Expected("project over without a date", service(P, "Start plan", state=ServiceState.EXPIRED),
             ("service.project.expired",)),
    Expected("another domain's project", service(P, "other.example", expires=in_days(-3))),
    Expected("mail ends soon", service(M, expires=in_days(9)), ("service.mail.expiring",)),
    Expected("mail over", service(M, expires=in_days(-9)), ("service.mail.expired",)),
    Expected("suspended", both(service(P, state=SUSPENDED, reason="Unpaid invoice"),
                               lambda s: s.every_walk(lambda url: (hop(url, title="Account Suspended"),))),
             ("hosting.service.suspended",), ("web.site.suspended_page",)),
    Expected("suspended, no reason", service(P, state=SUSPENDED), ("hosting.service.suspended",)),
    Expected("unpaid", service(P, state=ServiceState.UNPAID), ("hosting.service.unpaid",)),
    Expected("disk at 89 %", use(Resource.DISK, 8.9, 10)),
    Expected("disk at 90 %", use(Resource.DISK, 9.0, 10), ("hosting.disk.near",)),
    Expected("disk at 100 %", use(Resource.DISK, 10, 10), ("hosting.disk.over",)),
    Expected("disk full, site fails", both(use(Resource.DISK, 10.4, 10), status(500, "Oops")),
             ("hosting.disk.over",), ("web.site.server_error",)),
    Expected("disk without a limit", use(Resource.DISK, 900, None)),
    Expected("a limit of nought means none", use(Resource.DISK, 900, 0)),
    Expected("files near", use(Resource.INODES, 95_000, 100_000), ("hosting.inodes.near",)),
    Expected("files over", use(Resource.INODES, 100_001, 100_000), ("hosting.inodes.over",)),
    Expected("traffic near", use(Resource.TRAFFIC, 95, 100), ("hosting.traffic.near",)),
    Expected("traffic over", both(use(Resource.TRAFFIC, 101, 100),
                                  status(509, "Bandwidth Limit Exceeded")),
             ("hosting.traffic.over",), ("web.site.traffic_exceeded",)),
    Expected("limit without faults", limit("cpu", 0)),
    Expected("processor limit, site fine", limit("cpu"), ("hosting.limit.hit",)),
    Expected("processor limit, site slow", both(limit("cpu"), slow),
             ("hosting.limit.slows_site",), ("web.site.slow",)),
    Expected("memory limit and 500", both(limit("memory"), status(500, "Internal Server Error")),
             ("hosting.limit.causes_error",), ("web.site.server_error",)),
    Expected("processes limit and 503", both(limit("processes"), status(503, "Unavailable")),
             ("hosting.limit.causes_error",), ("web.site.unavailable",)),
    Expected("entry processes and 508", both(limit("entry_processes"), status(508, "Limit")),
             ("hosting.limit.causes_error",), ("web.site.limit_reached",)),
    Expected("entry processes do not explain a 500", both(limit("entry_processes"), status(500)),
             ("hosting.limit.hit", "web.site.server_error")),
    Expected("database queries", limit("queries"), ("hosting.limit.hit",)),
    Expected("disk speed", limit("io"), ("hosting.limit.hit",)),
    Expected("a limit we do not know", limit("sockets"), ("hosting.limit.hit",)),
    Expected("a limit we do not know explains no error", both(limit("sockets"), status(503)),
             ("hosting.limit.hit", "web.site.unavailable")),
    Expected("EP and 508", both(limit("EP"), status(508, "Limit")),
             ("hosting.limit.causes_error",), ("web.site.limit_reached",)),
    Expected("lve_nproc and 503", both(limit("lve_NPROC"), status(503, "Unavailable")),
             ("hosting.limit.causes_error",), ("web.site.unavailable",)),
    Expected("PMem and 500", both(limit("PMem"), status(500, "Internal Server Error")),
             ("hosting.limit.causes_error",), ("web.site.server_error",)),
    Expected("SPEED, site slow", both(limit("SPEED"), slow),
             ("hosting.limit.slows_site",), ("web.site.slow",)),
)  # fmt: skip
