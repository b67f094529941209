"""Drafts the migration from the newest revision to the tables as they are declared.
An author reads and mends it: python -m db.migrations.new_migration "What changes". Touches no database but one of its own.
"""

from __future__ import annotations

import sys
import tempfile

from clock import SystemClock
from db.engine import connect
from db.migrate import draft_revision, upgrade
from db.schema_status import REVISIONS


def draft(title: str) -> str:
    """The path of the new file in db/migrations/versions/."""
    number = f"{int(REVISIONS[-1]) + 1:04}"
    with tempfile.TemporaryDirectory() as folder:
        db = connect(f"sqlite:///{folder}/jasno.db", clock=SystemClock())
        try:
            upgrade(db)
            return draft_revision(db, number, title)
        finally:
            db.close()


if __name__ == "__main__":
    print(draft(" ".join(sys.argv[1:])))  # noqa: T201 - the command line prints
