"""Registries: which server knows a name, and one question to it over RDAP or WHOIS."""
