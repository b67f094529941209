"""What probes look at in benches: `/` answers at once, `/hang…` never does. One process, one port.

python -m bench.targets PORT
"""

from __future__ import annotations

import asyncio
import sys

import uvloop

BODY = b"<!doctype html><title>Here</title>" + b"<p>We are here.</p>" * 20
ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nServer: target\r\nConnection: close\r\n"
    b"Content-Length: " + str(len(BODY)).encode() + b"\r\n\r\n" + BODY
)


class Target(asyncio.Protocol):
    """One connection."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        if b" /hang" not in data[:40]:
            self.transport.write(ANSWER)  # type: ignore[attr-defined]
            self.transport.close()


async def main(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Target, "127.0.0.1", port, backlog=4096)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
