"""Fetching IANA's list of registries (RFC 9224) and keeping it in a file. Blocking.

A failure or a file that looks wrong leaves the old one where it is.
"""

from __future__ import annotations

import os
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from observe.network import BOOTSTRAP, Network
from observe.registry_table import MAX_FILE, NotBootstrap, RegistryTable, encoded, refreshed
from observe.session import session
from standards.urls import BadUrl

OFTEN = timedelta(days=7)
SECONDS = 30.0


class NotRefreshed(RuntimeError):
    """The list could not be fetched or is not to be believed; the message says why."""


class BootstrapRefresh:
    """Keeps the file in step: once a week, and after a failure once a day."""

    def __init__(self, net: Network, file: Path) -> None:
        self._net = net
        self._file = file
        self._tried: datetime | None = None

    def due(self) -> bool:
        """Is the file a week old, and the last attempt a day?"""
        now = self._net.clock.now()
        if self._tried and now - self._tried < timedelta(days=1):
            return False
        try:
            age = now.timestamp() - self._file.stat().st_mtime
        except OSError:
            return True
        return age >= OFTEN.total_seconds()

    def __call__(self) -> None:
        """Refresh when it is due, if there is an IANA to ask: a closed network has only the one
        that its operator names. Raises NotRefreshed."""
        nowhere = self._net.closed and self._net.rdap_bootstrap == BOOTSTRAP
        if not nowhere and self.due():
            self.now()

    def now(self) -> RegistryTable:
        """Fetch, check and replace. Raises NotRefreshed."""
        now = self._net.clock.now()
        self._tried = now
        try:
            table = refreshed(_fetched(self._net), self._net.registries.table(), now)
            _replace(self._file, encoded(table))
        except (NotBootstrap, OSError) as wrong:
            raise NotRefreshed(f"{self._net.rdap_bootstrap}: {wrong}") from wrong
        return table


def _fetched(net: Network) -> bytes:
    url = net.rdap_bootstrap
    try:
        with session(net, exactly=url, seconds=SECONDS, max_body=MAX_FILE) as door:
            answer = door.get(url)
    except (BadUrl, OSError) as wrong:  # what requests raises is an OSError
        raise NotBootstrap(f"it could not be fetched ({type(wrong).__name__})") from wrong
    if answer.status_code != 200:
        raise NotBootstrap(f"HTTP {answer.status_code}")
    return bytes(answer.content)


def _replace(file: Path, content: bytes) -> None:
    """Write beside it, then take its place: a reader sees the old file or the new one."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=file.name)
    with os.fdopen(handle, "wb") as out:
        out.write(content)
    Path(name).chmod(0o644)
    Path(name).replace(file)
