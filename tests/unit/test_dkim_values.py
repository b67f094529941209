"""DKIM key records value by value: problems in their order, flags, sizes, what is put right."""

from __future__ import annotations

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from standards.dkim.key_record import (
    DkimKey,
    is_key_record,
    is_same_key,
    parse_key_record,
    repair_key_record,
)


def text_of(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def rsa_key(bits: int, form: PublicFormat = PublicFormat.SubjectPublicKeyInfo) -> str:
    return text_of(
        rsa.generate_private_key(65537, bits).public_key().public_bytes(Encoding.DER, form)
    )


EDWARDS = Ed25519PrivateKey.from_private_bytes(bytes(range(32))).public_key()
ED = text_of(EDWARDS.public_bytes_raw())
ED_WRAPPED = text_of(EDWARDS.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
RSA = rsa_key(1024)


@pytest.mark.parametrize(
    ("tags", "parts"),
    [
        (f"v=DKIM1; k=ed25519; p={ED}", {"kind": "ed25519", "bits": 256, "material": ED}),
        (f"v=DKIM1; k=RSA; p={RSA}", {"bits": 1024, "material": RSA}),
        (f"v=DKIM1; t=y; p={RSA}", {"bits": 1024, "material": RSA, "testing": True}),
        (f"v=DKIM1; t=s:y; p={RSA}", {"bits": 1024, "material": RSA, "testing": True, "strict": True}),
        (f"v=DKIM1; t=x : s; p={RSA}", {"bits": 1024, "material": RSA, "strict": True}),
        (f"v=DKIM1; p={RSA[:9]}\t {RSA[9:]}", {"bits": 1024, "material": RSA}),
        (f"p={RSA}; p=AAAA", {"bits": 1024, "material": RSA}),  # the first counts
        (f"k=ed25519; p={ED_WRAPPED}", {"kind": "ed25519", "problem": "broken", "material": ED_WRAPPED}),
        (f"v=DKIM1; p={ED}", {"problem": "broken", "material": ED}),
        (f"v=DKIM1; p={ED_WRAPPED}", {"problem": "broken", "material": ED_WRAPPED}),
        (f"k=ed25519; p={text_of(bytes(31))}",
         {"kind": "ed25519", "problem": "broken", "material": text_of(bytes(31))}),
        ("hello", {"problem": "not_a_key"}),
        ("v=DKIM1", {"problem": "missing"}),
        ("v=DKIM1; t=y", {"problem": "missing", "testing": True}),
        ("v=DKIM1; p= ", {"problem": "revoked"}),
        ("v=DKIM1; p=ab", {"problem": "encoding", "material": "ab"}),
        ("v=DKIM1; p=a-b_", {"problem": "encoding", "material": "a-b_"}),
        (f"v=dkim1; p={RSA}", {"problem": "version", "material": RSA}),
        (f"k=rsa; v=DKIM1; p={RSA}", {"problem": "version", "material": RSA}),
        (f"v=DKIM1; k=dsa; h=sha1; p={RSA}", {"problem": "kind", "kind": "dsa", "material": RSA}),
        (f"v=DKIM1; h=sha1; s=tlsrpt; p={RSA}", {"problem": "hash", "material": RSA}),
        (f"v=DKIM1; h=; p={RSA}", {"problem": "hash", "material": RSA}),
        (f"v=DKIM1; h=sha1 : SHA256; p={RSA}", {"bits": 1024, "material": RSA}),
        (f"v=DKIM1; s=tlsrpt; p={RSA}", {"problem": "service", "material": RSA}),
        (f"v=DKIM1; s=tlsrpt : Email; p={RSA}", {"bits": 1024, "material": RSA}),
        (f"v=DKIM1; s=*; p={RSA}", {"bits": 1024, "material": RSA}),
    ],
)  # fmt: skip
def test_a_record_is_read_whole(tags: str, parts: dict[str, object]) -> None:
    assert parse_key_record(tags) == DkimKey(tags, **parts)


@pytest.mark.parametrize("form", [PublicFormat.SubjectPublicKeyInfo, PublicFormat.PKCS1])
@pytest.mark.parametrize("bits", [1024, 2048, 4096])
def test_the_size_of_a_key(bits: int, form: PublicFormat) -> None:
    key = parse_key_record(f"v=DKIM1; p={rsa_key(bits, form)}")
    assert (key.bits, key.problem) == (bits, "")


def test_from_which_size_on_a_key_is_usable() -> None:
    assert DkimKey("", "rsa", 1024).is_usable
    assert not DkimKey("", "rsa", 1023).is_usable
    assert DkimKey("", "ed25519", 256).is_usable
    assert not DkimKey("", "rsa", 2048, "broken").is_usable


@pytest.mark.parametrize(
    ("text", "is_record"),
    [("p=", True), ("v=DKIM1", True), ("v=dkim2; x=1", True), ("v=spf1", False), ("k=rsa", False),
     ("hello", False)],
)  # fmt: skip
def test_what_looks_like_a_key_record(text: str, is_record: bool) -> None:  # noqa: FBT001
    assert is_key_record(text) is is_record


@pytest.mark.parametrize(
    ("text", "repaired"),
    [
        (f"k=ed25519; p={ED}", f"v=DKIM1; k=ed25519; p={ED}"),
        (f"k=RSA; p={RSA}", f"v=DKIM1; k=rsa; p={RSA}"),
        (f"k=rsa; p={ED}", f"v=DKIM1; k=ed25519; p={ED}"),
        (f"k=ed25519; p={RSA}", f"v=DKIM1; k=rsa; p={RSA}"),
        (f"(v=DKIM1; p={RSA})", f"v=DKIM1; k=rsa; p={RSA}"),
        (f' &quot;v=DKIM1\\; p={RSA[:50]}" "{RSA[50:]}&quot; ', f"v=DKIM1; k=rsa; p={RSA}"),
        (f"v=DKIM1; p=-----BEGIN RSA PUBLIC KEY----- {RSA} -----END RSA PUBLIC KEY-----",
         f"v=DKIM1; k=rsa; p={RSA}"),
        (f"v=DKIM1; p=“{RSA}”", f"v=DKIM1; k=rsa; p={RSA}"),
        (f"v=DKIM1; p={RSA}!", ""),
        ("v=DKIM1; k=rsa", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_what_was_meant(text: str, repaired: str) -> None:
    assert repair_key_record(text) == repaired


def test_only_so_much_is_read() -> None:
    assert parse_key_record("x=1;" * 40 + f"p={RSA}").problem == "missing"
    assert parse_key_record("x=1;" * 39 + f"p={RSA}").bits == 1024
    assert len(parse_key_record("x=" + "a" * 9000).text) == 8192


def test_the_same_key_in_another_dress() -> None:
    assert is_same_key(f"p={RSA}", f"v=DKIM1; t=s; p={RSA[:8]} {RSA[8:]}")
    assert not is_same_key(f"p={RSA}", f"p={ED}")
    assert not is_same_key("p=", "p=")
