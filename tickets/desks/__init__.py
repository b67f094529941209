"""Support desks, one file each; which one is used, settings say and `room.py` picks.

`local` (our own rows, read at /desk) is the default; `quiet` only remembers.
"""

DESKS: tuple[str, ...] = ("local", "quiet")
