"""Stored answers of registries, kept for a day."""
