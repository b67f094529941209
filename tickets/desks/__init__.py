"""Desk adapters, one file each, listed in DESKS."""
