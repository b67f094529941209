"""Phrases of mail servers by language (phrases/*.toml), matched to votes for failure classes.

Patterns match folded text on one line. All languages are tried, as servers do not declare theirs.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType

from explain.model import Reason
from explain.pasted_text import fold_to_line

FOLDER = Path(__file__).parent / "phrases"
SURE_WEIGHT, LIKELY_WEIGHT = 4.0, 1.2
CERTAIN_WEIGHT = 3.0  # from this weight on a match is certain
# Precision of the sections' words: "rejected" may mean anything, "reverse DNS" one cause only.
SECTION_PRECISION = {
    "ptr_missing": 1.2, "auth_failed": 1.0, "tls_required": 0.9, "mailbox_full": 0.9,
    "no_mail_accepted": 0.8, "recipient_domain_unknown": 0.6, "too_big": 0.7,
    "account_disabled": 0.6, "relay_denied": 0.6, "rate_limited": 0.5, "recipient_unknown": 0.5,
    "blocked_ip": 0.3, "policy_or_spam": 0.0, "network_or_timeout": -0.2, "server_error": -0.6,
}  # fmt: skip
_LOCAL_PART = re.compile(r"(?<![^\s<>()\[\],;:\"'`=])[^\s<>()\[\],;:\"'`=]+@")
_LINK_TAIL = re.compile(r"(https?://[^\s?#]{1,300})[?#][^\s]*")
_REPORT_FRAMES = re.compile(
    r"\bhosts? \S{1,253} ?\[[\d.a-f:]{2,45}\](?::\d+)?:?|\(in reply to [^)]{1,60}\)|delivery temporarily suspended:|"
    r"smtp error from remote (?:mail )?server after [^:]{1,80}:(?:<[^>]{0,200}>)?|"
    r"recipient address rejected(?=: ?(?!access|undeliv|user|invalid|unverif|no such|unknown)\w)"
)
_INNER_DOT = re.compile(r"(?<=\w)\.(?=\w)")
MAX_TEXT = 6_000
# Sections that are no class of failure.
REPORT, AUTOMATIC, DELIVERED, DELAYED = "report", "auto", "delivered", "delayed"
NO_MAIL_ACCEPTED = "no_mail_accepted"  # a domain or host that takes no mail at all
_NOT_CAUSES = frozenset({REPORT, AUTOMATIC, DELIVERED, DELAYED})
CAUSES = frozenset({NO_MAIL_ACCEPTED, *(r.value for r in Reason)})
SECTIONS = (REPORT, AUTOMATIC, DELIVERED, DELAYED, NO_MAIL_ACCEPTED, *(r.value for r in Reason))


@cache
def patterns() -> dict[str, tuple[re.Pattern[str] | None, re.Pattern[str] | None]]:
    """Each section's sure and likely patterns, of every language together."""
    sure: dict[str, list[str]] = {}
    likely: dict[str, list[str]] = {}
    for file in sorted(FOLDER.glob("*.toml")):
        for section, phrases in tomllib.loads(file.read_text("utf-8")).items():
            if section not in SECTIONS:
                raise ValueError(f"{file.name}: there is no section {section}")
            sure.setdefault(section, []).extend(phrases.get("sure", ()))
            likely.setdefault(section, []).extend(phrases.get("likely", ()))
    return {s: (_compile_any(sure.get(s, [])), _compile_any(likely.get(s, []))) for s in sure}


def _compile_any(expressions: list[str]) -> re.Pattern[str] | None:
    return (
        re.compile("|".join(f"(?:{expression})" for expression in expressions))
        if expressions
        else None
    )


@lru_cache(maxsize=64)
def match_phrases(text: str) -> Mapping[str, float]:
    """The sections that a text matches, with their weights; its first MAX_TEXT characters count."""
    words = normalised_words(text)
    votes: dict[str, float] = {}
    report = patterns()[REPORT][0]
    without_report = report.sub(" - ", words) if report else words
    for section, (sure, likely) in patterns().items():
        searched = words if section in _NOT_CAUSES else without_report
        if sure is not None and (match := sure.search(searched)):
            # Of two causes in one text, the one named first is usually the verdict.
            position_bonus = 0.3 * (1 - match.start() / MAX_TEXT)
            votes[section] = SURE_WEIGHT + position_bonus + SECTION_PRECISION.get(section, 0)
        elif likely is not None and likely.search(searched):
            votes[section] = LIKELY_WEIGHT + SECTION_PRECISION.get(section, 0) / 2
    return MappingProxyType(votes)


def has_certain_phrase(text: str, section: str) -> bool:
    """Whether a text matches a section's sure patterns."""
    sure = patterns()[section][0]
    return sure is not None and sure.search(normalised_words(text)) is not None


def normalised_words(text: str) -> str:
    """Folded text without local parts, link queries and report frames; host names are one word."""
    words = fold_to_line(text[:MAX_TEXT])
    words = _LINK_TAIL.sub(r"\1", words)
    words = _LOCAL_PART.sub("someone@", words)
    words = _REPORT_FRAMES.sub(" ", words)
    return _INNER_DOT.sub("_", words)
