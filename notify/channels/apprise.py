"""Chat, paging and push services that operators use, through Apprise: one address for each.

The address is the operator's own and may be anywhere; the guard is not asked. The library is an
extra (`make apprise`): it knows over a hundred services, takes a second to load and is loaded when
it is first needed.
"""

from __future__ import annotations

import importlib
import logging
from typing import Protocol, cast

from messages import OutgoingEmail
from notify.channel import ChannelError

MISSING = (
    "the package apprise is not installed: run `make apprise`, "
    "or `pip install --require-hashes -r requirements-apprise.lock` into Jasno's environment"
)


class AppriseLibrary(Protocol):
    def add(self, servers: str) -> bool: ...
    def notify(self, *, body: str, title: str) -> bool | None: ...


class Apprise:
    """One Apprise address."""

    name = "apprise"

    def __init__(self, url: str) -> None:
        self._url = url
        self._library: AppriseLibrary | None = None

    def check(self) -> None:
        """Raises ValueError when it is no address that Apprise knows, and ModuleNotFoundError, with
        what to do, when the library is not there."""
        if self._library is None:
            # it would log addresses with their tokens
            logging.getLogger("apprise").setLevel(logging.CRITICAL)
            library = _load()
            if not library.add(self._url):
                raise ValueError("not an address that Apprise knows")
            self._library = library

    def send(self, email: OutgoingEmail) -> None:
        """See Channel. The letter's reader is the channel itself."""
        self.ping()
        library = cast("AppriseLibrary", self._library)
        try:
            taken = library.notify(body=email.text, title=email.subject)
        except TypeError as error:
            raise ChannelError("nothing to send", permanent=True) from error
        if not taken:
            raise ChannelError("the service did not take it")

    def ping(self) -> None:
        """See Channel. Apprise offers no way to ask without sending: the address is well formed."""
        try:
            self.check()
        except ModuleNotFoundError as error:
            raise ChannelError(str(error)) from error
        except ValueError as error:
            raise ChannelError(str(error), permanent=True) from error


def _load() -> AppriseLibrary:
    try:
        module = importlib.import_module("apprise")
    except ModuleNotFoundError as error:
        reason = MISSING if error.name == "apprise" else str(error)  # there, and in want of another
        raise ModuleNotFoundError(reason, name=error.name) from error
    return cast("AppriseLibrary", module.Apprise())
