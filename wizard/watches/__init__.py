"""Watches: rechecks with growing pauses until the problem is gone, and an e-mail when it is."""
