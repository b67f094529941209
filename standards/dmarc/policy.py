"""The policy a DMARC record asks for: of the domain itself, its subdomains, and names not in DNS."""

from __future__ import annotations

from standards.dmarc.record import DmarcRecord


def requested_policy(record: DmarcRecord, *, below: bool, exists: bool = True) -> str:
    """The policy for failing mail: none, quarantine or reject (RFC 9989, 4.7).

    `below`: the author's domain is a subdomain of the record's; `exists`: it is in DNS.
    """
    if any(f.tag in ("p", "sp", "np") for f in record.faults):
        return "none"
    policy = record.p or "none"
    if not below:
        return policy
    return (record.sp or policy) if exists else (record.np or record.sp or policy)
