"""Probing: probe kinds, own connectivity, heartbeats, remote vantages."""
