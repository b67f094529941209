"""Line-based protocols over a connection, with limits: what mail clients and dialogues share.

Keeps a transcript of sent and received lines; secrets appear as "…".
"""

from __future__ import annotations

from facts import DialogueLine, Handshake
from observe.budget import Budget, OverBudget
from observe.network import Network
from observe.transport import tls
from observe.transport.dial import GuardedConnection

MAX_LINE = 4096
MAX_LINES = 200
MAX_LITERAL = 2000
MAX_TRANSCRIPT_LINE = 200  # characters of a line that are kept


class ProtocolMismatch(ValueError):
    """The bytes do not belong to the expected protocol."""


class LineConnection:
    """Lines over one connection. Raises OSError, EOFError, OverBudget and ProtocolMismatch."""

    def __init__(
        self,
        net: Network,
        budget: Budget,
        connection: GuardedConnection,
        max_lines: int = MAX_LINES,
    ) -> None:
        self._max_lines = max_lines
        self._net = net
        self._budget = budget
        self._connection = connection
        self._buffer = b""
        self._lines_read = 0
        self.transcript: list[DialogueLine] = []

    async def send_line(self, text: str, transcript_text: str = "") -> None:
        """Send a line; `transcript_text` replaces it in the transcript."""
        self.transcript.append(DialogueLine(True, (transcript_text or text)[:MAX_TRANSCRIPT_LINE]))
        await self._connection.write(text.encode() + b"\r\n")

    async def read_line(self) -> str:
        """Read the next line, decoded, without its end."""
        while b"\n" not in self._buffer:
            if len(self._buffer) > MAX_LINE:
                raise ProtocolMismatch("a line without end")
            await self._read_more()
        raw, _, self._buffer = self._buffer.partition(b"\n")
        self._lines_read += 1
        if self._lines_read > self._max_lines:
            raise ProtocolMismatch("an answer without end")
        line = raw.rstrip(b"\r").decode("utf-8", "replace")
        self.transcript.append(DialogueLine(False, line[:MAX_TRANSCRIPT_LINE]))
        return line

    async def read_exactly(self, count: int) -> str:
        """Read exactly `count` bytes (an IMAP literal)."""
        if count > MAX_LITERAL:
            raise ProtocolMismatch("a literal without end")
        while len(self._buffer) < count:
            await self._read_more()
        raw, self._buffer = self._buffer[:count], self._buffer[count:]
        return raw.decode("utf-8", "replace")

    async def _read_more(self) -> None:
        received = await self._connection.read(MAX_LINE)
        if not received:
            raise EOFError
        if not self._budget.spend_bytes(len(received)):
            raise OverBudget
        self._buffer += received

    async def secure(self, host: str, ip: str, port: int, wait: float = 5.0) -> Handshake:
        """Start TLS; bytes received ahead of it in clear are discarded."""
        self._buffer = b""
        return await tls.start_tls(
            self._net, self._budget, self._connection,
            host=host, ip=ip, port=port, wait=wait, offer=tls.TlsOffer.MAIL,
        )  # fmt: skip
