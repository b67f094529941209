"""Talking in lines with a server, within limits: what mail servers and dialogues share.

Keeps a transcript of what was sent and heard; secrets are written down as "…".
"""

from __future__ import annotations

from facts import DialogueLine, Handshake
from observe.budget import Budget, OverBudget
from observe.network import Network
from observe.transport import tls
from observe.transport.dial import Connection

MAX_LINE = 4096
MAX_LINES = 200
MAX_LITERAL = 2000
KEPT = 200  # characters of a line that are kept


class ProtocolMismatch(ValueError):
    """What came is not of the protocol that was expected."""


class LineConnection:
    """Lines over one connection. Raises OSError, EOFError, OverBudget and NotSpoken."""

    def __init__(
        self, net: Network, budget: Budget, connection: Connection, max_lines: int = MAX_LINES
    ) -> None:
        self._max_lines = max_lines
        self._net = net
        self._budget = budget
        self._connection = connection
        self._buffer = b""
        self._heard = 0
        self.transcript: list[DialogueLine] = []

    async def say(self, text: str, shown: str = "") -> None:
        """Send a line; `shown` is what the transcript keeps of it instead."""
        self.transcript.append(DialogueLine(True, (shown or text)[:KEPT]))
        await self._connection.write(text.encode() + b"\r\n")

    async def hear(self) -> str:
        """The next line."""
        while b"\n" not in self._buffer:
            if len(self._buffer) > MAX_LINE:
                raise ProtocolMismatch("a line without end")
            await self._more()
        raw, _, self._buffer = self._buffer.partition(b"\n")
        self._heard += 1
        if self._heard > self._max_lines:
            raise ProtocolMismatch("an answer without end")
        line = raw.rstrip(b"\r").decode("utf-8", "replace")
        self.transcript.append(DialogueLine(False, line[:KEPT]))
        return line

    async def take(self, count: int) -> str:
        """Exactly so many bytes, which need not end a line (an IMAP literal)."""
        if count > MAX_LITERAL:
            raise ProtocolMismatch("a literal without end")
        while len(self._buffer) < count:
            await self._more()
        raw, self._buffer = self._buffer[:count], self._buffer[count:]
        return raw.decode("utf-8", "replace")

    async def _more(self) -> None:
        received = await self._connection.read(MAX_LINE)
        if not received:
            raise EOFError
        if not self._budget.spend_bytes(len(received)):
            raise OverBudget
        self._buffer += received

    async def secure(self, host: str, ip: str, port: int, wait: float = 5.0) -> Handshake:
        """TLS from here on; what was sent ahead in the clear is not part of it."""
        self._buffer = b""
        return await tls.secure(
            self._net, self._budget, self._connection,
            host=host, ip=ip, port=port, wait=wait, offer=tls.TlsOffer.MAIL,
        )  # fmt: skip
