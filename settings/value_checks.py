"""Which texts of the configuration must be hosts, addresses, networks or colours: one table.

What depends on the probe's kind is judged in status/probing/targets.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from graphlib import CycleError, TopologicalSorter

import msgspec

from settings import values
from settings.mistakes import KeyPath
from settings.schema import Settings

STATIC = "/static/"


def _logo(text: str) -> str:
    if not text.startswith(STATIC):
        raise ValueError(f'"{text}" is no logo; allowed is an address below {STATIC}')
    return text


# Keys of one text, of several, or of a table; what is empty is not given.
CHECKS: dict[tuple[str, ...], Callable[[str], str]] = {
    ("site", "brand", "colour"): values.colour,
    ("site", "brand", "logo"): _logo,
    ("site", "hosts"): values.host,
    ("status", "remind_to"): values.email_address,
    ("provider", "nameservers"): values.host,
    ("provider", "addresses"): values.ip_network,
    ("provider", "mail_hosts"): values.host,
    ("provider", "mailbox_hosts"): values.host,
    ("provider", "spf_include"): values.host,
    ("provider", "outgoing_addresses"): values.ip_network,
    ("desk", "notify"): values.email_address,
    ("mail", "host"): values.host,
    ("mail", "sender"): values.mail_sender,
    ("network", "dnsbl"): values.host,
    ("vantage", "mail_references"): values.host,
}
REQUIRED = (("mail", "sender"),)


def wrong_values(settings: Settings) -> Iterator[tuple[KeyPath, str]]:
    """Each text that cannot be what its key asks for: where it stands, and why."""
    tree = msgspec.to_builtins(settings)
    for path, check in CHECKS.items():
        value: object = tree
        for step in path:
            value = value.get(step) if isinstance(value, dict) else None
        for text in value if isinstance(value, list | tuple) else (value,):
            if not text and path not in REQUIRED:
                continue
            try:
                check(str(text or ""))
            except ValueError as error:
                yield path, str(error)
    for where, name in _names(settings):
        try:
            values.display_name(name)
        except ValueError as error:
            yield where, str(error)


def _names(settings: Settings) -> Iterator[tuple[KeyPath, str]]:
    """What readers know the site, its services and its groups by, and where it stands."""
    yield ("site", "name"), settings.site.name
    for number, component in enumerate(settings.component):
        yield ("component", number, "name"), component.name
        if component.group:
            yield ("component", number, "group"), component.group
        for key, names in (("names", component.names), ("group_names", component.group_names)):
            for lang, name in names.items():
                yield ("component", number, key, lang), name


def dependency_circle(settings: Settings) -> tuple[str, ...]:
    """Components that depend on each other in a circle, beginning and ending with the same; () for
    none."""
    others = {c.id: frozenset(c.depends_on) - {c.id} for c in settings.component}
    try:
        TopologicalSorter(others).prepare()
    except CycleError as error:
        circle: list[str] = error.args[1]
        return tuple(reversed(circle))  # it names first what the others wait for
    return ()
