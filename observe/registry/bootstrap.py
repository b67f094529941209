"""Refreshes the file with IANA's RDAP bootstrap registry (RFC 9224). Blocking.

A failure or an implausible download leaves the old file in place.
"""

from __future__ import annotations

import os
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

from observe.network import IANA_RDAP_BOOTSTRAP, Network
from observe.registry_table import (
    MAX_FILE,
    InvalidBootstrap,
    RegistryTable,
    encode_table,
    with_bootstrap,
)
from observe.session import open_session
from standards.urls import BadUrl

REFRESH_INTERVAL = timedelta(days=7)
TIMEOUT = 30.0


class RefreshFailed(RuntimeError):
    """The registry could not be fetched or is implausible; the message says why."""


class BootstrapRefresh:
    """Refreshes the file once a week, and after a failure once a day."""

    def __init__(self, net: Network, file: Path) -> None:
        self._net = net
        self._file = file
        self._last_attempt: datetime | None = None

    def is_due(self) -> bool:
        """Whether the file is a week old, and the last attempt a day."""
        now = self._net.clock.now()
        if self._last_attempt and now - self._last_attempt < timedelta(days=1):
            return False
        try:
            age = now.timestamp() - self._file.stat().st_mtime
        except OSError:
            return True
        return age >= REFRESH_INTERVAL.total_seconds()

    def __call__(self) -> None:
        """Refresh when due; in a closed network only from the operator's own source.

        Raises RefreshFailed.
        """
        has_no_source = self._net.closed and self._net.rdap_bootstrap == IANA_RDAP_BOOTSTRAP
        if not has_no_source and self.is_due():
            self.refresh()

    def refresh(self) -> RegistryTable:
        """Download, validate and replace the file. Raises RefreshFailed."""
        now = self._net.clock.now()
        self._last_attempt = now
        try:
            table = with_bootstrap(_download(self._net), self._net.registries.table(), now)
            _write_atomically(self._file, encode_table(table))
        except (InvalidBootstrap, OSError) as error:
            raise RefreshFailed(f"{self._net.rdap_bootstrap}: {error}") from error
        return table


def _download(net: Network) -> bytes:
    url = net.rdap_bootstrap
    try:
        with open_session(net, base_url=url, seconds=TIMEOUT, max_body=MAX_FILE) as http:
            answer = http.get(url)
    except (BadUrl, OSError) as error:  # what requests raises is an OSError
        raise InvalidBootstrap(f"it could not be fetched ({type(error).__name__})") from error
    if answer.status_code != 200:
        raise InvalidBootstrap(f"HTTP {answer.status_code}")
    return bytes(answer.content)


def _write_atomically(file: Path, content: bytes) -> None:
    """Write a temporary file and rename it over the old one."""
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=file.name)
    with os.fdopen(handle, "wb") as out:
        out.write(content)
    Path(name).chmod(0o644)
    Path(name).replace(file)
