"""Collectors that ask registries."""
