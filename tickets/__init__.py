"""Tickets: forms and drafts, departments and their hours, letters, agents' check links, delivery to a desk.

Of diagnostics it knows only model, report and the callable that starts a run.
"""
