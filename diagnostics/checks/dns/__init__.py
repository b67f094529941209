"""Checks of name servers, addresses, aliases and what was set where."""
