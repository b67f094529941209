"""One DMARC record out of two: never looser than the present one, and nobody's reports are lost."""

from __future__ import annotations

import pytest

from standards.dmarc.merging import merge_records
from standards.dmarc.record import parse_dmarc

OURS = "v=DMARC1; p=reject; sp=quarantine; rua=mailto:d@cafe.example!10m; adkim=s"


@pytest.mark.parametrize(
    ("present", "wanted", "merged"),
    [
        (OURS, "v=DMARC1; p=none", OURS),
        (OURS, "v=DMARC1; p=reject; rua=mailto:D@cafe.example", OURS),
        (
            OURS,
            "v=DMARC1; p=none; rua=mailto:x@mailer.net",
            "v=DMARC1; p=reject; sp=quarantine; rua=mailto:d@cafe.example!10m,mailto:x@mailer.net; adkim=s",
        ),
        ("v=DMARC1; p=none", "v=DMARC1; p=quarantine; pct=50", "v=DMARC1; p=quarantine"),
        (
            "v=DMARC1; rua=mailto:d@cafe.example",
            "v=DMARC1; p=reject; ruf=mailto:f@mailer.net",
            "v=DMARC1; p=reject; rua=mailto:d@cafe.example; ruf=mailto:f@mailer.net",
        ),
        ("v=DMARC1; p=rejekt", "v=DMARC1; p=none", "v=DMARC1; p=none"),
        ("not one", "v=DMARC1; p=none", "v=DMARC1; p=none"),
    ],
)
def test_two_become_one(present: str, wanted: str, merged: str) -> None:
    assert merge_records(present, wanted) == merged
    parsed = parse_dmarc(merged)
    assert parsed is not None
    assert not parsed.faults
    assert merge_records(merged, wanted) == merged
