"""Finds what the files of a package define, so that a new file needs no line anywhere else.

Which things there are is decided by the files; the package's own list says in which order.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")


def defined_in(package: str, path: Iterable[str], kind: type[T]) -> Iterator[T]:
    """Every value of a kind that a module of the package defines at its top, by module name."""
    names = sorted(m.name for m in pkgutil.walk_packages(path, f"{package}.") if not m.ispkg)
    seen: set[int] = set()
    for name in names:
        for value in vars(importlib.import_module(name)).values():
            if isinstance(value, kind) and id(value) not in seen:
                seen.add(id(value))
                yield value
