"""What stands beside a customer's services on /me: marks, and what a registry does next."""

from __future__ import annotations

from datetime import date, timedelta

from hosting.model import HostedService, ServiceKind
from portal.me import rows
from standards.registration.lifecycle import LifecycleStage

TODAY = date(2026, 1, 15)


def domain(name: str, days: int) -> HostedService:
    return HostedService("1", ServiceKind.DOMAIN, name, expires=TODAY + timedelta(days=days))


def test_a_domain_that_ends_soon_tells_what_comes() -> None:
    (row,) = rows([domain("shop.cz", 10)], TODAY)
    assert [(s.stage, (s.on - TODAY).days) for s in row.ahead] == [
        (LifecycleStage.GRACE, 10),
        (LifecycleStage.STOPPED, 41),
        (LifecycleStage.RELEASED, 71),
    ]


def test_one_that_has_ended_tells_what_is_still_ahead() -> None:
    (row,) = rows([domain("shop.cz", -35)], TODAY)
    assert [s.stage for s in row.ahead] == [LifecycleStage.RELEASED]


def test_nothing_is_told_where_nothing_is_sure_or_near() -> None:
    server = HostedService("2", ServiceKind.SERVER, "shop.cz", expires=TODAY)
    for service in (domain("shop.cz", 100), domain("shop.nowhere", 3), server):
        assert rows([service], TODAY)[0].ahead == ()
