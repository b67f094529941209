"""Subscribers: rows, links, preferences, and the e-mails about a subscription."""
