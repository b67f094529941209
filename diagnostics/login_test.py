"""The words of a mailbox test."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

SYMPTOM = "mailbox_sign_in"
LIFE = timedelta(minutes=1)  # of a password that nobody has claimed
FRESH = timedelta(seconds=30)  # an engine that has not been heard of for longer is not trusted


@dataclass(frozen=True, slots=True)
class LoginTest:
    """What a customer asked to have tried, held in the engine's memory for one run.

    `visitor` is their internet address. `password` is "" when they gave none. `gone`: they gave
    one, and it cannot be used any more.
    """

    visitor: str = ""
    password: str = field(default="", repr=False)
    gone: bool = False
