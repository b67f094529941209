"""SPF macros (RFC 7208, 7): validation and expansion."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

_TOKEN = re.compile(
    r"%\{([A-Za-z])([0-9]*)([rR]?)([-.+,/_=]*)\}|%([%_\-])|([\x21-\x24\x26-\x7e]+)", re.DOTALL
)
_ESCAPES = {"%": "%", "_": " ", "-": "%20"}
UNRESERVED = "-._~"


class MacroError(ValueError):
    """The text is no valid macro-string; the message says why."""


def tokenise(text: str, *, spaces: bool = False) -> list[re.Match[str]]:
    """The tokens of a macro-string. Raises MacroError at the first malformed one.

    Groups: letter, digits, "r", delimiters, escaped character, literal. `spaces`: allow spaces.
    """
    matches: list[re.Match[str]] = []
    position = 0
    source = text.replace(" ", "%_") if spaces else text
    while position < len(source):
        match = _TOKEN.match(source, position)
        if not match:
            raise MacroError("malformed macro")
        if match[2] and int(match[2][:9]) == 0:
            raise MacroError("a macro keeps zero parts")
        matches.append(match)
        position = match.end()
    return matches


def check_macros(text: str, *, explanation: bool = False) -> None:
    """Raise MacroError unless `text` is valid; `explanation` allows spaces and c, r, t (7.2)."""
    allowed = "slodiphcrtv" if explanation else "slodiphv"
    for match in tokenise(text, spaces=explanation):
        if match[1] and match[1].lower() not in allowed:
            raise MacroError(f"unknown macro {match[1]}")


def needs_validated_name(text: str) -> bool:
    """Whether the expansion needs the validated domain name of the client (%{p})."""
    return bool(re.search(r"%\{[pP]", text))


def expand_macros(text: str, values: Mapping[str, str], *, explanation: bool = False) -> str:
    """Expand a macro-string; `values` by lower-case macro letter. Raises MacroError."""
    expanded: list[str] = []
    for match in tokenise(text, spaces=explanation):
        if match[6]:
            expanded.append(match[6])
        elif match[5]:
            expanded.append(_ESCAPES[match[5]])
        else:
            expanded.append(_expand_one(match, values))
    return "".join(expanded)


def _expand_one(match: re.Match[str], values: Mapping[str, str]) -> str:
    value = values.get(match[1].lower(), "")
    parts = re.split("[" + re.escape(match[4] or ".") + "]", value)
    if match[3]:
        parts.reverse()
    if match[2]:
        parts = parts[-int(match[2][:9]) :]
    text = ".".join(parts)
    return quote(text, safe=UNRESERVED) if match[1].isupper() else text


def truncate_domain(domain: str) -> str:
    """A domain cut from the left, label by label, to 253 octets (7.3)."""
    name = domain.rstrip(".")
    while len(name) > 253 and "." in name:
        name = name.partition(".")[2]
    return name
