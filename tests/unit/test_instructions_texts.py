"""Texts that stand together at one name: what stays, what gives way, what is merged; senders of SPF."""

from __future__ import annotations

import pytest

from instructions.change_plan import merge_spf, merge_txt
from instructions.model import Conflict

SPF, OTHER = "v=spf1 include:a.net -all", "v=spf1 include:b.net ~all"
BOTH = "v=spf1 include:b.net include:a.net -all"
POLICY = "v=DMARC1; p=none"


@pytest.mark.parametrize(
    ("present", "wanted", "after", "reason"),
    [
        ((), ("one=1",), ("one=1",), ""),
        (("one=1",), ("one=1",), ("one=1",), ""),
        (("one=1",), ("two=2",), ("one=1", "two=2"), ""),
        (("one=1",), ("two=2", "one=1", "two=2"), ("one=1", "two=2"), ""),
        ((SPF,), (SPF,), (SPF,), ""),
        (("one=1", SPF), (OTHER,), ("one=1", BOTH), Conflict.TWO_SPF),
        ((SPF, "one=1"), (OTHER, "two=2"), ("one=1", BOTH, "two=2"), Conflict.TWO_SPF),
        ((SPF,), (OTHER, SPF), (BOTH,), Conflict.TWO_SPF),
        ((BOTH,), (OTHER,), (BOTH,), ""),
        ((SPF, POLICY), ("k=rsa; p=a",), (SPF, POLICY, "k=rsa; p=a"), ""),
        ((POLICY,), (POLICY,), (POLICY,), ""),
        ((POLICY,), ("v=DMARC1; p=reject",), ("v=DMARC1; p=reject",), Conflict.TWO_DMARC),
        (
            (POLICY, "v=DMARC1; p=quarantine"),
            ("v=DMARC1; p=reject",),
            ("v=DMARC1; p=reject",),
            Conflict.TWO_DMARC,
        ),
        (("v=STSv1; id=1", "one=1"), ("v=STSv1; id=2",), ("one=1", "v=STSv1; id=2"), ""),
        (("v=STSv1; id=1",), ("v=TLSRPTv1; rua=x",), ("v=STSv1; id=1", "v=TLSRPTv1; rua=x"), ""),
        (("verify.domain", "one=1"), ("two=2",), ("verify.domain", "one=1", "two=2"), ""),
    ],
)
def test_texts_at_one_name(present, wanted, after, reason) -> None:
    assert merge_txt(present, wanted) == (after, reason)


@pytest.mark.parametrize(
    ("first", "other", "merged"),
    [
        ("v=spf1 mx -all", "v=spf1 redirect=b.net", "v=spf1 include:b.net mx -all"),
        ("v=spf1 mx -all", "v=spf1 REDIRECT=b.net", "v=spf1 include:b.net mx -all"),
        ("v=spf1 mx -all", "v=spf1 a redirect=b.net ~all", "v=spf1 a mx -all"),
        ("v=spf1 mx -all", "v=spf1 redirect=b.net EXP=c.net a", "v=spf1 include:b.net a mx -all"),
        ("v=spf1 mx -all", "v=spf1 ?all", "v=spf1 mx -all"),
        ("v=spf1 mx -all", "v=spf1 +MX ~all", "v=spf1 mx -all"),
        ("v=spf1 +include:b.net. -all", "v=spf1 include:B.net ~all", "v=spf1 +include:b.net. -all"),
        ("v=spf1 mx -all", "v=spf1 ?mx ~all", "v=spf1 ?mx mx -all"),
    ],
)
def test_senders_of_another_record_are_taken_over(first: str, other: str, merged: str) -> None:
    assert merge_spf((first, other)) == merged
