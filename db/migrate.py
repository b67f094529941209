"""Making and upgrading tables with Alembic: an operator's act, or a first start's."""

from __future__ import annotations

import os
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from db.engine import Database, sqlite_path

FOLDER = Path(__file__).resolve().parent / "migrations"


def _config(conn: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
    config.attributes["connection"] = conn
    return config


def revisions() -> tuple[str, ...]:
    """Every revision of migrations/versions, oldest first."""
    walked = ScriptDirectory.from_config(_config()).walk_revisions()
    return tuple(reversed([script.revision for script in walked]))


def upgrade(db: Database) -> str:
    """Bring the tables to this version, making a SQLite file if there is none; all or nothing.

    Says the revision it stands at now. Raises DatabaseAway; OSError when no file can be made.
    """
    path = sqlite_path(db.engine.url.render_as_string(hide_password=False))
    if path is not None and not path.exists():
        _touch(path)
    with db.write() as conn:
        command.upgrade(_config(conn), "head")
    return revisions()[-1]


def _touch(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600))
