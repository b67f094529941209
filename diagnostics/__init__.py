"""What is wrong: evidence, collectors (sockets, no opinion), checks (opinion, no sockets), symptoms.

Knows no database, page or person, and must not know status: an open incident reaches it as
evidence through a callable from wiring.
"""
