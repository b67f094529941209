"""What is up: components, probes, damping, incidents, maintenance, and what is published.

Must not know diagnostics, and must never need the database to show the public page.
"""
