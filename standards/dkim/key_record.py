"""One DKIM key record: text to a key with its size, or what keeps verifiers from using it. Pure."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

DEAD, WEAK = 1024, 2048  # RFC 8301, 3.2: fewer bits must not be used; fewer should not
MAX_TEXT, MAX_TAGS = 8192, 40
_PEM = re.compile(r"-+(?:BEGIN|END)[A-Z ]*-+")
_KEY = re.compile(r"[A-Za-z0-9+/=]+\Z")


@dataclass(frozen=True, slots=True)
class DkimKey:
    """A key record as a verifier reads it.

    `problem`: "" or not_a_key (no DKIM tags), version, kind (unknown k=), hash (sha1 only),
    service (not for mail), missing (no p=), revoked (empty p=), encoding (p= is no base64),
    broken (base64, but no such key). `kind` is rsa or ed25519, `bits` 0 when unknown.
    `material` is the key in base64.
    """

    text: str
    kind: str = "rsa"
    bits: int = 0
    problem: str = ""
    testing: bool = False
    strict: bool = False
    material: str = ""

    @property
    def good(self) -> bool:
        return not self.problem and (self.kind != "rsa" or self.bits >= DEAD)


def parse(text: str) -> DkimKey:
    """The key of a record; faults are told, never raised."""
    tags, order = _tags(text[:MAX_TEXT])
    flags = [f.strip() for f in tags.get("t", "").split(":")]
    kind = tags.get("k", "rsa").lower()
    material = "".join(tags.get("p", "").split())
    found = DkimKey(text[:MAX_TEXT], kind, 0, "", "y" in flags, "s" in flags, material)
    problem = _refused(tags, order, kind)
    if problem:
        return _with(found, problem)
    if not material:
        return _with(found, "revoked")
    return _measured(found)


def is_key(text: str) -> bool:
    """Does a TXT value look like a key record at all? “v=” may be left out (RFC 6376, 3.6.1)."""
    tags, _ = _tags(text[:MAX_TEXT])
    return "p" in tags or tags.get("v", "").upper().startswith("DKIM")


def mended(text: str) -> str:
    """The record as it was meant, or "": quotes, escapes, PEM lines and blanks taken out."""
    plain = text[:MAX_TEXT].replace("\\;", ";").replace("\\", "").replace("&quot;", "")
    plain = re.sub("[\"'`“”„]", "", _PEM.sub("", plain)).strip()
    plain = plain[1:-1] if plain[:1] == "(" and plain[-1:] == ")" else plain
    tags, _ = _tags(plain)
    material = "".join(tags.get("p", "").split())
    for kind in dict.fromkeys((tags.get("k", "rsa").lower(), "rsa", "ed25519")):
        key = _measured(DkimKey("", kind, material=material)) if _KEY.match(material) else None
        if key is not None and key.good:
            return f"v=DKIM1; k={kind}; p={material}"
    return ""


def same(one: str, other: str) -> bool:
    """Do two records hold the same key? Tags beside it do not matter."""
    left, right = parse(one), parse(other)
    return bool(left.material) and left.material == right.material


def _with(key: DkimKey, problem: str) -> DkimKey:
    return DkimKey(key.text, key.kind, 0, problem, key.testing, key.strict, key.material)


def _tags(text: str) -> tuple[dict[str, str], list[str]]:
    tags: dict[str, str] = {}
    order: list[str] = []
    for piece in text.split(";")[:MAX_TAGS]:
        name, sign, value = piece.partition("=")
        if sign and name.strip().isidentifier():
            tags.setdefault(name.strip(), value.strip())
            order.append(name.strip())
    return tags, order


def _refused(tags: dict[str, str], order: list[str], kind: str) -> str:
    """Why a verifier passes over the record before it looks at the key (RFC 6376, 3.6.1)."""
    if not tags:
        return "not_a_key"
    if "v" in tags and (tags["v"] != "DKIM1" or order[0] != "v"):
        return "version"
    if kind not in ("rsa", "ed25519"):
        return "kind"
    hashes = [h.strip().lower() for h in tags.get("h", "").split(":")]
    if "h" in tags and "sha256" not in hashes:
        return "hash"
    services = [s.strip().lower() for s in tags.get("s", "*").split(":")]
    if not {"*", "email"} & set(services):
        return "service"
    return "" if "p" in tags else "missing"


def _measured(key: DkimKey) -> DkimKey:
    if not _KEY.match(key.material):
        return _with(key, "encoding")
    try:
        raw = base64.b64decode(key.material, validate=True)
    except (binascii.Error, ValueError):
        return _with(key, "encoding")
    bits = _bits(key.kind, raw)
    if not bits:
        return _with(key, "broken")
    return DkimKey(key.text, key.kind, bits, "", key.testing, key.strict, key.material)


def _bits(kind: str, raw: bytes) -> int:
    """The size of the key; 0 when it is none of this kind."""
    if kind == "ed25519" and len(raw) == 32:  # RFC 8463, 4.2: the bare key
        return 256
    for der in (raw, _spki(raw)) if kind == "rsa" else (raw,):
        try:
            key = load_der_public_key(der)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            continue
        if isinstance(key, rsa.RSAPublicKey) and kind == "rsa":
            return key.key_size
        if isinstance(key, Ed25519PublicKey) and kind == "ed25519":
            return 0  # an SPKI wrapping: RFC 8463 wants the bare key
    return 0


def _spki(raw: bytes) -> bytes:
    """A bare RSAPublicKey (PKCS #1) in its SubjectPublicKeyInfo; verifiers take both."""
    head = bytes.fromhex("300d06092a864886f70d0101010500")
    bits = b"\x03" + _length(len(raw) + 1) + b"\x00" + raw
    return b"\x30" + _length(len(head) + len(bits)) + head + bits


def _length(size: int) -> bytes:
    if size < 128:
        return bytes([size])
    body = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(body)]) + body
