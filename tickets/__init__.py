"""Asking a person: drafts, routing, hours, delivery to a desk, invites.

Of diagnostics it knows only model, report and the callable that starts a run.
"""
