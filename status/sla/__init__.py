"""Uptime reports (SLA) of months, quarters and years: frozen months, the report, its formats."""
