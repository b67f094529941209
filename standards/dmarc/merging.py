"""Merging of two DMARC records into one, as a name may hold only one (RFC 9989, 4.10)."""

from __future__ import annotations

from standards.dmarc.record import POLICIES, parse_dmarc


def merge_records(present: str, required: str) -> str:
    """One record with the stricter policy of both and the report addresses of both.

    `present` itself when nothing changes; `required` when either is no valid DMARC record or
    `present` has faults.
    """
    present_record, required_record = parse_dmarc(present), parse_dmarc(required)
    if present_record is None or required_record is None or present_record.faults:
        return required
    tags = dict(_tag_pairs(present))
    present_policy, required_policy = present_record.p or "none", required_record.p or "none"
    changed: dict[str, str] = {}
    if POLICIES.index(required_policy) > POLICIES.index(present_policy):
        changed["p"] = required_policy
    for report_tag, present_list, wanted_list in (
        ("rua", present_record.rua, required_record.rua),
        ("ruf", present_record.ruf, required_record.ruf),
    ):
        present_uris = {uri.lower() for uri in present_list}
        if added := [uri for uri in wanted_list if uri.lower() not in present_uris]:
            changed[report_tag] = ",".join(filter(None, (tags.get(report_tag, ""), *added)))
    if not changed:
        return present
    version = {"v": tags.pop("v"), "p": changed.get("p", present_policy)}
    return "; ".join(f"{tag}={value}" for tag, value in {**version, **tags, **changed}.items())


def _tag_pairs(text: str) -> list[tuple[str, str]]:
    pieces = (piece.partition("=") for piece in text.split(";"))
    return [(tag.strip().lower(), value.strip()) for tag, sign, value in pieces if sign]
