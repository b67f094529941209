"""One box to one subject: a domain, host, web address, mailbox or pasted text. Pure, never raises.

Must not look anything up; what it refuses, it refuses with a plain reason (a msgid).
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import SplitResult, quote, urlsplit

import idna
from publicsuffixlist import PublicSuffixList

from render.i18n import N_
from render.message_format import Argument
from standards.confusables import caution

MAX_TEXT = 20_000
MAX_URL = 2_000
MAX_CHOICES = 6
PORTS = (80, 443, 8080, 8443)
# Names that mean something only inside one network (RFC 6761, RFC 6762, RFC 7686, RFC 8375).
INSIDE = frozenset({"localhost", "local", "internal", "lan", "home", "corp", "onion", "arpa"})
DOCUMENTATION = frozenset({"example", "test"})  # RFC 2606; no registry lists them

EMPTY = N_("Type your domain, web address or mailbox.")
TOO_LONG = N_("This is too long for us to read. Please shorten it to the part with the error.")
UNREADABLE = N_("This contains characters that cannot be part of an address. Please type it again.")
IP_ADDRESS = N_(
    "{text} is an IP address. Please type the name that visitors use, such as shop.example."
)
SUFFIX_ONLY = N_("{text} is an ending shared by many names. Please type the whole domain.")
INCOMPLETE = N_("{text} is not a whole domain. Please add its ending, such as .com or .cz.")
ONION = N_("{text} can be opened only inside the Tor network, so we cannot reach it.")
INSIDE_ONLY = N_("{text} is a name that works only inside your own network, so we cannot reach it.")
BAD_NAME = N_("{text} cannot be a domain. Please check it for typing mistakes.")
NAME_TOO_LONG = N_("This name is longer than a domain may be. Please check it.")
BAD_MAILBOX = N_("{text} cannot be a mailbox. It should look like name@shop.example.")
BAD_SCHEME = N_("We check web addresses that begin with http:// or https://.")
BAD_PORT = N_("We check web sites on the usual ports only. Please leave out :{port}.")
CREDENTIALS = N_(
    "This address contains a user name or a password. Please leave that part out; we never need it."
)
SEVERAL = N_("We found more than one name in your text. Choose the one that has the trouble.")
NOTHING_FOUND = N_(
    "We found no domain, web address or mailbox in your text. Please type the name that has the trouble."
)

_SUFFIXES = PublicSuffixList(only_icann=True)
_KNOWN = PublicSuffixList(only_icann=True, accept_unknown=False)
_SCHEME = re.compile(r"^([a-z][a-z0-9+.-]{0,30}):(?://|(?=[^0-9]))", re.IGNORECASE)
# "https://https://", "http:/", "http//": what remains when an address is typed in haste.
_SLIPS = re.compile(r"^(?:https?:/{1,3})*(https?)(?::/{1,3}|//)", re.IGNORECASE)
_ASCII_LABEL = re.compile(r"^(?!-)[a-z0-9_-]{1,63}(?<!-)$")
_LOCAL_PART = re.compile(r"^[^\s@<>()\[\],;:\\\"]{1,64}$")
_NUMERIC = re.compile(r"^(?:0x[0-9a-f]*|[0-9]+)$")
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
_WRAPPING = " \t\r\n<>\"'`“”„‚‘’«»()[]{},;"
_IN_TEXT = re.compile(
    r"https?://[^\s<>\"']{1,2000}|[\w.+-]{1,64}@[\w.-]{3,253}|(?:[\w-]{1,63}\.){1,10}[\w-]{2,63}",
    re.IGNORECASE,
)


class SubjectKind(StrEnum):
    DOMAIN = "domain"
    HOST = "host"
    URL = "url"
    MAILBOX = "mailbox"


@dataclass(frozen=True, slots=True)
class Subject:
    """What is being looked at.

    `text` as typed; `host` the full name asked about; `domain` its registrable domain by the
    public suffix list; both lower-case A-labels. `url` is set for a URL, `mailbox` for a mailbox.
    `caution` is "mixed_script" or "lookalike" when the name may be made to look like another one.
    Once the walk has found that `host` lies in a zone of its own below its registrable domain,
    `domain` is that zone and `above` the registrable one (`evidence.located`).
    """

    kind: SubjectKind
    text: str
    host: str
    domain: str
    url: str = ""
    mailbox: str = ""
    caution: str = ""
    above: str = ""

    @property
    def registrable(self) -> str:
        """The domain that somebody registered, whichever zone below it is looked at."""
        return self.above or self.domain


@dataclass(frozen=True, slots=True)
class Rejected:
    """Why a text is no subject: a msgid with its arguments; `choices` are names found in it."""

    reason: str
    args: Mapping[str, Argument] = field(default_factory=dict)
    choices: tuple[str, ...] = ()


def parse(text: str) -> Subject | Rejected:
    """What the customer asks about, from whatever they put into the box."""
    if len(text) > MAX_TEXT:
        return Rejected(TOO_LONG)
    typed = text.translate(_INVISIBLE).strip()
    if not typed:
        return Rejected(EMPTY)
    if any(_unprintable(c) for c in typed):
        return Rejected(UNREADABLE)
    if len(typed.split()) > 1:
        return _from_text(typed)
    return _from_word(typed.strip(_WRAPPING.replace("[", "").replace("]", "")))


def _unprintable(char: str) -> bool:
    """Controls, surrogates, private use and the marks that turn the direction of writing."""
    if char in "\t\r\n":
        return False
    return unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn")


def _from_word(word: str) -> Subject | Rejected:
    """One word: a mailbox, a web address, or a name."""
    word = _SLIPS.sub(r"\1://", word)
    word = re.sub(r"^mailto:", "", word, flags=re.IGNORECASE).split("?")[0] if "@" in word else word
    if not word or len(word) > MAX_URL:
        return Rejected(TOO_LONG if word else EMPTY)
    scheme = None if _is_literal(word) else _SCHEME.match(word)
    if scheme and scheme[1].lower() not in ("http", "https") and "." not in scheme[1]:
        return Rejected(BAD_SCHEME)
    if scheme and "://" in word:
        return _from_url(word, word)
    if "@" in word and not re.search(r"[/:]", word):
        return _from_mailbox(word)
    if re.search(r"[/?#:\\]", word):
        return _from_url(word, "http://" + word.lstrip("/\\"))
    return _from_name(word, word)


def _from_mailbox(word: str) -> Subject | Rejected:
    local, _, name = word.rpartition("@")
    if not name:
        return Rejected(BAD_MAILBOX, {"text": _short(word)})
    if not local:  # "@shop.example" is how some people write a domain
        return _from_name(word, name)
    if not _LOCAL_PART.match(local):
        return Rejected(BAD_MAILBOX, {"text": _short(word)})
    found = _from_name(word, name)
    if isinstance(found, Rejected):
        return found
    return Subject(
        SubjectKind.MAILBOX,
        word,
        found.host,
        found.domain,
        mailbox=f"{local}@{found.host}",
        caution=found.caution,
    )


def _from_url(word: str, url: str) -> Subject | Rejected:
    try:
        parts = urlsplit(url.replace("\\", "/"))
        name, port, secret = parts.hostname or "", parts.port, parts.username or parts.password
    except ValueError:
        literal = "[" in url or re.search(r"//[0-9a-f]{0,4}:[0-9a-f]{0,4}:", url.lower())
        return Rejected(IP_ADDRESS if literal else BAD_NAME, {"text": _short(word)})
    if secret:
        return Rejected(CREDENTIALS)
    found = _from_name(word, name)
    if isinstance(found, Rejected):
        return found
    if port is not None and port not in PORTS:
        return Rejected(BAD_PORT, {"port": port})
    bare = not parts.path.strip("/") and not parts.query and port in (None, 80, 443)
    if bare and "://" not in word:
        return found
    return Subject(
        SubjectKind.URL,
        word,
        found.host,
        found.domain,
        url=_rebuilt(parts, found.host, port),
        caution=found.caution,
    )


def _rebuilt(parts: SplitResult, host: str, port: int | None) -> str:
    """The address as a client would send it: A-labels, escaped path, no fragment (RFC 3986)."""
    scheme = parts.scheme.lower()
    shown = f":{port}" if port and port != {"http": 80, "https": 443}[scheme] else ""
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = "?" + quote(parts.query, safe="/%:@!$&'()*+,;=~-._?") if parts.query else ""
    return f"{scheme}://{host}{shown}{path}{query}"


def _from_name(word: str, name: str) -> Subject | Rejected:
    """A name alone: `word` is what was typed, `name` the part of it that should be a host."""
    shown: dict[str, Argument] = {"text": _short(name or word)}
    if _is_address(name):
        return Rejected(IP_ADDRESS, shown)
    host = _a_labels(name)
    if isinstance(host, Rejected):
        return host
    # A name such as _dmarc.shop.example holds a setting of the domain; nobody visits it (RFC 8552).
    host = re.sub(r"^(?:[^.]+\.)*_[^.]*\.", "", host)
    labels = host.split(".")
    if _NUMERIC.match(labels[-1]):
        return Rejected(IP_ADDRESS if len(labels) == 4 or len(labels) == 1 else BAD_NAME, shown)
    if labels[-1] in INSIDE:
        return Rejected(ONION if labels[-1] == "onion" else INSIDE_ONLY, shown)
    domain = _SUFFIXES.privatesuffix(host)
    if not domain:
        return Rejected(SUFFIX_ONLY if _KNOWN.publicsuffix(host) else INCOMPLETE, shown)
    kind = SubjectKind.DOMAIN if host == domain else SubjectKind.HOST
    return Subject(kind, word, host, domain, caution=caution(host))


def _is_address(name: str) -> bool:
    return ":" in name or _is_literal(name)


def _is_literal(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]").split("%")[0])
    except ValueError:
        return False
    return True


def _a_labels(name: str) -> str | Rejected:
    """The name in lower-case A-labels (RFC 5891; UTS 46 non-transitional), without its last dot."""
    shown: dict[str, Argument] = {"text": _short(name)}
    for dot in "\u3002\uff0e\uff61":
        name = name.replace(dot, ".")
    labels = name.removesuffix(".").lower().split(".")
    encoded: list[str] = []
    for label in labels:
        ascii_label = _a_label(label)
        if ascii_label is None:
            return Rejected(BAD_NAME, shown)
        encoded.append(ascii_label)
    host = ".".join(encoded)
    return host if len(host) <= 253 else Rejected(NAME_TOO_LONG)


def _a_label(label: str) -> str | None:
    if len(label) > 200:
        return None
    if _ASCII_LABEL.match(label) and not label.startswith("xn--"):
        return label
    try:
        encoded = idna.encode(label, uts46=True).decode("ascii")
        idna.decode(encoded)
    except (idna.IDNAError, UnicodeError, ValueError):
        return None
    return encoded if "." not in encoded else None


def _from_text(text: str) -> Subject | Rejected:
    """Several words: the one name in it, or a choice among those found."""
    found: dict[str, Subject] = {}
    for subject in _names_in(text):
        found.setdefault(subject.domain, subject)
    if not found:
        return Rejected(NOTHING_FOUND)
    if len(found) == 1:
        return next(iter(found.values()))
    return Rejected(SEVERAL, choices=tuple(s.text for s in found.values())[:MAX_CHOICES])


def _names_in(text: str) -> Iterator[Subject]:
    for match in _IN_TEXT.finditer(text):
        subject = _from_word(match[0].strip(_WRAPPING + ".!?:"))
        if isinstance(subject, Subject) and _has_known_ending(subject.host):
            yield subject


def _has_known_ending(host: str) -> bool:
    """In running text "index.php" and "e.g" must not count as domains."""
    return bool(_KNOWN.publicsuffix(host)) or host.rsplit(".", 1)[-1] in DOCUMENTATION


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"
