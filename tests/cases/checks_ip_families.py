"""Cases: the site over IPv4 and over IPv6."""

from __future__ import annotations

from standards.dns_types import Trouble
from tests.checks_fixtures import Expected
from tests.checks_parts import OURS, hop

HOME, SIX = "https://cafe.example/", "2a01:9::10"


def over_six(**how: object):
    """IPv4 shows the café; over IPv6 it is as told."""
    return lambda s: setattr(s, "families", (hop(HOME, ip=OURS), hop(HOME, ip=SIX, **how)))


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
)  # fmt: skip
