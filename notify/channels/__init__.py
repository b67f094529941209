"""Ways to reach people, one file each; which one is used, settings say and `room.py` picks.

`outbox` writes letters into a folder and is the default; `smtp` hands them to a mail server.
"""

CHANNELS: tuple[str, ...] = ("outbox", "smtp")
