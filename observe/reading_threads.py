"""Threads for parsing and judging large foreign data, so that neither the event loop nor others' threads are blocked.

Must not do I/O: what runs here ends by itself.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
_THREADS = ThreadPoolExecutor(2, "reading")


async def in_reading_thread(call: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What the call returns or raises."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_THREADS, functools.partial(call, *args, **kwargs))
