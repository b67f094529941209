"""The room below all others: readiness and numbers of database and engine, tidying, hosts, proxies."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path

from context import REGISTRIES, RoomContext
from db.batched_delete import delete_in_slices, repeat
from db.engine import sqlite_path
from db.schema_status import schema_message
from db.stored import health_message
from db.tables.quarantine import quarantine
from engine import disk_space, heartbeat_file, readiness
from jobs import effects
from observe.registry.bootstrap import BootstrapRefresh, RefreshFailed
from render.exposition import exposition
from room import Chore, ReadinessCheck, Retention, Room
from settings import LoadedSettings, SettingsError, check_secret_key, values
from settings.choices import all_checked
from web.store import KEEP, SharedBuckets

log = logging.getLogger("jasno.engine")


def _data_folders(loaded: LoadedSettings) -> tuple[Path, ...]:
    """Where data of ours lie on this machine, each once."""
    database, var = sqlite_path(loaded.database_url), loaded.var.absolute()
    return (var,) if database is None or database.parent == var else (var, database.parent)


def _proxy(text: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(values.ip_network(text), strict=False)
    except ValueError as error:
        raise SettingsError(f"[server] trusted_proxies: {error}") from error


@dataclass(frozen=True)
class FoundationRoom(Room):
    """What belongs to no feature."""

    ctx: RoomContext
    name = "foundation"

    @cached_property
    def proxies(self) -> tuple[IPv4Network | IPv6Network, ...]:
        """Proxies whose word on addresses is taken. Raises SettingsError."""
        return all_checked(_proxy, self.ctx.settings.server.trusted_proxies)

    def is_proxy(self, address: str) -> bool:
        """Whether an address is one of our proxies."""
        try:
            asked = ip_address(address)
        except ValueError:
            return False
        return any(asked in net for net in self.proxies if net.version == asked.version)

    def hosts(self) -> frozenset[str]:
        """Every name the web answers to."""
        site = self.ctx.settings.site
        urls = (site.url, site.status_url)
        own_hosts = {url.partition("://")[2] for url in urls if url}
        return frozenset({*own_hosts, *site.hosts, "localhost", "127.0.0.1", "[::1]"})

    def configured(self) -> Iterable[Callable[[], object]]:
        yield lambda: self.ctx.db
        yield lambda: self.ctx.network
        yield lambda: self.ctx.site
        yield lambda: self.proxies
        yield lambda: check_secret_key(self.ctx.loaded)

    def checks(self) -> Mapping[str, ReadinessCheck]:
        ctx = self.ctx
        return {
            "database": lambda: schema_message(ctx.db),
            "documents": health_message,
            "disk": lambda: disk_space.disk_message(_data_folders(ctx.loaded)),
            "engine": lambda: readiness.engines_message(ctx.var, ctx.clock.now()),
            "jobs": lambda: readiness.jobs_message(ctx.jobs, ctx.var, ctx.clock.now()),
            "probes": lambda: readiness.probes_message(ctx.var),
            "unknown_jobs": lambda: readiness.unknown_jobs_message(
                ctx.jobs, ctx.var, ctx.clock.now()
            ),
        }

    def metrics(self) -> str:
        return exposition(heartbeat_file.samples(self.ctx.var))

    def chores(self) -> Mapping[str, Chore]:
        return {
            "refreshing the list of registries": self._refresh_registries,
            "forgetting jobs": self._forget_jobs,
            "forgetting effects": self._forget_effects,
            "forgetting limits": SharedBuckets(self.ctx.db).forget,
            "forgetting what upgrades set aside": self._forget_quarantine,
        }

    def retention(self) -> Iterable[Retention]:
        asked = "that something was asked for, so that it is not done twice"
        set_aside = (
            "rows that an upgrade of the database repaired or set aside; they may name people"
        )
        return (
            Retention("jobs that are done", ("jobs",), "jobs"),
            Retention("jobs that were given up", ("jobs",), "failed_jobs"),
            Retention(asked, ("jobs_effects",), "effects"),
            Retention("counts of rate limits", ("web_buckets",), after=KEEP),
            Retention(set_aside, ("db_quarantine",), "quarantine"),
            Retention("which engine does what", ("engine_roles",), why="one row a role"),
        )

    def _forget_jobs(self) -> int:
        ctx, retention = self.ctx, self.ctx.settings.retention
        return repeat(
            lambda: ctx.jobs.forget(ctx.ago(retention.jobs), ctx.ago(retention.failed_jobs))
        )

    def _forget_effects(self) -> int:
        return effects.forget(self.ctx.db, self.ctx.ago(self.ctx.settings.retention.effects))

    def _forget_quarantine(self) -> int:
        before = self.ctx.ago(self.ctx.settings.retention.quarantine)
        return delete_in_slices(self.ctx.db, quarantine, quarantine.c.at < before)

    @cached_property
    def _registries(self) -> Callable[[], object]:
        return BootstrapRefresh(self.ctx.network, self.ctx.var / REGISTRIES)

    def _refresh_registries(self) -> None:
        try:
            self._registries()
        except RefreshFailed as failed:  # the old list stays; the next day tries again
            log.warning("the list of registries was not refreshed: %s", failed)
