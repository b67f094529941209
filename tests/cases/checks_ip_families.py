"""Cases: the site over IPv4 and over IPv6."""

from __future__ import annotations

from facts import Standpoint, Vantage
from standards.dns_types import Trouble
from tests.checks_fixtures import Expected, Scene
from tests.checks_parts import AT, OURS, hop

HOME, SIX = "https://cafe.example/", "2a01:9::10"


def over_six(**how: object):
    """IPv4 shows the café; over IPv6 it is as told."""
    return lambda s: setattr(s, "families", (hop(HOME, ip=OURS), hop(HOME, ip=SIX, **how)))


def ipv4_only(*addresses: str):
    """Our own place has no IPv6; the name has these addresses."""

    def change(scene: Scene) -> None:
        scene.standpoint = Standpoint(Vantage("lab", ipv6=False), AT)
        for address in addresses:
            scene.zone["cafe.example", "AAAA" if ":" in address else "A"] = (address,)

    return change


DEAD, DIFFERS = "web.family.one_dead", "web.family.differs"
CASES = (
    Expected("IPv6 shows the same", over_six()),
    Expected("IPv6 is dead", over_six(trouble=Trouble.TIMEOUT), (DEAD,)),
    Expected("IPv6 is blocked by us", over_six(trouble=Trouble.BLOCKED)),
    Expected("IPv6 shows an old site", over_six(title="Our old café"), (DIFFERS,)),
    Expected("IPv6 shows an error", over_six(status=404), (DIFFERS,)),
    Expected("IPv6 meets a protection", over_six(status=429)),
    Expected("IPv4 is dead", lambda s: setattr(s, "families", (
        hop(HOME, ip=OURS, trouble=Trouble.REFUSED), hop(HOME, ip=SIX))), (DEAD,)),
    Expected("two kinds of addresses, and we see one", ipv4_only("192.0.9.10", SIX), (), (),
             ("web.family.unknown",)),
    Expected("one kind of addresses, and we see it", ipv4_only("192.0.9.10")),
)  # fmt: skip
