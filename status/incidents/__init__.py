"""Incidents, maintenance, overrides and announcements, by operators and by probes."""
