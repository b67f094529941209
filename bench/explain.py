"""How well pasted bounces are understood: class and hard/soft, whole mails and bodies alone.

    python -m bench.explain FOLDER [--half dev|kept] [--misses]

FOLDER holds `mail/*.eml` and `labels.json` (file → labels and second_labels, each with reason and
hardbounce). A file counts as right when each of its recipients has a class that either label means.
"""

from __future__ import annotations

import argparse
import email
import hashlib
import json
import time
from collections import Counter
from pathlib import Path

from explain import explain
from explain.bounces.message import decode_text
from explain.pasted_text import strip_markup

# What the labels' words mean in our classes. One word may stand for two classes.
CLASSES = {
    "userunknown": "recipient_unknown", "hasmoved": "recipient_unknown",
    "filtered": "recipient_unknown", "hostunknown": "recipient_domain_unknown",
    "mailboxfull": "mailbox_full", "systemfull": "mailbox_full",
    "exceedlimit": "too_big mailbox_full", "mesgtoobig": "too_big", "authfailure": "auth_failed",
    "requireptr": "ptr_missing", "blocked": "blocked_ip", "badreputation": "blocked_ip",
    "spamdetected": "policy_or_spam", "policyviolation": "policy_or_spam",
    "rejected": "policy_or_spam", "notcompliantrfc": "policy_or_spam",
    "contenterror": "policy_or_spam", "virusdetected": "policy_or_spam",
    "norelaying": "relay_denied", "notaccept": "relay_denied",
    "securityerror": "relay_denied tls_required", "speeding": "rate_limited",
    "toomanyconn": "rate_limited", "failedstarttls": "tls_required",
    "networkerror": "network_or_timeout", "expired": "network_or_timeout",
    "suspend": "account_disabled", "systemerror": "server_error", "mailererror": "server_error",
    "syntaxerror": "server_error", "delivered": "not_a_failure", "vacation": "not_a_failure",
    "feedback": "not_a_failure", "onhold": "unclear", "undefined": "unclear",
}  # fmt: skip


def half(name: str) -> str:
    """Develop against `dev`; believe `kept`, a third by hash that is not opened while developing."""
    third = int(hashlib.sha256(f"explain 2: {name}".encode()).hexdigest(), 16) % 3
    return "kept" if third == 0 else "dev"


def body(raw: bytes) -> str:
    """What a person would copy out of the mail program: the first readable part."""
    for part in email.message_from_bytes(raw).walk():
        if part.get_content_type() not in ("text/plain", "text/html"):
            continue
        data = part.get_payload(decode=True) or b""
        text = decode_text(data, str(part.get_content_charset() or ""))
        text = strip_markup(text) if part.get_content_type() == "text/html" else text
        if text.strip():
            return text
    # Broken MIME: what a mail program would show as it stands.
    return decode_text(raw, "").partition("\n\n")[2].partition("message/delivery-status")[0]


def meant(labels: list[dict]) -> list[tuple[set[str], bool]]:
    return [(set(CLASSES[item["reason"]].split()), bool(item["hardbounce"])) for item in labels]


def score(items, wanted) -> tuple[int, int]:
    """Recipients whose class is right, and whose hard/soft is right."""
    results = list(items) + [None] * max(0, len(wanted) - len(items))
    right = sum(bool(i) and i.reason in c for i, (c, _) in zip(results, wanted, strict=False))
    hard = sum(
        bool(i) and (i.permanent is True) == h for i, (_, h) in zip(results, wanted, strict=False)
    )
    return right, hard


def main() -> None:
    args = argparse.ArgumentParser(description=__doc__)
    args.add_argument("folder", type=Path)
    args.add_argument("--half", choices=("dev", "kept"), default="")
    args.add_argument("--misses", action="store_true")
    arguments = args.parse_args()
    labels = json.loads((arguments.folder / "labels.json").read_text("utf-8"))
    for way in ("whole", "body"):
        totals: Counter[str] = Counter()
        confusion: Counter[tuple[str, str]] = Counter()
        longest = 0.0
        for name, row in sorted(labels.items()):
            options = [meant(row.get(k) or []) for k in ("labels", "second_labels")]
            options = [o for o in options if o]
            if not options or (arguments.half and half(name) != arguments.half):
                continue
            raw = (arguments.folder / "mail" / name).read_bytes()
            began = time.perf_counter()
            items = explain(raw if way == "whole" else body(raw))
            longest = max(longest, time.perf_counter() - began)
            scored = [(*score(items, o), len(o)) for o in options]
            right, hard, of = max(scored, key=lambda s: s[0] / s[2])
            hard = max(s[1] for s in scored if s[0] == right)
            for group in ("all", half(name)):
                totals[f"{group} n"] += of
                totals[f"{group} class"] += right
                totals[f"{group} hard"] += hard
            wanted = options[0]
            for i, (classes, is_hard) in enumerate(wanted):
                predicted = items[i].reason if i < len(items) else "(missing)"
                if predicted not in classes and right < of:
                    confusion[" or ".join(sorted(classes)), predicted] += 1
                    if arguments.misses and arguments.misses:
                        print(
                            "  class",
                            name,
                            sorted(classes),
                            predicted,
                            items[i].text[:150] if i < len(items) else "",
                        )
                elif (
                    arguments.misses
                    and arguments.misses
                    and hard < of
                    and i < len(items)
                    and (items[i].permanent is True) != is_hard
                ):
                    print(
                        "  hard ",
                        name,
                        is_hard,
                        items[i].permanent,
                        items[i].status,
                        items[i].text[:120],
                    )
        print(f"\n## {way}")
        for group in ("all", "dev", "kept"):
            n = totals[f"{group} n"] or 1
            print(
                f"| {group} | {n} | {totals[group + ' class'] / n:.1%} | {totals[group + ' hard'] / n:.1%} |"
            )
        print(f"slowest {longest * 1000:.0f} ms")
        for (want, predicted), count in confusion.most_common():
            print(f"| {want} | {predicted} | {count} |")


if __name__ == "__main__":
    main()
