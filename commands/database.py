"""`app.py db documents`: which stored documents this version cannot read."""

from __future__ import annotations

from db.documents import DocumentScan
from exit_status import FINE, PROBLEM
from wiring.rooms import Rooms


def documents(rooms: Rooms) -> int:
    """Print each document that cannot be read; 1 when there is one. Raises DatabaseAway."""
    scan = DocumentScan(rooms.ctx.db)
    unreadable = 0
    for document in scan.unreadable():
        print(document)
        unreadable += 1
    if unreadable:
        print(
            f"{unreadable} of {scan.count} documents cannot be read by this version; all are kept"
        )
        return PROBLEM
    print(f"all {scan.count} documents can be read")
    return FINE
