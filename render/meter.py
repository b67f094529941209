"""The meter beside a form: how much of what is needed has been filled in. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class CompletenessMeter(Generic[T]):
    """Of `needed` questions, `missing` are still open, in the order of the form."""

    needed: int
    missing: tuple[T, ...]

    @property
    def have(self) -> int:
        """How many are answered."""
        return self.needed - len(self.missing)

    @property
    def level(self) -> str:
        """For the eye: ok, warn or fail."""
        if not self.missing:
            return "ok"
        return "warn" if self.have * 2 >= self.needed else "fail"
