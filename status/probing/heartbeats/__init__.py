"""Heartbeats pushed by jobs or set by operators. Owns their tokens and last signals."""
