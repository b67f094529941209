"""Keeps tokens out of logs: whatever opens something by itself is cut from every line."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable

from web.logs.deduplication import DeduplicatingHandler
from web.logs.token_paths import TOKEN_PATHS

_SLASH = "(?:/|%2F)"  # also inside another address, such as ?next=%2Fr%2F…
_PATHS = "|".join(path.replace("/", _SLASH) for path in TOKEN_PATHS)
_QUERY = r"(?:\?|%3F)(?:[^\s\"'#]{0,300}?(?:&(?:amp;)?|%26))?"  # up to one of its fields
_TOKENS = re.compile(
    rf"({_PATHS}|{_SLASH}tickets{_SLASH}new{_QUERY}kept(?:=|%3D))[A-Za-z0-9_\-]{{8,}}",
    re.IGNORECASE,
)
_WORD = (  # what the name of a secret holds: a header's, a setting's, a field's
    "(?:token|passw(?:or)?d|passphrase|pwd|secret|authorization|sess(?:ion)?[_-]?id"
    "|(?:api|access|account|auth|client|encryption|master|private|shared|signing|subscription)[_-]?key)"
)
_NAME = rf"[\w\-]{{0,40}}{_WORD}[\w\-]{{0,40}}"
_SCHEMES = (  # of the header Authorization
    "bearer|basic|digest|negotiate|ntlm|oauth|dpop|hawk|hmac|signature|api-?key|ssws|sharedkey"
    "|aws4-hmac-sha256|scram-sha-[0-9]+"
)
_SCHEME = f"(?:{_SCHEMES}|token)[ ]+"
_PARAMETER = r"""[\w\-]+=(?:"[^"\n]*"|[^\s,"]+)"""  # of a scheme that has several


def _named_secrets(colon: str) -> re.Pattern[str]:
    """A name with its value (token=…, "api_token": "…", Authorization: Basic …); the word alone is
    prose. `colon` is what may part them besides "="."""
    return re.compile(
        rf"""(?ix)
        ( (?: \b{_WORD} ["']?[ \t]*(?:=|{colon})+
            | (?<![\w\-]) {_NAME} (?: ["']?[ \t]*=+ | ["'][ \t]*{colon} )
          ) [ \t]*
        )
        (?: (["']) ((?:{_SCHEME})?) (?:\\.|(?!\2)[^\\\n])+
          | ((?:{_SCHEME})?) (?: {_PARAMETER}(?:,[ ]*{_PARAMETER})+ | [^\s"']\S* )
        )"""
    )


_SECRETS = _named_secrets(":")
# In a sentence of ours "password: " only begins what is said about a setting of that name.
_SECRETS_IN_PROSE = _named_secrets(rf":(?![ \t]+(?!(?:{_SCHEMES})[ ]))")
_PARTED = (  # a name and what stands behind it where neither "=" nor a quoted name tells so
    rf"(?i)(\(b?['\"]{_NAME}['\"],[ ]*b?['\"])[^'\"\n]+",  # ("X-Api-Key", "…"), as Python lists headers
    rf"(?i)(?<![\w\-])({_NAME}:[ ]+)(?=\S*\d)[\w.+~\-][^\s\"']{{5,}}",  # access_token: 1/fFAGRNJru1
    rf"(?i)(?<![\w\-])(--{_NAME}[ ]+)(?=\S*\d)[\w.+~\-][^\s\"']{{3,}}",  # --password hunter2
    # A scheme that we do not know; its name goes too, as it may be the secret.
    rf"(?i)(\bauthorization:[ ]+)(?!{_SCHEME})[\w\-]+[ ]+[^\s\"',;]+",
    r"(?i)(\bcookie[\"']?[:,][ ]*b?[\"']?)[^\s=;,\"']+=[^\s;\"']*(?:;[ ]*[^\s=;,\"']+=[^\s;\"']*)*",
)
_FORMS = (  # what is a secret by how it looks, or by where it stands in an address
    (_TOKENS, r"\1…"),
    (re.compile(r"(\bjasno_)[A-Za-z0-9_\-]{30,}"), r"\1…"),
    (re.compile(r"(://[^/\s:@]{0,300}:)[^\s/\"']+@"), r"\1…@"),
    (re.compile(r"(://)[^/\s:@]{20,300}@"), r"\1…@"),  # a token in the user's place
    (re.compile(r"(?i)([?&](?:key|auth|code|jwt|pass|pw|sid|sig|signature|session)=)[^&\s\"'#]+"), r"\1…"),
    (re.compile(r"(?i)\b(bearer[=: ]+)(?!tokens?\b)[^\s\"']+"), r"\1…"),
    (re.compile(
        r"\b(?:eyJ[\w\-]{8,}\.[\w\-]{8,}(?:\.[\w\-]+)?|gh[opsru]_[A-Za-z0-9]{20,}|glpat-[\w\-]{16,}"
        r"|xox[abprs]-[\w\-]{10,}|[rs]k_(?:live|test)_[A-Za-z0-9]{10,}|AKIA[A-Z0-9]{16})"
    ), "…"),
)  # fmt: skip
_IN_LOGS = tuple((re.compile(pattern), r"\1…") for pattern in _PARTED)


def redacted(text: str) -> str:
    """A line without tokens, secrets or passwords in addresses."""
    return _SECRETS.sub(r"\1\2\3\4…", _without(_IN_LOGS, _without(_FORMS, text)))


def redacted_prose(text: str) -> str:
    """The same for a sentence of ours about settings: what follows a name, a colon and a blank is
    what it says of the name, and stays."""
    return _SECRETS_IN_PROSE.sub(r"\1\2\3\4…", _without(_FORMS, text))


def _without(forms: Iterable[tuple[re.Pattern[str], str]], text: str) -> str:
    for pattern, replacement in forms:
        text = pattern.sub(replacement, text)
    return text


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
