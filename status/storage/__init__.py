"""Observations, days, transitions, and what people told the public, as rows."""
