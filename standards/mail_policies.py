"""MTA-STS records and policies, TLS-RPT, BIMI and TLSA records: parsed and validated."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

_ID = re.compile(r"\A[A-Za-z0-9]{1,32}\Z")
_MX = re.compile(
    r"\A(?:\*\.)?(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z][a-z0-9-]*\Z", re.IGNORECASE
)
_FIELD = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}:[ \t]*[^\x00-\x20\x7f][^\x00-\x08\x0a-\x1f\x7f]*\Z"
)
_RUA = re.compile(
    r"(?:mailto:[^\s@,!?]{1,64}@[A-Za-z0-9._-]+(?:\?[^\s,!]*)?|https://[^\s,!]+)\Z", re.IGNORECASE
)
MODES = ("enforce", "testing", "none")
MAX_AGE = 31557600  # seconds (RFC 8461, 3.2: a year)
MAX_LINES = 400
DIGEST_OCTETS = {1: 32, 2: 64}  # octets of a TLSA digest by matching type


def parse_tags(text: str) -> list[tuple[str, str]]:
    """Tag-value pairs of “a=b; c=d” in order; a part without “=” has an empty value.

    At most 64 parts are read. Names keep their letter case.
    """
    parts = (p.partition("=") for p in text.split(";")[:64])
    return [(n.strip(), v.strip()) for n, _, v in parts if n.strip() or v.strip()]


def _tag_values(text: str, name: str) -> list[str]:
    """The values of one tag, in order; the grammar allows no space around “=”."""
    fields = (part.strip().partition("=") for part in text.split(";")[:64])
    return [value for key, _, value in fields if key == name]


def mta_sts_record_problem(text: str) -> str:
    """The first fault of an MTA-STS TXT record (RFC 8461, 3.1): "", "version" or "id"."""
    if parse_tags(text)[:1] != [("v", "STSv1")]:
        return "version"
    first = next(iter(_tag_values(text, "id")), "")
    return "" if _ID.match(first) else "id"


def is_mta_sts_record(text: str) -> bool:
    """Whether a TXT value counts as an MTA-STS record (RFC 8461, 3.1), valid or not."""
    return re.match(r"v=STSv1\s*(;|\Z)", text) is not None


@dataclass(frozen=True, slots=True)
class MtaStsPolicy:
    """An MTA-STS policy (RFC 8461, 3.2). `mode` is one of MODES, `max_age` in seconds, `mx` host
    patterns in lower case. `problem` is the first fault: "" or version, line, mode, max_age, mx.
    """

    mode: str = ""
    max_age: int = 0
    mx: tuple[str, ...] = ()
    problem: str = ""

    def covers(self, host: str) -> bool:
        """Whether a pattern matches the host; a wildcard is exactly one label (RFC 8461, 4.1)."""
        name = host.lower().rstrip(".")
        parent = name.partition(".")[2]
        return any(p == name or (p[:2] == "*." and p[2:] == parent) for p in self.mx)


def parse_mta_sts_policy(text: str) -> MtaStsPolicy:
    """Parse the body of a policy file; the first of repeated keys counts (RFC 8461, 3.2).

    Never raises: a policy that senders cannot use has its `problem` set.
    """
    fields: dict[str, str] = {}
    hosts: list[str] = []
    lines = [line.removesuffix("\r") for line in text.split("\n")[:MAX_LINES]]
    for line in lines:
        key, sign, value = (part.strip() for part in line.partition(":"))
        if key == "mx":
            hosts.append(value.lower())
        elif sign:
            fields.setdefault(key, value)
    age = fields.get("max_age", "")
    seconds = int(age) if age.isascii() and age.isdigit() and len(age) <= 10 else -1
    mode = fields.get("mode", "")
    policy = MtaStsPolicy(mode, max(seconds, 0), tuple(dict.fromkeys(hosts)))
    problem = _policy_problem(fields, policy, seconds)
    if problem != "version" and not all(_FIELD.match(line) for line in lines if line):
        problem = "line"
    return replace(policy, problem=problem)


def _policy_problem(fields: dict[str, str], policy: MtaStsPolicy, seconds: int) -> str:
    if fields.get("version") != "STSv1":
        return "version"
    if policy.mode not in MODES:
        return "mode"
    if not 0 <= seconds <= MAX_AGE:
        return "max_age"
    mx_unusable = not policy.mx or not all(_MX.match(m) for m in policy.mx)
    return "mx" if mx_unusable and policy.mode != "none" else ""


def tls_rpt_record_problem(text: str) -> str:
    """The first fault of a TLS-RPT TXT record (RFC 8460, 3): "", "version" or "rua"."""
    if parse_tags(text)[:1] != [("v", "TLSRPTv1")]:
        return "version"
    uris = [u.strip() for u in ",".join(_tag_values(text, "rua")).split(",")]
    return "" if all(_RUA.match(u) for u in uris) else "rua"


def parse_bimi_record(text: str) -> dict[str, str]:
    """The tags of a BIMI record by name; {} when the text does not begin with v=BIMI1."""
    pairs = parse_tags(text)
    return dict(pairs) if pairs and pairs[0] == ("v", "BIMI1") else {}


@dataclass(frozen=True, slots=True)
class TlsaRecord:
    """A TLSA record (RFC 6698): certificate usage, selector, matching type, and data in hex.

    `problem`: "" or form (unreadable), usage (PKIX, not for mail), selector, matching, length.
    """

    usage: int = -1
    selector: int = -1
    matching: int = -1
    data: str = ""
    problem: str = "form"


def parse_tlsa(value: str) -> TlsaRecord:
    """Parse TLSA rdata in presentation form as a mail sender does (RFC 7672, 3.1); never raises."""
    fields = value.split()
    numbers = fields[:3]
    data = "".join(fields[3:]).lower()
    has_numbers = len(numbers) == 3 and all(
        n.isascii() and n.isdigit() and len(n) < 4 for n in numbers
    )
    if not has_numbers or not re.fullmatch(r"(?:[0-9a-f]{2})+", data):
        return TlsaRecord()
    usage, selector, matching = map(int, numbers)
    problem = ""
    if usage not in (2, 3):
        problem = "usage"  # PKIX usages have no meaning between mail servers
    elif selector not in (0, 1):
        problem = "selector"
    elif matching not in (0, 1, 2):
        problem = "matching"
    elif matching in DIGEST_OCTETS and len(data) != 2 * DIGEST_OCTETS[matching]:
        problem = "length"
    return TlsaRecord(usage, selector, matching, data, problem)
