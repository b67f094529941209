"""Time series of observations: raw rows for days, roll-ups for years, retention of both."""
