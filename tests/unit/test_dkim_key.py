"""DKIM key records: what verifiers make of them, with dkimpy as the other opinion."""

from __future__ import annotations

import base64

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from standards.dkim.key_record import (
    is_key_record,
    is_same_key,
    parse_key_record,
    repair_key_record,
)

MESSAGE = b"From: mara@shop.example\r\nTo: ben@host.example\r\nSubject: Hello\r\n\r\nGood day\r\n"
PRIVATE = rsa.generate_private_key(65537, 2048)
PEM = PRIVATE.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
SPKI = base64.b64encode(
    PRIVATE.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
).decode()
PKCS1 = base64.b64encode(
    PRIVATE.public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1)
).decode()
SIGNED = dkim.sign(MESSAGE, b"s1", b"shop.example", PEM) + MESSAGE
RECORDS = (
    f"v=DKIM1; k=rsa; p={SPKI}",
    f"p={SPKI}",
    f"v=DKIM1; p={PKCS1}",
    f"v=DKIM1;k=rsa;t=s;n=note;p={SPKI}",
    f"v=DKIM1; h=sha256; s=email; p={SPKI}",
    f"v=DKIM1; h=sha256:sha1; s=*; p={SPKI[:100]} {SPKI[100:]}",
    "v=DKIM1; p=",
    "v=DKIM1; k=rsa",
    f"v=DKIM2; p={SPKI}",
    f"v=DKIM1; p={SPKI[:200]}",
    f"v=DKIM1; k=dsa; p={SPKI}",
    "hello",
)


@pytest.mark.parametrize("record", RECORDS)
def test_dkimpy_agrees(record: str) -> None:
    """A message signed with this key verifies exactly where we call the record good."""
    verified = dkim.verify(SIGNED, dnsfunc=lambda *_, **__: record.encode())
    assert parse_key_record(record).is_usable is verified


@pytest.mark.parametrize(
    ("text", "kind", "bits", "problem"),
    [
        (f"v=DKIM1; p={SPKI}", "rsa", 2048, ""),
        (f"v=DKIM1; p={PKCS1}", "rsa", 2048, ""),
        ("v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=", "ed25519", 256, ""),
        ("v=DKIM1; p=", "rsa", 0, "revoked"),
        (f"p={SPKI}; v=DKIM1", "rsa", 0, "version"),
        (f"v=DKIM1; h=sha1; p={SPKI}", "rsa", 0, "hash"),
        (f"v=DKIM1; s=tlsrpt; p={SPKI}", "rsa", 0, "service"),
        ("v=DKIM1; k=rsa; p=!!!!", "rsa", 0, "encoding"),
        ("v=DKIM1; k=rsa; p=AAAA", "rsa", 0, "broken"),
        (f"v=DKIM1; k=ed25519; p={SPKI}", "ed25519", 0, "broken"),
    ],
)
def test_what_a_record_says(text: str, kind: str, bits: int, problem: str) -> None:
    key = parse_key_record(text)
    assert (key.kind, key.bits, key.problem) == (kind, bits, problem)


@pytest.mark.parametrize(
    "text",
    [
        f'"v=DKIM1; p={SPKI}"',
        f"v=DKIM1\\; k=rsa\\; p={SPKI}",
        f"v=DKIM1; k=rsa; p=-----BEGIN PUBLIC KEY-----{SPKI}-----END PUBLIC KEY-----",
        f"v=DKIM2; p={SPKI}",
        f'v=DKIM1; p={SPKI[:100]}" "{SPKI[100:]}',
    ],
)
def test_what_was_meant_is_put_right(text: str) -> None:
    assert not parse_key_record(text).is_usable
    assert repair_key_record(text) == f"v=DKIM1; k=rsa; p={SPKI}"


def test_a_key_is_never_guessed() -> None:
    assert repair_key_record(f"v=DKIM1; p={SPKI[:-40]}") == ""
    assert repair_key_record("v=DKIM1; p=") == ""
    assert is_same_key(f"p={SPKI}", f"v=DKIM1; k=rsa; t=y; p={SPKI[:50]} {SPKI[50:]}")
    assert not is_same_key("v=DKIM1; p=", "v=DKIM1; p=")


@given(st.text(max_size=400))
def test_any_text_ends_in_a_key_or_a_reason(text: str) -> None:
    for record in (text, f"v=DKIM1; p={text}"):
        key = parse_key_record(record)
        assert key.problem or key.bits
        is_key_record(record)
        repair_key_record(record)
