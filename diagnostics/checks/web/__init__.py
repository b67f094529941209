"""Checks of what visitors meet: redirects, answers, pages."""
