"""What is wrong: subjects, collectors (sockets, no opinion), checks (opinion, no sockets), reports.

Must not know status; an open incident reaches it as evidence through a callable from wiring.
"""
