"""RDAP and WHOIS clients, and the refresh of IANA's bootstrap registry."""
