"""The login test of a mailbox as the engine holds it: visitor, password, and how long it lives."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

SYMPTOM_ID = "mailbox_sign_in"
PASSWORD_LIFETIME = timedelta(minutes=1)  # of a password that nobody has claimed
ENGINE_TIMEOUT = timedelta(
    seconds=30
)  # an engine that has not been heard of for longer is not trusted


@dataclass(frozen=True, slots=True)
class LoginTest:
    """What a customer asked to have tried, held in the engine's memory for one run.

    `visitor` is their internet address. `password` is "" when they gave none. `expired`: they gave
    one, and it cannot be used any more.
    """

    visitor: str = ""
    password: str = field(default="", repr=False)
    expired: bool = False
