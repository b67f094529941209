"""DMARC (RFC 9989, 9990): records, the DNS tree walk, alignment, external report destinations."""
