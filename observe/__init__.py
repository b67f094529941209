"""The only door to foreign networks: guarded addresses, deadlines, budgets and size limits.

Yields facts; has no opinion. Nothing here raises for what the network does.
"""
