"""Uptime Kuma: its monitors from a backup or its database, and the history of the database."""
