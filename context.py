"""What every room is built on: settings, time, the database, the network, the site.

Each part is made on first use; making it opens nothing. Knows no feature.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path

import msgspec

from clock import Clock, SystemClock
from db.engine import Database, connect
from facts import Vantage
from jobs.database_queue import DatabaseQueue
from jobs.queue import Queue
from jobs.wakeup import wakeup
from observe.network import Network
from observe.registry_pacing import RegistryPacing
from observe.transport import certificates
from render.i18n import use_overrides
from render.languages import LANGUAGES, NAMES
from render.overrides import NO_OVERRIDES, OverrideProblem, read_overrides
from render.templates import TemplateRenderer, environment
from settings import LoadedSettings, Settings, SettingsError, schema, secret_key
from settings.choices import Mistakes, all_checked, one_of, time_zone
from web.rate_limits import Limiter, key_hasher
from web.site import Site
from web.store import SharedBuckets

REGISTRIES = "registries.json"


def unfenced(database: Database) -> Database:
    """Where nobody competes for the lead."""
    return database


@dataclass(frozen=True)
class RoomContext:
    """The ground of all rooms. `database` and `network_in_use` are used instead of what settings
    say when they are given. `worker` is the name of an engine, "" in any other process; `fence`
    makes a database that refuses writes once another engine has the lead."""

    loaded: LoadedSettings
    clock: Clock
    database: Database | None = None
    network_in_use: Network | None = None
    worker: str = ""
    fence: Callable[[Database], Database] = unfenced

    @property
    def settings(self) -> Settings:
        return self.loaded.settings

    @property
    def var(self) -> Path:
        """The data folder."""
        return self.loaded.var

    @cached_property
    def secret(self) -> bytes:
        """What signs forms and links."""
        return secret_key(self.loaded)

    @cached_property
    def db(self) -> Database:
        """The database. Raises SettingsError."""
        if self.database is not None:
            return self.database
        try:
            return connect(self.loaded.database_url, clock=self.clock)
        except ValueError as error:
            raise SettingsError(f"[database] url: {error}") from error

    @cached_property
    def jobs(self) -> Queue:
        """Where work that outlives a request is put in, and taken from."""
        return DatabaseQueue(self.db, wakeup(self.var, self.loaded.database_url))

    @cached_property
    def network(self) -> Network:
        """Where observe/ looks. Raises SettingsError."""
        if self.network_in_use is not None:
            return self.network_in_use
        network = configured_network(self.settings.network, self.settings.vantage, self.clock)
        return replace(network, registries=RegistryPacing(self.var / REGISTRIES))

    @cached_property
    def site(self) -> Site:
        """What pages say of the provider. Raises SettingsError."""
        return configured_site(self.settings.site)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages of the site, also of one in whose settings something is wrong."""
        listed = self.settings.site.languages
        return tuple(lang for lang in listed if lang in NAMES) or tuple(LANGUAGES)

    @cached_property
    def pages(self) -> TemplateRenderer:
        """The templates."""
        return TemplateRenderer(
            environment(zone=self.site.time_zone, languages=self.site.languages)
        )

    @cached_property
    def limiter(self) -> Limiter:
        """How often somebody may ask."""
        return Limiter(self.clock, SharedBuckets(self.db), key_hasher(self.secret))

    def ago(self, span: timedelta) -> datetime:
        """The moment that long before now."""
        return self.clock.now() - span

    def with_database(self, database: Database) -> RoomContext:
        """The same ground over another database; the network stays the very same."""
        return replace(self, database=database, network_in_use=self.network)

    def of_engine(self, worker: str, fence: Callable[[Database], Database]) -> RoomContext:
        """The ground of an engine: its name, and what refuses its writes without the lead."""
        return replace(self.with_database(self.db), worker=worker, fence=fence)

    def fenced(self) -> RoomContext:
        """The ground for what only the engine with the lead may write."""
        return self.with_database(self.fence(self.db))


def context(loaded: LoadedSettings, clock: Clock | None = None) -> RoomContext:
    """The ground for some settings. Raises SettingsError when the operator's texts do not fit."""
    use_texts(loaded.settings.texts)
    return RoomContext(loaded, clock or SystemClock())


def configured_network(
    section: schema.NetworkSection, vantage_section: schema.VantageSection, clock: Clock
) -> Network:
    """Where observe/ looks, and what it can see from there. Raises SettingsError."""
    vantage = Vantage(
        vantage_section.name,
        ipv4=vantage_section.ipv4,
        ipv6=vantage_section.ipv6,
        port25=vantage_section.port25,
    )
    table = msgspec.to_builtins(section)
    all_checked(lambda key: _check_network_key(key, table[key]), table)
    network = Network.from_table(table, clock=clock, vantage=vantage)
    try:
        trusted = certificates.trust_roots(section.ca_bundle) if section.ca_bundle else ("all",)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", "") or str(error)
        raise SettingsError(
            f"[network] ca_bundle: {section.ca_bundle} cannot be read: {reason}"
        ) from error
    if not trusted:
        raise SettingsError(f"[network] ca_bundle: {section.ca_bundle} holds no certificate")
    return network


def _check_network_key(key: str, value: object) -> None:
    try:
        Network.from_table({key: value})
    except OSError as error:
        raise SettingsError(f"[network] {key}: {error.filename}: {error.strerror}") from error
    except ValueError as error:
        reason = str(error).removeprefix(f"network.{key}").lstrip(".: ")
        raise SettingsError(f"[network] {key}: {reason}") from error


def configured_site(section: schema.SiteSection) -> Site:
    """What pages say of the provider. Raises SettingsError."""
    mistakes = Mistakes()
    for lang in section.languages:
        with mistakes:
            one_of(lang, NAMES, "[site] languages")
    with mistakes:
        time_zone(section.time_zone, "[site] time_zone")
    mistakes.refuse()
    brand = {str(key): value for key, value in section.brand.items()}
    languages = section.languages or tuple(LANGUAGES)
    return Site(section.name, section.url, section.status_url, languages, brand, section.time_zone)


def use_texts(section: schema.TextsSection) -> None:
    """Let the operator's own words stand in place of ours. Raises SettingsError naming each fault."""
    try:
        overrides = read_overrides(Path(section.folder)) if section.folder else NO_OVERRIDES
        use_overrides(overrides)
    except OverrideProblem as error:
        raise SettingsError(f"[texts] folder: {error}") from error
