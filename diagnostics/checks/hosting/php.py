"""Check that the site's PHP version is still supported, by the panel, else by response headers.

The dates are those of https://www.php.net/supported-versions.php and /eol.php.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta

from diagnostics.checks.readings import has_response, is_within, normalise_name
from diagnostics.checks.web.redirects import url_host
from diagnostics.evidence.keys import HOSTING
from diagnostics.evidence.web import WEB
from diagnostics.model import Case, Check, Finding, FindingMessage, Severity
from kb.owners import Owner
from render.i18n import N_

WARNING_PERIOD = timedelta(days=365)
END_DATES: Mapping[str, date] = {
    "3.0": date(2000, 10, 20),
    "4.0": date(2001, 6, 23),
    "4.1": date(2002, 3, 12),
    "4.2": date(2002, 9, 6),
    "4.3": date(2005, 3, 31),
    "4.4": date(2008, 8, 7),
    "5.0": date(2005, 9, 5),
    "5.1": date(2006, 8, 24),
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
ENDED = FindingMessage(
    id="hosting.php.ended",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("PHP {version} at {hosts:list} is no longer looked after"),
    seen=N_("{source:said} Its makers ended all repairs on {ended:date}."),
    why=N_("Holes in it stay open for good, and newer plugins and themes stop working with it."),
    steps=STEPS,
)
ENDING = FindingMessage(
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


def parse_version(text: str) -> str:
    """“7.4” from “PHP/7.4.33”, “php74”, “ea-php74”, “7.4”; "" when it says no version."""
    match = _VERSION.search(text.strip())
    number = f"{match[1]}.{match[2]}" if match else ""
    return number if number in END_DATES else ""


def judge(case: Case) -> Iterable[Finding]:
    for source, hosts_by_version in (
        (BY_PANEL, _versions_set(case)),
        (BY_SITE, _versions_shown(case)),
    ):
        if hosts_by_version:
            yield from _version_findings(case, source, hosts_by_version)
            return


def _version_findings(
    case: Case, source: str, hosts_by_version: Mapping[str, list[str]]
) -> Iterator[Finding]:
    today = case.at.date()
    for number, hosts in hosts_by_version.items():
        end_date = END_DATES[number]
        message = (
            ENDED if end_date < today else ENDING if end_date - today <= WARNING_PERIOD else None
        )
        if message is not None:
            yield message(
                evidence=("hosting", "web"),
                version=number,
                hosts=hosts,
                ended=end_date.isoformat(),
                source=source,
            )


def _versions_set(case: Case) -> dict[str, list[str]]:
    """Versions with the hosts of this domain that the panel has set to them."""
    hosting, hosts_by_version = case.evidence.get(HOSTING), dict[str, list[str]]()
    for site in hosting.sites if hosting else ():
        if is_within(normalise_name(site.host), case.subject.domain) and (
            number := parse_version(site.php)
        ):
            hosts_by_version.setdefault(number, []).append(site.host)
    return hosts_by_version


def _versions_shown(case: Case) -> dict[str, list[str]]:
    """Versions that answers of the site name in X-Powered-By."""
    hosts_by_version: dict[str, list[str]] = {}
    for hop in (hop for chain in case.evidence[WEB].chains for hop in chain.hops):
        powered_by, name = hop.header("x-powered-by"), url_host(hop.url)
        is_own_answer = has_response(hop) and is_within(name, case.subject.domain)
        number = parse_version(powered_by) if is_own_answer and "php" in powered_by.lower() else ""
        if number and name not in hosts_by_version.setdefault(number, []):
            hosts_by_version[number].append(name)
    return hosts_by_version


def _known_versions(case: Case) -> dict[str, list[str]]:
    return _versions_set(case) or _versions_shown(case)


CHECK = Check(
    id="hosting.php",
    title=N_("The PHP version is looked after"),
    needs=(WEB,),
    tolerates=(HOSTING,),
    messages=(ENDED, ENDING),
    judge=judge,
    seen=_known_versions,
)
