"""Tables of mailbox tests: the public keys of living engines, and what was sealed to them.

`info["fleeting"]`: never part of a backup. A row of `sealed` lives a minute at most; without the
memory of the engine it was meant for, it opens to nobody.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Table, Text

from db.metadata import Moment, metadata

FLEETING = {"fleeting": True}

keys = Table(
    "diagnostics_engine_keys",
    metadata,
    Column("engine", Text, primary_key=True),
    Column("public", Text, nullable=False),  # X25519, base64
    Column("seen_at", Moment, nullable=False),
    info=FLEETING,
)

sealed = Table(
    "diagnostics_sealed",
    metadata,
    Column("run", Text, ForeignKey("diagnostics_runs.id", ondelete="CASCADE"), primary_key=True),
    Column("engine", Text, primary_key=True),  # "" is the trial itself, without any password
    Column("ciphertext", Text, nullable=False, default=""),  # base64; "" once it was claimed
    Column("visitor", Text, nullable=False, default=""),
    Column("expires_at", Moment, nullable=False, index=True),
    info=FLEETING,
)
