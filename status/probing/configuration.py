"""From `[[probe]]` to probes whose settings their kind accepts; what does not fit is told."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

import msgspec

from settings import Settings, SettingsError, environment, read_secret
from settings.choices import all_checked, one_of
from settings.durations import as_duration
from status.model import Probe
from status.probing.kinds import KINDS

CREDENTIALS_IN_TARGET = (
    "a target is published, so no user name or password may stand before its host; for http send "
    'headers = { Authorization = "Basic …" }'
)


def configured_probes(settings: Settings) -> tuple[Probe, ...]:
    """All probes, their groups made of components that are there. Raises SettingsError."""
    zone = settings.site.time_zone
    sections = (Probe(**msgspec.structs.asdict(section)) for section in settings.probe)
    given = (_zoned(probe, zone) for probe in sections)
    probes = all_checked(lambda probe: checked_probe(_with_secrets(probe)), given)
    check_groups(probes, (c.id for c in settings.component))
    return probes


def _with_secrets(probe: Probe) -> Probe:
    """A probe whose secrets are the values themselves: from the settings, from a variable of the
    environment ({ env = "NAME" }), from a file ({ file = "/path" }). Raises SettingsError."""
    given = probe.settings.get("secrets")
    if not isinstance(given, dict):
        return probe
    names = all_checked(lambda name: (name, _secret(probe.name, name, given[name])), given)
    return replace(probe, settings={**probe.settings, "secrets": dict(names)})


def _secret(probe: str, name: str, given: object) -> object:
    if not isinstance(given, dict):
        return given
    where = f'[[probe]] "{probe}" secrets {name}'
    match given:
        case {"env": str(variable)} if len(given) == 1:
            value = environment().get(variable, "")
            if not value:
                raise SettingsError(f"{where}: the environment has no {variable}")
            return value
        case {"file": str(path)} if len(given) == 1:
            return read_secret(path, where)
    raise SettingsError(f'{where} is neither text, {{ env = "NAME" }} nor {{ file = "/path" }}')


def _zoned(probe: Probe, zone: str) -> Probe:
    """A cron expression without a zone of its own is of the site's."""
    if probe.kind != "heartbeat" or not probe.settings.get("cron"):
        return probe
    return replace(probe, settings={"time_zone": zone, **probe.settings})


def checked_probe(given: Probe) -> Probe:
    """A probe whose settings its kind accepts. Raises SettingsError."""
    where = f'[[probe]] "{given.name}"'
    name = one_of(given.kind, (kind.name for kind in KINDS), f"{where} kind")
    kind = next(k for k in KINDS if k.name == name)
    try:
        kind.check(given.settings)
    except ValueError as error:
        raise SettingsError(f"{where}: {error}") from error
    if kind.has_target and not given.target:
        raise SettingsError(f"{where}: a {name} probe needs a target")
    if _holds_credentials(given.target):
        raise SettingsError(f"{where}: {CREDENTIALS_IN_TARGET}")
    if kind.has_target:
        try:
            kind.check_target(given.target)
        except ValueError as error:
            raise SettingsError(f"{where}: {error}") from error
    if given.interval < kind.min_interval:
        least = as_duration(kind.min_interval.total_seconds())
        raise SettingsError(
            f"{where}: interval is shorter than {least}, too often for those who are asked"
        )
    if given.agree > max(len(given.vantages), 1):
        raise SettingsError(f"{where}: agree is {given.agree}, of {len(given.vantages)} vantages")
    probe = replace(given, settings=dict(given.settings))
    return replace(probe, fail_after=1, recover_after=1) if kind.is_passive else probe


def _holds_credentials(target: str) -> bool:
    """Whether a target has user information (RFC 3986, 3.2.1), as "http://user:pw@host/" has."""
    _, has_scheme, rest = target.replace("\\", "/").partition("//")
    return "@" in re.split("[/?#]", rest if has_scheme else target, maxsplit=1)[0]


def check_groups(probes: Iterable[Probe], components: Iterable[str]) -> None:
    """Groups are made of components that are there, and not of themselves. Raises SettingsError."""
    component_ids = frozenset(components)
    for probe in probes:
        members = probe.settings.get("of") if probe.kind == "group" else None
        for member in members if isinstance(members, list | tuple) else ():
            one_of(str(member), component_ids - {probe.component}, f'[[probe]] "{probe.name}" of')


def seen_from(probes: Iterable[Probe], vantage: str) -> tuple[Probe, ...]:
    """Those that are looked at from a vantage."""
    return tuple(p for p in probes if not p.vantages or vantage in p.vantages)
