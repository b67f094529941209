"""What registries publish of a domain: WHOIS, RDAP, EPP states, dates and life cycles, as values."""
