"""Configurations of other status pages, read into ours; what could not be brought is told. Pure."""
