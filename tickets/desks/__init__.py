"""Support desks, one file each; `[desk] kind` names one of DESKS.

`local` (our own rows, read at /desk) is the default; `quiet` only remembers.
"""

from __future__ import annotations

from tickets.desk import DeskKind
from tickets.desks.local import LocalDesk
from tickets.desks.quiet import InMemoryDesk

DESKS: tuple[DeskKind, ...] = (
    LocalDesk,
    InMemoryDesk,
)
