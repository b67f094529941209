"""Keeps tokens out of logs: whatever opens something by itself is cut from every line."""

from __future__ import annotations

import logging
import re

from web.logs.deduplication import DeduplicatingHandler
from web.logs.token_paths import TOKEN_PATHS

_SLASH = "(?:/|%2F)"  # also inside another address, such as ?next=%2Fr%2F…
_PATHS = "|".join(path.replace("/", _SLASH) for path in TOKEN_PATHS)
_QUERY = r"(?:\?|%3F)(?:[^\s\"'#]{0,300}?(?:&(?:amp;)?|%26))?"  # up to one of its fields
_TOKENS = re.compile(
    rf"({_PATHS}|{_SLASH}tickets{_SLASH}new{_QUERY}kept(?:=|%3D))[A-Za-z0-9_\-]{{8,}}",
    re.IGNORECASE,
)
_WORD = "(?:token|password|secret|authorization)"
_SCHEME = "(?:bearer|basic|digest|token)[ ]+"


def _named_secrets(colon: str) -> re.Pattern[str]:
    """A name with its value (token=…, "api_token": "…", Authorization: Basic …); the word alone is
    prose. `colon` is what may part them besides "="."""
    return re.compile(
        rf"""(?ix)
        ( (?: \b{_WORD} ["']?[ \t]*(?:=|{colon})+
            | (?<![\w\-]) [\w\-]{{0,40}}{_WORD}[\w\-]{{0,40}}
              (?: ["']?[ \t]*=+ | ["'][ \t]*{colon} )
          ) [ \t]*
        )
        (?: (["']) ((?:{_SCHEME})?) (?:\\.|(?!\2)[^\\\n])+
          | ((?:{_SCHEME})?) [^\s"']\S*
        )"""
    )


_SECRETS = _named_secrets(":")
# In a sentence of ours "password: " only begins what is said about a setting of that name.
_SECRETS_IN_PROSE = _named_secrets(r":(?![ \t]+(?!(?:bearer|basic|digest)[ ]))")
_BEARER = re.compile(r"(?i)\b(bearer[=: ]+)(?!tokens?\b)[^\s\"']+")
_KEYS = re.compile(r"(\bjasno_)[A-Za-z0-9_\-]{30,}")
_URL_PASSWORD = re.compile(r"(://[^/\s:@]*:)[^@\s/]+@")


def redacted(text: str) -> str:
    """A line without tokens, secrets or passwords in addresses."""
    return _SECRETS.sub(r"\1\2\3\4…", _without_tokens(text))


def redacted_prose(text: str) -> str:
    """The same for a sentence of ours about settings: what follows a name, a colon and a blank is
    what it says of the name, and stays."""
    return _SECRETS_IN_PROSE.sub(r"\1\2\3\4…", _without_tokens(text))


def _without_tokens(text: str) -> str:
    text = _TOKENS.sub(r"\1…", text)
    text = _KEYS.sub(r"\1…", text)
    text = _URL_PASSWORD.sub(r"\1…@", text)
    return _BEARER.sub(r"\1…", text)


class RedactingFormatter(logging.Formatter):
    """A log format whose every line is redacted, tracebacks included."""

    def format(self, record: logging.LogRecord) -> str:
        """One record."""
        return redacted(super().format(record))


def log_to_stderr(level: int = logging.INFO) -> None:
    """Send every log line, redacted, to standard error; repeated ones are counted."""
    handler = DeduplicatingHandler()
    handler.setFormatter(RedactingFormatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in ("apscheduler", "urllib3", "alembic"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
