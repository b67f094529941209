"""Checks of who may send in the domain's name: SPF, DKIM, DMARC, MTA-STS, BIMI."""
