"""From a section of the settings to an adapter; what does not fit is told with what is allowed."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

import holidays
import msgspec

from accounts.model import Assurance
from accounts.policy import POLICY, Action, PolicyRule
from clock import Clock
from facts import Vantage
from hosting.panel import Panel, PanelAccess
from hosting.panels import PANELS, connect
from notify.channel import Channel
from notify.channels import CHANNELS
from notify.channels.apprise import Apprise
from notify.channels.outbox import Outbox
from notify.channels.smtp import MailServer, Smtp
from notify.model import ChannelSubscription, Preferences
from observe.network import Network, NetworkError
from render.i18n import use_overrides
from render.languages import DEFAULT, LANGUAGES, NAMES
from render.overrides import NO_OVERRIDES, OverrideProblem, read_overrides
from render.templates import TemplateRenderer, environment
from settings import SettingsError, schema
from standards.urls import BadUrl
from status.events import ChangeKind
from status.model import Component, Probe
from status.probing.kinds import KINDS
from tickets.calendar import OpeningHours, week
from tickets.desk import Desk
from tickets.desks import DESKS
from tickets.desks.local import LocalDesk
from tickets.desks.quiet import QuietDesk
from tickets.routing import CATEGORIES, Department
from tickets.store import TicketStore
from web.site import Site


def one_of(kind: str, known: Iterable[str], key: str) -> str:
    """The kind when it is known. Raises SettingsError with the nearest right name."""
    names = sorted(known)
    if kind in names:
        return kind
    near = difflib.get_close_matches(kind, names, 1, 0.4)
    meant = f"; did you mean {near[0]}?" if near else ""
    raise SettingsError(f'{key} is "{kind}"{meant} Allowed: {", ".join(names)}')


def network(told: schema.Network, place: schema.Vantage, clock: Clock) -> Network:
    """Where observe/ looks, and what it can see from there. Raises SettingsError."""
    vantage = Vantage(place.name, ipv4=place.ipv4, ipv6=place.ipv6, port25=place.port25)
    try:
        return Network.of(msgspec.to_builtins(told), clock=clock, vantage=vantage)
    except (NetworkError, OSError) as error:
        raise SettingsError(f"[network]: {error}") from error


def site(told: schema.Site) -> Site:
    """What pages say of the provider. Raises SettingsError."""
    for lang in told.languages:
        one_of(lang, NAMES, "[site] languages")
    zone(told.time_zone, "[site] time_zone")
    brand = {str(k): v for k, v in told.brand.items()}
    languages = told.languages or tuple(LANGUAGES)
    return Site(told.name, told.url, told.status_url, languages, brand, told.time_zone)


def use_texts(told: schema.Texts) -> None:
    """Let the operator's own words stand in place of ours. Raises SettingsError naming each fault."""
    try:
        use_overrides(read_overrides(Path(told.folder)) if told.folder else NO_OVERRIDES)
    except OverrideProblem as error:
        raise SettingsError(f"[texts] folder: {error}") from error


def pages(told: Site) -> TemplateRenderer:
    """The templates, in the languages and the time zone of a site."""
    return TemplateRenderer(environment(zone=told.time_zone, languages=told.languages))


def zone(name: str, key: str) -> ZoneInfo:
    """A time zone that this machine knows. Raises SettingsError with the nearest right name."""
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        near = difflib.get_close_matches(name, available_timezones(), 1, 0.4)
        meant = f"; did you mean {near[0]}?" if near else ""
        allowed = "Allowed: names such as UTC or Europe/Prague"
        raise SettingsError(f'{key} is "{name}"{meant} {allowed}') from None


def probe(given: Probe) -> Probe:
    """A probe whose settings its kind accepts. Raises SettingsError."""
    where = f'[[probe]] "{given.name}"'
    name = one_of(given.kind, (kind.name for kind in KINDS), f"{where} kind")
    kind = next(k for k in KINDS if k.name == name)
    try:
        kind.check(given.settings)
    except ValueError as error:
        raise SettingsError(f"{where}: {error}") from error
    if kind.targeted and not given.target:
        raise SettingsError(f"{where}: a {name} probe needs a target")
    if given.interval < kind.at_least:
        least = f"{kind.at_least.total_seconds() / 60:g} minutes"
        raise SettingsError(f"{where}: every {least} at most, for the sake of those who are asked")
    if given.agree > max(len(given.vantages), 1):
        raise SettingsError(f"{where}: agree is {given.agree}, of {len(given.vantages)} vantages")
    found = replace(given, settings=dict(given.settings))
    return replace(found, fail_after=1, recover_after=1) if kind.told else found


def here(probes: Iterable[Probe], vantage: str) -> tuple[Probe, ...]:
    """Those that are looked at from this machine."""
    return tuple(p for p in probes if not p.vantages or vantage in p.vantages)


def members(probes: Iterable[Probe], components: Iterable[str]) -> None:
    """Groups are made of components that are there, and not of themselves. Raises SettingsError."""
    known = frozenset(components)
    for probe in probes:
        of = probe.settings.get("of") if probe.kind == "group" else None
        for member in of if isinstance(of, list | tuple) else ():
            one_of(str(member), known - {probe.component}, f'[[probe]] "{probe.name}" of')


def panel(told: schema.Panel, network: Network) -> Panel:
    """Where hosting accounts are kept. Raises SettingsError."""
    kind = one_of(told.kind, (p.name for p in PANELS), "[panel] kind")
    try:
        access = PanelAccess(told.url, told.token, told.timeout, told.user)
        return connect(kind, access, network)
    except BadUrl as error:
        raise SettingsError(f"[panel] url: {error}") from error
    except ValueError as error:
        raise SettingsError(f"[panel] {error}") from error


def desk(told: schema.Desk, tickets: TicketStore) -> Desk:
    """Where agents read tickets. Raises SettingsError."""
    kind = one_of(told.kind, DESKS, "[desk] kind")
    return QuietDesk() if kind == "quiet" else LocalDesk(tickets)


def channel(told: schema.Mail, var: Path) -> Channel:
    """How letters leave. Raises SettingsError."""
    if one_of(told.kind, CHANNELS, "[mail] kind") == "outbox":
        return Outbox(var / "outbox", told.sender)
    server = MailServer(
        host=told.host,
        port=told.port,
        security=told.security,
        user=told.username,
        password=told.password,
        sender=told.sender,
    )
    return Smtp(server)


def post(
    told: schema.Channel, components: Iterable[Component]
) -> tuple[ChannelSubscription, Channel]:
    """An operators' channel: what it hears, and how it is reached. Raises SettingsError."""
    where, known = f'[[channel]] "{told.id}"', tuple(components)
    for what in told.hears:
        one_of(what, ChangeKind, f"{where} hears")
    for component in told.components:
        one_of(component, (c.id for c in known), f"{where} components")
    for group in told.groups:
        one_of(group, (c.group for c in known), f"{where} groups")
    one_of(told.lang, LANGUAGES, f"{where} lang")
    wish = Preferences(told.components, told.groups, lang=told.lang)
    return ChannelSubscription(told.id, wish, told.hears), Apprise(told.url)


def reachable(told: schema.Channel) -> None:
    """Whether Apprise is there and knows the address. Raises SettingsError."""
    try:
        Apprise(told.url).check()
    except ModuleNotFoundError as error:
        raise SettingsError(f'[[channel]] "{told.id}": {error}') from error
    except ValueError as error:
        raise SettingsError(f'[[channel]] "{told.id}" url: {error}') from error


def department(told: schema.Department) -> Department:
    """A team with its hours. Raises SettingsError."""
    where = f'[[department]] "{told.id}"'
    for category in told.categories:
        one_of(category, CATEGORIES, f"{where} categories")
    try:
        ZoneInfo(told.zone)
        if told.country:
            holidays.country_holidays(told.country)
        hours = OpeningHours(
            told.zone,
            week(told.guaranteed),
            week(told.available or told.guaranteed),
            told.country,
            told.holidays_too,
        )
    except (ValueError, KeyError, NotImplementedError) as error:
        raise SettingsError(f"{where}: {error}") from error
    names = told.names or {DEFAULT: told.name or told.id}
    return Department(told.id, dict(names), told.categories, hours, told.within, told.outage_within)


def rules(told: schema.Policy) -> Mapping[Action, PolicyRule]:
    """What an action asks, with the operator's own levels. Raises SettingsError."""
    for action in told.actions:
        one_of(action, (a.value for a in Action), "[policy] actions")
    return {
        action: replace(rule, assurance=Assurance(told.actions.get(action.value, rule.assurance)))
        for action, rule in POLICY.items()
    }
