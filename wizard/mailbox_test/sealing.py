"""Seals a password to an engine's public key (HPKE, RFC 9180: X25519, HKDF-SHA256, ChaCha20-Poly1305).

The private key lives in the memory of one engine process and nowhere else; with the process it is
gone, and so is everything sealed to it. A seal is bound to its run and to its end: moved to another
run, or past its time, it does not open.
"""

from __future__ import annotations

from datetime import UTC, datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
MAX_LENGTH = 256  # bytes; shorter texts are filled up, so that a seal does not tell their length


class TooLong(ValueError):
    """The text is longer than any password we take."""


def seal(public: bytes, text: str, run: str, until: datetime) -> bytes:
    """The text, readable only by the holder of the private key. Raises TooLong."""
    raw = text.encode()
    if len(raw) > MAX_LENGTH:
        raise TooLong
    padded = len(raw).to_bytes(2, "big") + raw + bytes(MAX_LENGTH - len(raw))
    return SUITE.encrypt(padded, X25519PublicKey.from_public_bytes(public), _context_of(run, until))


class KeyPair:
    """A pair of keys; the private one never leaves this object."""

    def __init__(self) -> None:
        self._private = X25519PrivateKey.generate()
        self.public = self._private.public_key().public_bytes_raw()

    def __repr__(self) -> str:
        return "Opener(…)"

    def open(self, ciphertext: bytes, run: str, until: datetime) -> str | None:
        """The text again; None when it is not for us, not of this run, or was touched."""
        try:
            padded = SUITE.decrypt(ciphertext, self._private, _context_of(run, until))
        except (InvalidTag, ValueError):
            return None
        size = int.from_bytes(padded[:2], "big")
        return padded[2 : 2 + size].decode()


def _context_of(run: str, until: datetime) -> bytes:
    return f"jasno mailbox test {run} {until.astimezone(UTC):%Y-%m-%dT%H:%M:%S}".encode()
