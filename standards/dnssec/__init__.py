"""DNSSEC (RFC 4033 to 4035, 5155, 6840): signatures, keys and proofs of absence, without a socket."""
