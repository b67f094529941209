"""Collectors that ask web servers."""
