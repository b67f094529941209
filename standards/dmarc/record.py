"""DMARC records (RFC 9989, 4.7 and 4.8): parsed to tags and syntax faults. policy.py says what they ask for."""

from __future__ import annotations

import re
from dataclasses import dataclass

POLICIES = ("none", "quarantine", "reject")
HISTORIC = ("pct", "rf", "ri")  # tags of RFC 7489, dropped by RFC 9989
MAX_TEXT, MAX_TAGS, MAX_URIS = 4096, 64, 100
_VERSION = re.compile(r"v[ \t]*=[ \t]*DMARC1[ \t]*(?:;|\Z)")
# No two unbounded parts that match the same signs side by side: "=" is one of \W.
_MISWRITTEN_VERSION = re.compile(r"\A\W*(?:v\W*)?dmarc\s*1?\b", re.IGNORECASE)
_MAILTO = re.compile(
    r"mailto:[^\s@,;!<>?]{1,64}@([A-Za-z0-9._-]{1,253})(?:\?[^\s,!]*)?(![0-9]+[kmgt]?)?\Z",
    re.IGNORECASE,
)
_URI = re.compile(r"\A[A-Za-z][A-Za-z0-9+.-]*:[^\s,!]+\Z")
_ALLOWED_VALUES = {
    "p": POLICIES,
    "sp": POLICIES,
    "np": POLICIES,
    "adkim": ("r", "s"),
    "aspf": ("r", "s"),
    "psd": ("y", "n", "u"),
    "t": ("y", "n"),
}


@dataclass(frozen=True, slots=True)
class RecordFault:
    """A tag that receivers ignore. `reason`: value (not allowed), twice, form, uri."""

    tag: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class DmarcRecord:
    """A DMARC record as receivers read it; what they ignore is in `faults`.

    `p` is "" when the tag is absent or unreadable, and then acts as "none"; `rua` and `ruf` are
    URIs without size limits; `historic` are tags of RFC 7489 as written.
    """

    text: str
    p: str = ""
    sp: str = ""
    np: str = ""
    adkim: str = "r"
    aspf: str = "r"
    psd: str = "u"
    testing: bool = False
    rua: tuple[str, ...] = ()
    ruf: tuple[str, ...] = ()
    faults: tuple[RecordFault, ...] = ()
    historic: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()

    @property
    def is_usable(self) -> bool:
        """Whether receivers apply the record: not with an invalid policy and without “rua”."""
        policy_fault = any(f.tag in ("p", "sp", "np") for f in self.faults)
        return not policy_fault or bool(self.rua)


def is_dmarc(text: str) -> bool:
    """Whether a TXT value begins with a valid version tag, as a DMARC record must."""
    return bool(_VERSION.match(text))


def is_meant_as_dmarc(text: str) -> bool:
    """Whether a TXT value is a miswritten DMARC record, which receivers do not recognise."""
    return not is_dmarc(text) and bool(_MISWRITTEN_VERSION.match(text[:200]))


def parse_dmarc(text: str) -> DmarcRecord | None:
    """Parse a record; None when the text is no DMARC record. Faults are in `faults`, never raised."""
    if not is_dmarc(text):
        return None
    values: dict[str, str] = {}
    faults: list[RecordFault] = []
    for piece in text[:MAX_TEXT].split(";")[1:MAX_TAGS]:
        tag, sign, value = (part.strip(" \t") for part in piece.partition("="))
        tag = tag.lower()
        if not tag and not sign:
            continue
        if not sign or not tag.isalpha() or not tag.isascii() or not value:
            faults.append(RecordFault(tag[:40], value[:80], "form"))
        elif tag in values or tag == "v":
            faults.append(RecordFault(tag, value[:80], "twice"))
        else:
            values[tag] = value
    return _build_record(text, values, faults)


def _build_record(text: str, values: dict[str, str], faults: list[RecordFault]) -> DmarcRecord:
    accepted: dict[str, str] = {}
    for tag, allowed in _ALLOWED_VALUES.items():
        value = values.get(tag, "").lower()
        if value and value not in allowed:
            faults.append(RecordFault(tag, values[tag][:80], "value"))
        elif value:
            accepted[tag] = value
    fo = values.get("fo", "").lower().split(":")
    if not set(fo) <= {"0", "1", "d", "s", ""}:
        faults.append(RecordFault("fo", values["fo"][:80], "value"))
    known_tags = {*_ALLOWED_VALUES, *HISTORIC, "fo", "rua", "ruf"}
    return DmarcRecord(
        text[:MAX_TEXT],
        p=accepted.get("p", ""),
        sp=accepted.get("sp", ""),
        np=accepted.get("np", ""),
        adkim=accepted.get("adkim", "r"),
        aspf=accepted.get("aspf", "r"),
        psd=accepted.get("psd", "u"),
        testing=accepted.get("t") == "y",
        rua=_report_uris("rua", values, faults),
        ruf=_report_uris("ruf", values, faults),
        faults=tuple(faults),
        historic=tuple(f"{tag}={values[tag][:20]}" for tag in HISTORIC if tag in values),
        unknown=tuple(tag[:40] for tag in values if tag not in known_tags),
    )


def _report_uris(tag: str, values: dict[str, str], faults: list[RecordFault]) -> tuple[str, ...]:
    uris: list[str] = []
    for part in values.get(tag, "").split(",")[:MAX_URIS]:
        text = part.strip(" \t")
        if match := _MAILTO.match(text):
            uris.append(text.removesuffix(match[2] or ""))
        elif text and text[:7].lower() != "mailto:" and _URI.match(text):
            uris.append(text)
        elif text or tag in values:
            faults.append(RecordFault(tag, text[:80], "uri"))
    return tuple(dict.fromkeys(uris))


def report_host(uri: str) -> str:
    """The destination host of a report URI: a mailto address's domain, another URI's host, or ""."""
    if match := _MAILTO.match(uri):
        return match[1].lower().rstrip(".")
    after_scheme = uri.partition("://")[2]
    return after_scheme.partition("/")[0].rpartition("@")[2].partition(":")[0].lower().rstrip(".")
