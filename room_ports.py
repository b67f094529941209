"""Ports between rooms: a part that one side asks for and exactly one room gives, checked by type.

The giver is often a room above, whom the asking side cannot know. The port stands with who asks, or in room.py
where the giver may not import who asks;
`part_of` (room.py) finds the giver.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, eq=False)
class RoomPort(Generic[T]):
    """A place for a part of one type. A port is itself only; `name` is for messages."""

    name: str

    def given(self, make: Callable[[], T]) -> ProvidedPart:
        """What a room gives here, made each time somebody asks."""
        return ProvidedPart(self, make)


@dataclass(frozen=True, slots=True)
class ProvidedPart:
    """A part for a port. Only `RoomPort.given` makes one, which holds `make` to the port's type."""

    port: RoomPort[Any]
    make: Callable[[], Any]
