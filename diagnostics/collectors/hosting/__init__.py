"""Collectors that ask the provider's own systems: panel, mailbox, incidents."""
