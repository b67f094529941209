"""Is the site's PHP still looked after? As the panel says, else as the site's answers say.

The dates are those of https://www.php.net/supported-versions.php and /eol.php.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta

from diagnostics.checks.readings import arrived, bare, inside
from diagnostics.checks.web.redirects import host
from diagnostics.evidence.keys import HOSTING
from diagnostics.evidence.web import WEB
from diagnostics.model import Case, Check, Finding, Message, Severity
from kb.owners import Owner
from render.i18n import N_

SOON = timedelta(days=365)
LAST: Mapping[str, date] = {
    "5.2": date(2011, 1, 6),
    "5.3": date(2014, 8, 14),
    "5.4": date(2015, 9, 3),
    "5.5": date(2016, 7, 21),
    "5.6": date(2018, 12, 31),
    "7.0": date(2019, 1, 10),
    "7.1": date(2019, 12, 1),
    "7.2": date(2020, 11, 30),
    "7.3": date(2021, 12, 6),
    "7.4": date(2022, 11, 28),
    "8.0": date(2023, 11, 26),
    "8.1": date(2025, 12, 31),
    "8.2": date(2026, 12, 31),
    "8.3": date(2027, 12, 31),
    "8.4": date(2028, 12, 31),
    "8.5": date(2029, 12, 31),
}
STEPS = (
    N_("Make a backup of the site and its database."),
    N_("Update the site's program, its theme and its plugins first."),
    N_("In your hosting panel, choose a newer PHP version for {hosts:list} and test the site."),
    N_("If something breaks, go back to the old version and ask whoever made the site."),
)
ENDED = Message(
    id="hosting.php.ended",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("PHP {version} at {hosts:list} is no longer looked after"),
    seen=N_("{source:said} Its makers ended all repairs on {ended:date}."),
    why=N_("Holes in it stay open for good, and newer plugins and themes stop working with it."),
    steps=STEPS,
)
ENDING = Message(
    id="hosting.php.ending",
    severity=Severity.NOTICE,
    owner=Owner.CUSTOMER,
    title=N_("PHP {version} at {hosts:list} is soon no longer looked after"),
    seen=N_("{source:said} Its makers end all repairs on {ended:date}."),
    why=N_("There is still time to change without haste."),
    steps=STEPS,
)
BY_PANEL = N_("Your hosting panel is set to PHP {version}.")
BY_SITE = N_("The site's answers name PHP {version}.")
_VERSION = re.compile(r"(?:^|php[/ -]?|[^\d.])(\d)\.?(\d{1,2})(?:\.\d+|\b)", re.IGNORECASE)


def version(text: str) -> str:
    """“7.4” from “PHP/7.4.33”, “php74”, “ea-php74”, “7.4”; "" when it says no version."""
    found = _VERSION.search(text.strip())
    made = f"{found[1]}.{found[2]}" if found else ""
    return made if made in LAST else ""


def judge(case: Case) -> Iterable[Finding]:
    for source, found in ((BY_PANEL, _set(case)), (BY_SITE, _shown(case))):
        if found:
            yield from _told(case, source, found)
            return


def _told(case: Case, source: str, found: Mapping[str, list[str]]) -> Iterator[Finding]:
    today = case.at.date()
    for number, hosts in found.items():
        ends = LAST[number]
        message = ENDED if ends < today else ENDING if ends - today <= SOON else None
        if message is not None:
            yield message(
                evidence=("hosting", "web"),
                version=number,
                hosts=hosts,
                ended=ends.isoformat(),
                source=source,
            )


def _set(case: Case) -> dict[str, list[str]]:
    """Versions with the hosts of this domain that the panel has set to them."""
    hosting, found = case.evidence.get(HOSTING), dict[str, list[str]]()
    for site in hosting.sites if hosting else ():
        if inside(bare(site.host), case.subject.domain) and (number := version(site.php)):
            found.setdefault(number, []).append(site.host)
    return found


def _shown(case: Case) -> dict[str, list[str]]:
    """Versions that answers of the site name in X-Powered-By."""
    found: dict[str, list[str]] = {}
    for hop in (hop for chain in case.evidence[WEB].chains for hop in chain.hops):
        powered, name = hop.header("x-powered-by"), host(hop.url)
        mine = arrived(hop) and inside(name, case.subject.domain)
        number = version(powered) if mine and "php" in powered.lower() else ""
        if number and name not in found.setdefault(number, []):
            found[number].append(name)
    return found


CHECK = Check(
    id="hosting.php",
    title=N_("The PHP version is looked after"),
    needs=(WEB,),
    tolerates=(HOSTING,),
    messages=(ENDED, ENDING),
    judge=judge,
)
