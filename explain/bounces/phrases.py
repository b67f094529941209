"""What servers say, as data by language (phrases/*.toml): text to votes. Pure after loading.

Patterns meet folded text on one line. All languages are tried: a server does not say which it speaks.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from explain.model import Reason
from explain.plain_text import joined

FOLDER = Path(__file__).parent / "phrases"
SURE, LIKELY = 4.0, 1.2
SAYS = 3.0  # from here on a text surely speaks for a section
# Some words are used for anything ("rejected", "error"), some name one cause only ("reverse DNS").
PRECISE = {
    "ptr_missing": 1.2, "auth_failed": 1.0, "tls_required": 0.9, "mailbox_full": 0.9,
    "no_mail_accepted": 0.8, "recipient_domain_unknown": 0.6, "too_big": 0.7,
    "account_disabled": 0.6, "relay_denied": 0.6, "rate_limited": 0.5, "recipient_unknown": 0.5,
    "blocked_ip": 0.3, "policy_or_spam": 0.0, "network_or_timeout": -0.2, "server_error": -0.6,
}  # fmt: skip
_MAILBOX = re.compile(r"[^\s<>()\[\],;:\"'`=]{1,64}@")
_LINK_TAIL = re.compile(r"(https?://[^\s?#]{1,300})[?#][^\s]*")
_FRAMES = re.compile(
    r"\bhosts? \S{1,253} ?\[[\d.a-f:]{2,45}\](?::\d+)?:?|\(in reply to [^)]{1,60}\)|delivery temporarily suspended:|"
    r"smtp error from remote (?:mail )?server after [^:]{1,80}:(?:<[^>]{0,200}>)?|"
    r"recipient address rejected(?=: ?(?!access|undeliv|user|invalid|unverif|no such|unknown)\w)"
)
_INNER_DOT = re.compile(r"(?<=\w)\.(?=\w)")
MAX_TEXT = 6_000
# Sections that are no class of failure.
REPORT, AUTO, DELIVERED, DELAYED = "report", "auto", "delivered", "delayed"
NO_MAIL_ACCEPTED = "no_mail_accepted"  # a domain or host that takes no mail at all
_NO_CLASS = frozenset({REPORT, AUTO, DELIVERED, DELAYED})
CAUSES = frozenset({NO_MAIL_ACCEPTED, *(r.value for r in Reason)})
SECTIONS = (REPORT, AUTO, DELIVERED, DELAYED, NO_MAIL_ACCEPTED, *(r.value for r in Reason))


@dataclass(frozen=True, slots=True)
class PhraseMatch:
    """Sections that a text speaks for, with their weight."""

    votes: dict[str, float]

    def has(self, section: str) -> bool:
        return self.votes.get(section, 0) >= SAYS


@cache
def patterns() -> dict[str, tuple[re.Pattern[str] | None, re.Pattern[str] | None]]:
    """Each section's sure and likely patterns, of every language together."""
    sure: dict[str, list[str]] = {}
    likely: dict[str, list[str]] = {}
    for file in sorted(FOLDER.glob("*.toml")):
        for section, said in tomllib.loads(file.read_text("utf-8")).items():
            if section not in SECTIONS:
                raise ValueError(f"{file.name}: there is no section {section}")
            sure.setdefault(section, []).extend(said.get("sure", ()))
            likely.setdefault(section, []).extend(said.get("likely", ()))
    return {s: (_any(sure.get(s, [])), _any(likely.get(s, []))) for s in sure}


def _any(found: list[str]) -> re.Pattern[str] | None:
    return re.compile("|".join(f"(?:{one})" for one in found)) if found else None


@lru_cache(maxsize=64)
def heard(text: str) -> PhraseMatch:
    """What a text speaks for. Only its first 6,000 characters are read."""
    plain = spoken(text)
    votes: dict[str, float] = {}
    report = patterns()[REPORT][0]
    verdict = report.sub(" - ", plain) if report else plain
    for section, (sure, likely) in patterns().items():
        said = plain if section in _NO_CLASS else verdict
        if sure is not None and (match := sure.search(said)):
            # Of two causes in one text, the one named first is usually the verdict.
            near = 0.3 * (1 - match.start() / MAX_TEXT)
            votes[section] = SURE + near + PRECISE.get(section, 0)
        elif likely is not None and likely.search(said):
            votes[section] = LIKELY + PRECISE.get(section, 0) / 2
    return PhraseMatch(votes)


def says(text: str, section: str) -> bool:
    """Whether a text surely speaks for one section."""
    sure = patterns()[section][0]
    return sure is not None and sure.search(spoken(text)) is not None


def spoken(text: str) -> str:
    """The words alone: mailbox names and the tails of links say nothing, a name is one word."""
    plain = joined(text[:MAX_TEXT])
    plain = _LINK_TAIL.sub(r"\1", plain)
    plain = _MAILBOX.sub("someone@", plain)
    plain = _FRAMES.sub(" ", plain)
    return _INNER_DOT.sub("_", plain)
