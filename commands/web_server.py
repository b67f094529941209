"""The web server: granian with WSGI, its queues raised so that slow clients do not starve others."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import socket
from typing import TYPE_CHECKING

from granian.constants import HTTPModes, Interfaces, Loops
from granian.http import HTTP1Settings
from granian.server import Server

from engine.supervise import die_with, share_memory
from observe.network import join_endpoint
from web.logs.redaction import log_to_stderr

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

QUEUE = 8192
HEADER_TIMEOUT_MS = 10_000


class PortTaken(Exception):
    """The address cannot be listened on; the message says which."""


def probe_port(host: str, port: int) -> None:
    """See that the address is free. Raises PortTaken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with contextlib.closing(socket.socket(family, socket.SOCK_STREAM)) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((host, port))
        except OSError as error:
            reason = os.strerror(error.errno or 0).lower()
            where = join_endpoint(host, port)
            raise PortTaken(
                f"cannot listen on {where}: {reason}; JASNO_PORT=8001, say, chooses another port"
            ) from error


def serve(app: WSGIApplication, host: str, port: int, *, workers: int, threads: int) -> None:
    """Serve an application in forks of this process, which share its memory, until SIGTERM or SIGINT."""

    def loaded_in_worker() -> WSGIApplication:
        die_with(os.getppid())
        log_to_stderr()
        return app

    multiprocessing.set_start_method("fork", force=True)
    share_memory()
    server = Server(
        "jasno",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        http=HTTPModes.http1,
        http1_settings=HTTP1Settings(header_read_timeout=HEADER_TIMEOUT_MS),
        loop=Loops.uvloop,
        websockets=False,
        backlog=QUEUE,
        backpressure=QUEUE,
        log_level="error",  # type: ignore[arg-type]  # reason: granian takes the plain name
        respawn_failed_workers=True,
        respawn_interval=0.5,
        workers_kill_timeout=3,
    )
    server.serve(target_loader=loaded_in_worker, wrap_loader=False)
