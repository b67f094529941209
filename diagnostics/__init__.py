"""Diagnosis: evidence, collectors (network access, no opinion), checks (opinion, no network), symptoms.

Knows no database, page or person, and must not know status: an open incident reaches it as
evidence through a callable from wiring.
"""
