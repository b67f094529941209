"""Logging: redaction of tokens, deduplication of repeated messages."""
