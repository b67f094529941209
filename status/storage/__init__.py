"""Rows of observations, days, transitions, incidents and maintenance."""
