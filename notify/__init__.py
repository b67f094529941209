"""Notifications: subscribers, operators' channels, e-mails and webhooks, and their delivery."""
