"""Runs of strangers: how long they are kept, and how much of them."""
