"""From `[[probe]]` to probes whose settings their kind accepts; what does not fit is told."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

import msgspec

from settings import Settings, SettingsError, environment, read_secret
from settings.choices import Mistakes, all_checked, one_of
from settings.durations import as_duration
from settings.near_names import did_you_mean
from settings.schema import ProbeSection
from status.model import Probe
from status.probing.kinds import KINDS
from status.probing.probe_kind import ProbeKind, wrong_settings

CREDENTIALS_IN_TARGET = (
    "a target is published, so no user name or password may stand before its host; for http send "
    'headers = { Authorization = "Basic …" }'
)


def configured_probes(settings: Settings) -> tuple[Probe, ...]:
    """All probes, their groups made of components that are there. Raises SettingsError."""
    zone = settings.site.time_zone
    sections = (Probe(**msgspec.structs.asdict(section)) for section in settings.probe)
    given = (_zoned(probe, zone) for probe in sections)
    zoned, mistakes = tuple(given), Mistakes()
    probes: tuple[Probe, ...] = ()
    with mistakes:
        probes = all_checked(_checked_with_secrets, zoned)
    with mistakes:
        check_groups(zoned, (c.id for c in settings.component))
    mistakes.refuse()
    return probes


def _checked_with_secrets(probe: Probe) -> Probe:
    """A probe that its kind accepts, with its secrets. Raises SettingsError for all that is wrong."""
    mistakes = Mistakes()
    without_secrets = {key: value for key, value in probe.settings.items() if key != "secrets"}
    given = replace(probe, settings=without_secrets)
    with mistakes:
        given = _with_secrets(probe)
    with mistakes:
        given = checked_probe(given)
    mistakes.refuse()
    return given


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
    wrong = [
        *wrong_settings(kind.settings, given.settings),
        *_wrong_target(kind, given.target),
        *_wrong_rhythm(kind, given),
    ]
    if wrong:
        raise SettingsError("\n".join(f"{where}: {text}" for text in wrong))
    probe = replace(given, settings=dict(given.settings))
    return replace(probe, fail_after=1, recover_after=1) if kind.is_passive else probe


def _wrong_target(kind: ProbeKind, target: str) -> Iterator[str]:
    if _holds_credentials(target):
        yield f"target: {CREDENTIALS_IN_TARGET}"
    elif kind.has_target and not target:
        yield f"a {kind.name} probe needs a target"
    elif kind.has_target:
        try:
            kind.check_target(target)
        except ValueError as error:
            yield str(error)


def _wrong_rhythm(kind: ProbeKind, given: Probe) -> Iterator[str]:
    if given.interval < kind.min_interval:
        least = as_duration(kind.min_interval.total_seconds())
        yield f"interval is shorter than {least}, too often for those who are asked"
    if given.agree > max(len(given.vantages), 1):
        most, named = max(len(given.vantages), 1), len(given.vantages)
        yield f"agree is {given.agree}; allowed is at most {most}, as vantages names {named}"


def _holds_credentials(target: str) -> bool:
    """Whether a target has user information (RFC 3986, 3.2.1), as "http://user:pw@host/" has."""
    _, has_scheme, rest = target.replace("\\", "/").partition("//")
    return "@" in re.split("[/?#]", rest if has_scheme else target, maxsplit=1)[0]


def check_groups(probes: Iterable[Probe], components: Iterable[str]) -> None:
    """Groups are made of components that are there, and not of themselves. Raises SettingsError."""
    component_ids, mistakes = frozenset(components), Mistakes()
    for probe in probes:
        members = probe.settings.get("of") if probe.kind == "group" else None
        for member in members if isinstance(members, list | tuple) else ():
            with mistakes:
                allowed = component_ids - {probe.component}
                one_of(str(member), allowed, f'[[probe]] "{probe.name}" of')
    mistakes.refuse()


def unused_keys(settings: Settings, given: Iterable[frozenset[str]]) -> tuple[str, ...]:
    """Common keys that the kind of a probe has no use for, a text for each; `given` are the keys that
    each `[[probe]]` has."""
    kinds = {kind.name: kind for kind in KINDS}
    return tuple(
        f'[[probe]] "{probe.name}" {key} means nothing to a {probe.kind} probe{_instead(probe, key)}'
        for probe, keys in zip(settings.probe, given, strict=False)
        if probe.kind in kinds
        for key in sorted(keys & kinds[probe.kind].unused_keys)
    )


def _instead(probe: ProbeSection, key: str) -> str:
    meant = {"interval": "every", "timeout": "grace"} if probe.kind == "heartbeat" else {}
    return f"; did you mean {meant[key]}?" if key in meant else ""


def named_by_no_probe(probes: Iterable[Probe], vantage: str) -> str:
    """Why a vantage may have been mistyped, for operators: probes name vantages, and not this one.
    "" when one names it, or none names any."""
    names = {name for probe in probes for name in probe.vantages}
    if not names or vantage in names:
        return ""
    return f"no probe names the vantage {vantage}{did_you_mean(vantage, names)}"


def seen_from(probes: Iterable[Probe], vantage: str) -> tuple[Probe, ...]:
    """Those that are looked at from a vantage."""
    return tuple(p for p in probes if not p.vantages or vantage in p.vantages)
