"""Random tokens as they are handed out, and the form in which they are stored."""

from __future__ import annotations

import hashlib
import secrets

LONGEST = 200  # characters; a longer one was never ours


def fresh_token() -> str:
    """256 random bits for an address or a cookie."""
    return secrets.token_urlsafe(32)


def fresh_id() -> str:
    """96 random bits: a name that cannot be guessed or counted, though it grants nothing."""
    return secrets.token_hex(12)


def hashed(token: str) -> str:
    """SHA-256 in hex, which is all that is stored. A token is random, so no salt is needed."""
    return hashlib.sha256(token[:LONGEST].encode("utf-8", "replace")).hexdigest()
