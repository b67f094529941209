"""Checks of the domain's registration and its end."""
