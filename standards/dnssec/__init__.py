"""DNSSEC validation (RFC 4033 to 4035, 5155, 6840): signatures, keys, denial of existence."""
