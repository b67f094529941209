"""Single pieces of evidence for the cases: the moment, an exchange, a certificate."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from facts import Certificate, Exchange, Phases
from hosting.model import Resource

GIGABYTE = 10**9
AT = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
OURS, OTHER = "192.0.9.10", "192.0.10.77"


def hop(url: str, status: int = 200, **more: object) -> Exchange:
    """One exchange; a redirect carries its target as `to`."""
    to, title = more.pop("to", ""), more.pop("title", "Our café")
    wait = more.pop("wait", 0.1)
    headers = [*more.pop("headers", ())]
    if to:
        headers.append(("location", str(to)))
    trouble = more.pop("trouble", None)
    return Exchange(
        url,
        AT,
        ip=str(more.pop("ip", OURS)),
        status=0 if trouble and not more.pop("began", False) else status,
        reason=str(more.pop("reason", "")),
        headers=tuple(headers),
        excerpt="" if trouble else f"<html><title>{title}</title><body>{more.pop('body', '')}",
        phases=Phases(first_byte=timedelta(seconds=float(str(wait)))),
        trouble=trouble,
        **more,
    )


def certificate(*names: str, **more: object) -> Certificate:
    until = more.pop("until", AT + timedelta(days=60))
    sound: dict[str, object] = {
        "subject": f"CN={names[0]}",
        "issuer": "CN=Trusted CA",
        "names": names,
        "not_before": until - timedelta(days=90),
        "not_after": until,
        "serial": "1",
        "fingerprint": "ab" * 32,
        "key": "ec",
        "bits": 256,
        "signature": "sha256",
    }
    return Certificate(**(sound | more))


ISSUER = certificate("Trusted CA", until=AT + timedelta(days=900))
ISSUER = replace(ISSUER, subject="CN=Trusted CA", issuer="CN=Root")
# Notes on how a site is built; they count only in cases that are about them.
QUIET = {"web.headers.missing", "web.redirect.first_hop", "web.www.no_canonical"}


def ends(scene, days):
    """The registry and our own books agree on the day."""
    day = AT.date() + timedelta(days=days)
    scene.registered(expires=day)
    domain, *rest = scene.services
    scene.services = (replace(domain, expires=day), *rest)


def full_disk(scene, used=10 * GIGABYTE):
    scene.use(Resource.DISK, used, 10 * GIGABYTE)
