"""Heartbeats pushed by jobs or set by operators. Owns their tokens and last signals.

Whether one is late or down: ../kinds/heartbeat.py.
"""
