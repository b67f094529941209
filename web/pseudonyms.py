"""Addresses as keys: countable, but not to be read back without the secret."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable


def disguised(secret: bytes) -> Callable[[str], str]:
    """A function from an address to a short keyed digest."""

    def disguise(text: str) -> str:
        return hmac.new(secret, b"limit:" + text.encode(), hashlib.sha256).hexdigest()[:24]

    return disguise
