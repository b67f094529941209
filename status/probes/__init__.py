"""Probe kinds: one file each, observing with sockets and judging without. Registered in KINDS."""
