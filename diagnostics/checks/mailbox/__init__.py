"""Checks of one mailbox: its state, its quota, and signing in to it."""
