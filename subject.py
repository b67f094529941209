"""Parses what was typed into a check: a domain, host, web address or a mailbox, or why it is refused.

A text that names one will do. Never raises and looks nothing up; a rejection carries its reason (a msgid).
"""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from urllib.parse import SplitResult, quote, urlsplit

import idna
from publicsuffixlist import PublicSuffixList

from render.i18n import N_
from render.message_format import Argument
from standards.confusables import confusable_kind

MAX_TEXT = 20_000
MAX_URL = 2_000
MAX_CHOICES = 6
PORTS = (80, 443, 8080, 8443)
# Names that mean something only inside one network (RFC 6761, RFC 6762, RFC 7686, RFC 8375).
PRIVATE_TLDS = frozenset({"localhost", "local", "internal", "lan", "home", "corp", "onion", "arpa"})
RESERVED_TLDS = frozenset({"example", "test"})  # RFC 2606; no registry lists them

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
NO_NAME = N_("{text} names no domain. Please type the whole name, such as shop.example.")
NUMBER = N_("{text} is only a number. Please type the name of the domain, such as shop.example.")
NUMBER_AT_END = N_("{text} ends with a number, as no domain does. Please check it.")
SIGN = N_(
    "{text} contains “{sign}”. We can check only names that are made of letters, digits and hyphens."
)
SPACE = N_("There is a space in the middle. Did you mean {text}?")
DOTS = N_("{text} has a dot too many: there is nothing beside it. Please check it.")
HYPHEN = N_("A part of {text} begins or ends with a hyphen, which no domain does. Please check it.")
PUNYCODE = N_(
    "In {text}, what follows xn-- stands for no letters. Please type the name with its own letters."
)
ADDRESS_TOO_LONG = N_(
    "This address is too long for us. Its beginning is enough, up to the first slash after the name."
)
NAME_TOO_LONG = N_("This name is longer than a domain may be. Please check it.")
PART_TOO_LONG = N_(
    "A part of {text} is longer than the 63 characters that a domain allows. Please check it."
)
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

_SCHEME = re.compile(r"^([a-z][a-z0-9+.-]{0,30}):(?://|(?=[^0-9]))", re.IGNORECASE)
# Mistyped schemes: "https://https://", "http:/", "http//".
_MISTYPED_SCHEME = re.compile(r"^(?:https?:/{1,3})*(https?)(?::/{1,3}|//)", re.IGNORECASE)
_ASCII_LABEL = re.compile(r"^(?!-)[a-z0-9_-]{1,63}(?<!-)$")
_LOCAL_PART = re.compile(r"^[^\s@<>()\[\],;:\\\"]{1,64}$")
_NUMERIC = re.compile(r"^(?:0x[0-9a-f]*|[0-9]+)$")
_INVISIBLE_CHARACTERS = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"))
_SURROUNDING_MARKS = " \t\r\n<>\"'`“”„‚‘’«»()[]{},;"
_NAME_IN_TEXT = re.compile(
    r"https?://[^\s<>\"']{1,2000}|(?<![\w.+-])[\w.+-]{1,64}@[\w.-]{3,253}"
    r"|(?<![\w-])(?:[\w-]{1,63}\.){1,10}[\w-]{2,63}",
    re.IGNORECASE,
)


class SubjectKind(StrEnum):
    DOMAIN = "domain"
    HOST = "host"
    URL = "url"
    MAILBOX = "mailbox"


STORED_UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Subject:
    """The subject of a check.

    `text` as typed; `host` the full name asked about; `domain` its registrable domain by the
    public suffix list; both lower-case A-labels. `url` is set for a URL, `mailbox` for a mailbox.
    `caution` is "mixed_script" or "lookalike" when the name may be made to look like another one,
    STORED_UNREADABLE where more was stored than the domain and this release cannot read it.
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
class RejectedSubject:
    """Why a text is no subject: a msgid with its arguments; `choices` are the names found in it."""

    reason: str
    args: Mapping[str, Argument] = field(default_factory=dict)
    choices: tuple[str, ...] = ()


def parse_subject(text: str) -> Subject | RejectedSubject:
    """Parse what a customer typed or pasted."""
    if len(text) > MAX_TEXT:
        return RejectedSubject(TOO_LONG)
    typed = text.translate(_INVISIBLE_CHARACTERS).strip()
    if not typed:
        return RejectedSubject(EMPTY)
    if any(_is_unprintable(c) for c in typed):
        return RejectedSubject(UNREADABLE)
    if len(typed.split()) > 1:
        return _parse_running_text(typed)
    return _several(typed) or _parse_word(
        typed.strip(_SURROUNDING_MARKS.replace("[", "").replace("]", ""))
    )


def _several(word: str) -> Subject | RejectedSubject | None:
    """Names that only commas or semicolons part; None for one word."""
    parts = [part for part in re.split("[,;]+", word) if part]
    is_path = "/" in word.rpartition("://")[2]
    if is_path or len(parts) < 2 or not all(isinstance(_parse_word(p), Subject) for p in parts):
        return None
    return _parse_running_text(" ".join(parts))


def _is_unprintable(char: str) -> bool:
    """Controls, surrogates, private use and the marks that turn the direction of writing."""
    if char in "\t\r\n":
        return False
    return unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co", "Cn")


def _parse_word(text: str) -> Subject | RejectedSubject:
    """One word: a mailbox, a web address, or a name."""
    text = _MISTYPED_SCHEME.sub(r"\1://", text)
    if re.match("mailto:", text, re.IGNORECASE):
        text = text[len("mailto:") :].split("?")[0]
    if not text or len(text) > MAX_URL:
        return RejectedSubject(ADDRESS_TOO_LONG if text else EMPTY)
    scheme = None if _is_literal(text) else _SCHEME.match(text)
    if scheme and scheme[1].lower() not in ("http", "https") and "." not in scheme[1]:
        is_userinfo = "@" in text and "://" not in text
        return RejectedSubject(CREDENTIALS if is_userinfo else BAD_SCHEME)
    if scheme and "://" in text:
        return _parse_url(text, text)
    if "@" in text and not re.search(r"[/:]", text):
        return _parse_mailbox(text)
    if re.search(r"[/?#:\\]", text):
        return _parse_url(text, "http://" + text.lstrip("/\\"))
    return _parse_name(text, text)


def _parse_mailbox(word: str) -> Subject | RejectedSubject:
    local, _, name = word.rpartition("@")
    if not name:
        return RejectedSubject(BAD_MAILBOX, {"text": _abbreviate(word)})
    if not local:  # "@shop.example" is how some people write a domain
        return _parse_name(word, name)
    if not _LOCAL_PART.match(local):
        return RejectedSubject(BAD_MAILBOX, {"text": _abbreviate(word)})
    subject = _parse_name(word, name)
    if isinstance(subject, RejectedSubject):
        return subject
    return Subject(
        SubjectKind.MAILBOX,
        word,
        subject.host,
        subject.domain,
        mailbox=f"{local}@{subject.host}",
        caution=subject.caution,
    )


def _parse_url(word: str, url: str) -> Subject | RejectedSubject:
    try:
        parts = urlsplit(url.replace("\\", "/"))
        name, port, userinfo = parts.hostname or "", parts.port, parts.username or parts.password
    except ValueError:
        return _rejected_url(word, url)
    if userinfo:
        return RejectedSubject(CREDENTIALS)
    no_name = RejectedSubject(NO_NAME, {"text": _abbreviate(word)})
    subject = _parse_name(word, name) if name else no_name
    if isinstance(subject, RejectedSubject):
        return subject
    if port is not None and port not in PORTS:
        return RejectedSubject(BAD_PORT, {"port": port})
    has_only_host = not parts.path.strip("/") and not parts.query and port in (None, 80, 443)
    if has_only_host and "://" not in word:
        return subject
    return Subject(
        SubjectKind.URL,
        word,
        subject.host,
        subject.domain,
        url=_normalised_url(parts, subject.host, port),
        caution=subject.caution,
    )


def _rejected_url(word: str, url: str) -> RejectedSubject:
    """Why an address cannot even be taken apart."""
    if "@" in url:
        return RejectedSubject(CREDENTIALS)
    is_ip_literal = "[" in url or re.search(r"//[0-9a-f]{0,4}:[0-9a-f]{0,4}:", url.lower())
    port_text = re.match(r"[^/]*//[^/?#:\[\]]+:([^/?#\[\]]+)", url)
    if port_text and not is_ip_literal:
        return RejectedSubject(BAD_PORT, {"port": _abbreviate(port_text[1])})
    return RejectedSubject(IP_ADDRESS if is_ip_literal else BAD_NAME, {"text": _abbreviate(word)})


def _normalised_url(parts: SplitResult, host: str, port: int | None) -> str:
    """The URL in normal form: A-labels, escaped path, no fragment (RFC 3986)."""
    scheme = parts.scheme.lower()
    port_suffix = f":{port}" if port and port != {"http": 80, "https": 443}[scheme] else ""
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = "?" + quote(parts.query, safe="/%:@!$&'()*+,;=~-._?") if parts.query else ""
    return f"{scheme}://{host}{port_suffix}{path}{query}"


def _parse_name(word: str, name: str) -> Subject | RejectedSubject:
    """A name alone: `word` is what was typed, `name` the part of it that should be a host."""
    args: dict[str, Argument] = {"text": _abbreviate(name or word)}
    if _is_address(name):
        return RejectedSubject(IP_ADDRESS, args)
    host = _a_labels(name)
    if isinstance(host, RejectedSubject):
        return host
    # A name such as _dmarc.shop.example holds a setting of the domain; nobody visits it (RFC 8552).
    host = re.sub(r"^(?:[^.]+\.)*_[^.]*\.", "", host)
    labels = host.split(".")
    if _NUMERIC.match(labels[-1]):
        return RejectedSubject(NUMBER if len(labels) == 1 else NUMBER_AT_END, args)
    if labels[-1] in PRIVATE_TLDS:
        return RejectedSubject(ONION if labels[-1] == "onion" else INSIDE_ONLY, args)
    domain = _public_suffixes().privatesuffix(host)
    if not domain:
        return RejectedSubject(SUFFIX_ONLY if _has_listed_suffix(host) else INCOMPLETE, args)
    kind = SubjectKind.DOMAIN if host == domain else SubjectKind.HOST
    return Subject(kind, word, host, domain, caution=confusable_kind(host))


def _is_address(name: str) -> bool:
    return ":" in name or _is_literal(name)


def _is_literal(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]").split("%")[0])
    except ValueError:
        return False
    return True


def _a_labels(name: str) -> str | RejectedSubject:
    """The name in lower-case A-labels (RFC 5891; UTS 46 non-transitional), without its last dot."""
    args: dict[str, Argument] = {"text": _abbreviate(name)}
    for dot in "\u3002\uff0e\uff61":
        name = name.replace(dot, ".")
    labels = name.removesuffix(".").lower().split(".")
    encoded: list[str] = []
    for label in labels:
        ascii_label = _a_label(label)
        if ascii_label is None:
            return _rejected_label(label, args)
        encoded.append(ascii_label)
    host = ".".join(encoded)
    return host if len(host) <= 253 else RejectedSubject(NAME_TOO_LONG)


def _rejected_label(label: str, args: dict[str, Argument]) -> RejectedSubject:
    """Why a part of a name cannot be one."""
    sign = next((c for c in label if c not in "-_" and unicodedata.category(c)[0] not in "LMN"), "")
    if not label:
        return RejectedSubject(DOTS, args)
    if sign:
        return RejectedSubject(SIGN, args | {"sign": sign})
    if label.startswith("xn--"):
        return RejectedSubject(PUNYCODE, args)
    if label.startswith("-") or label.endswith("-"):
        return RejectedSubject(HYPHEN, args)
    return RejectedSubject(PART_TOO_LONG if len(label) > 63 else BAD_NAME, args)


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


def _parse_running_text(text: str) -> Subject | RejectedSubject:
    """Several words: the one name in it, or a choice among those found."""
    if joined := _torn_name(text):
        return RejectedSubject(SPACE, {"text": _abbreviate(joined)}, choices=(joined,))
    subjects: dict[str, Subject] = {}
    for subject in _names_in(text):
        subjects.setdefault(subject.domain, subject)
    if not subjects:
        return RejectedSubject(NOTHING_FOUND)
    if len(subjects) == 1:
        return next(iter(subjects.values()))
    return RejectedSubject(SEVERAL, choices=tuple(s.text for s in subjects.values())[:MAX_CHOICES])


def _torn_name(text: str) -> str:
    """What two words are without the space between them, where that tears one name apart."""
    words = text.split()
    if len(words) != 2:
        return ""
    first, second = words
    is_torn = first.endswith((".", "@")) or second.startswith((".", "@"))
    if re.match("https?://.", first, re.IGNORECASE):
        is_torn |= isinstance(_parse_word(first), RejectedSubject)
    joined = _parse_word(first + second) if is_torn else None
    is_name = isinstance(joined, Subject) and has_known_ending(joined.host)
    return first + second if is_name else ""


def _names_in(text: str) -> Iterator[Subject]:
    for match in _NAME_IN_TEXT.finditer(text):
        subject = _parse_word(match[0].strip(_SURROUNDING_MARKS + ".!?:"))
        if isinstance(subject, Subject) and has_known_ending(subject.host):
            yield subject


def has_known_ending(host: str) -> bool:
    """In running text "index.php" and "e.g" must not count as domains."""
    return _has_listed_suffix(host) or host.rsplit(".", 1)[-1] in RESERVED_TLDS


def _has_listed_suffix(host: str) -> bool:
    return bool(_public_suffixes().publicsuffix(host, accept_unknown=False))


@cache
def _public_suffixes() -> PublicSuffixList:
    """The suffixes of registries. Read when first needed, for most commands do without."""
    return PublicSuffixList(only_icann=True)


def _abbreviate(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"
