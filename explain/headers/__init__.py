"""Pasted headers: verdicts on the sender, and the path a message took. Pure."""
