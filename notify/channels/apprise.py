"""Chat, paging and push services that operators use, through Apprise: one address for each.

The address is the operator's own and may be anywhere; the guard is not asked.
"""

from __future__ import annotations

import logging

from apprise import Apprise as Library

from notify.channel import ChannelError, Letter

logging.getLogger("apprise").setLevel(logging.CRITICAL)  # it would log addresses with their tokens


class Apprise:
    """One Apprise address. Raises ValueError when it is none."""

    name = "apprise"

    def __init__(self, url: str) -> None:
        self._library = Library()
        if not self._library.add(url):
            raise ValueError("not an address that Apprise knows")

    def send(self, letter: Letter) -> None:
        """See Channel. The letter's reader is the channel itself."""
        try:
            taken = self._library.notify(body=letter.text, title=letter.subject)
        except TypeError as error:
            raise ChannelError("nothing to send", permanent=True) from error
        if not taken:
            raise ChannelError("the service did not take it")

    def ping(self) -> None:
        """See Channel. Apprise offers no way to ask without sending: the address is well formed."""
