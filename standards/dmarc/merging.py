"""One DMARC record out of two (RFC 9989 knows one a name). Pure."""

from __future__ import annotations

from standards.dmarc.record import POLICIES, parse


def merged(present: str, wanted: str) -> str:
    """The present record with the stricter policy of both and the reports of both; the present text
    itself when that changes nothing, the wanted one when the present cannot be read without fault.
    """
    was, new = parse(present), parse(wanted)
    if was is None or new is None or was.faults:
        return wanted
    tags = dict(_pairs(present))
    own, other = was.p or "none", new.p or "none"
    changed: dict[str, str] = {}
    if POLICIES.index(other) > POLICIES.index(own):
        changed["p"] = other
    for kind, now, then in (("rua", was.rua, new.rua), ("ruf", was.ruf, new.ruf)):
        known = {uri.lower() for uri in now}
        if more := [uri for uri in then if uri.lower() not in known]:
            changed[kind] = ",".join(filter(None, (tags.get(kind, ""), *more)))
    if not changed:
        return present
    version = {"v": tags.pop("v"), "p": changed.get("p", own)}
    return "; ".join(f"{tag}={value}" for tag, value in {**version, **tags, **changed}.items())


def _pairs(text: str) -> list[tuple[str, str]]:
    pieces = (piece.partition("=") for piece in text.split(";"))
    return [(tag.strip().lower(), value.strip()) for tag, sign, value in pieces if sign]
