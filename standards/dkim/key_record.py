"""DKIM key records: parsed to a key with its size, or to the reason verifiers cannot use it."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

MIN_RSA_BITS, RECOMMENDED_RSA_BITS = (
    1024,
    2048,
)  # RFC 8301, 3.2: MUST, and SHOULD at least
MAX_TEXT, MAX_TAGS = 8192, 40
_PEM = re.compile(r"(?<!-)-+(?:BEGIN|END)[A-Z ]*-+")
_KEY = re.compile(r"[A-Za-z0-9+/=]+\Z")


@dataclass(frozen=True, slots=True)
class DkimKey:
    """A key record as a verifier reads it (RFC 6376, 3.6.1).

    `problem`: "" or not_a_key (no DKIM tags), version, kind (unknown k=), hash (sha1 only),
    service (not for mail), missing (no p=), revoked (empty p=), encoding (p= is no base64),
    broken (base64, but no such key). `kind` is rsa or ed25519, `bits` 0 when unknown.
    `material` is the key in base64; `testing` and `strict` are the flags t=y and t=s.
    """

    text: str
    kind: str = "rsa"
    bits: int = 0
    problem: str = ""
    testing: bool = False
    strict: bool = False
    material: str = ""

    @property
    def is_usable(self) -> bool:
        """Whether verifiers may accept signatures by this key (RFC 8301, 3.2)."""
        return not self.problem and (self.kind != "rsa" or self.bits >= MIN_RSA_BITS)


def parse_key_record(text: str) -> DkimKey:
    """Parse a key record; a fault is in `problem`, nothing is raised."""
    tags, order = _parse_tags(text[:MAX_TEXT])
    flags = [f.strip() for f in tags.get("t", "").split(":")]
    kind = tags.get("k", "rsa").lower()
    material = "".join(tags.get("p", "").split())
    key = DkimKey(text[:MAX_TEXT], kind, 0, "", "y" in flags, "s" in flags, material)
    problem = _record_problem(tags, order, kind)
    if problem:
        return _with_problem(key, problem)
    if not material:
        return _with_problem(key, "revoked")
    return _with_key_size(key)


def is_key_record(text: str) -> bool:
    """Whether a TXT value looks like a key record; “v=” is optional (RFC 6376, 3.6.1)."""
    tags, _ = _parse_tags(text[:MAX_TEXT])
    return "p" in tags or tags.get("v", "").upper().startswith("DKIM")


def repair_key_record(text: str) -> str:
    """A usable record out of a damaged one, or "": without quotes, escapes, PEM lines and spaces."""
    cleaned = text[:MAX_TEXT].replace("\\;", ";").replace("\\", "").replace("&quot;", "")
    cleaned = re.sub("[\"'`“”„]", "", _PEM.sub("", cleaned)).strip()
    cleaned = cleaned[1:-1] if cleaned[:1] == "(" and cleaned[-1:] == ")" else cleaned
    tags, _ = _parse_tags(cleaned)
    material = "".join(tags.get("p", "").split())
    for kind in dict.fromkeys((tags.get("k", "rsa").lower(), "rsa", "ed25519")):
        key = _with_key_size(DkimKey("", kind, material=material)) if _KEY.match(material) else None
        if key is not None and key.is_usable:
            return f"v=DKIM1; k={kind}; p={material}"
    return ""


def is_same_key(first: str, second: str) -> bool:
    """Whether two records hold the same key, whatever their other tags."""
    first_key, second_key = parse_key_record(first), parse_key_record(second)
    return bool(first_key.material) and first_key.material == second_key.material


def _with_problem(key: DkimKey, problem: str) -> DkimKey:
    return DkimKey(key.text, key.kind, 0, problem, key.testing, key.strict, key.material)


def _parse_tags(text: str) -> tuple[dict[str, str], list[str]]:
    tags: dict[str, str] = {}
    order: list[str] = []
    for piece in text.split(";")[:MAX_TAGS]:
        name, sign, value = piece.partition("=")
        if sign and name.strip().isidentifier():
            tags.setdefault(name.strip(), value.strip())
            order.append(name.strip())
    return tags, order


def _record_problem(tags: dict[str, str], order: list[str], kind: str) -> str:
    """Why a verifier ignores the record before decoding its key (RFC 6376, 3.6.1), or ""."""
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


def _with_key_size(key: DkimKey) -> DkimKey:
    if not _KEY.match(key.material):
        return _with_problem(key, "encoding")
    try:
        raw = base64.b64decode(key.material, validate=True)
    except (binascii.Error, ValueError):
        return _with_problem(key, "encoding")
    bits = _key_bits(key.kind, raw)
    if not bits:
        return _with_problem(key, "broken")
    return DkimKey(key.text, key.kind, bits, "", key.testing, key.strict, key.material)


def _key_bits(kind: str, raw: bytes) -> int:
    """The key size in bits; 0 when the bytes are no key of this kind."""
    if kind == "ed25519" and len(raw) == 32:  # RFC 8463, 4.2: the bare key
        return 256
    for der in (raw, _wrap_spki(raw)) if kind == "rsa" else (raw,):
        try:
            key = load_der_public_key(der)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            continue
        if isinstance(key, rsa.RSAPublicKey) and kind == "rsa":
            return key.key_size
        if isinstance(key, Ed25519PublicKey) and kind == "ed25519":
            return 0  # an SPKI wrapping: RFC 8463 wants the bare key
    return 0


def _wrap_spki(raw: bytes) -> bytes:
    """Wrap a bare RSAPublicKey (PKCS #1) in a SubjectPublicKeyInfo; verifiers accept both."""
    algorithm = bytes.fromhex("300d06092a864886f70d0101010500")
    bit_string = b"\x03" + _der_length(len(raw) + 1) + b"\x00" + raw
    return b"\x30" + _der_length(len(algorithm) + len(bit_string)) + algorithm + bit_string


def _der_length(size: int) -> bytes:
    if size < 128:
        return bytes([size])
    body = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([0x80 | len(body)]) + body
