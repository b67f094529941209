"""What is kept of an API token: its name, role, use and revocation, never the token itself. Pure values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ApiTokenRole(StrEnum):
    """What a program may do. Each role may do what those before it may."""

    READ = "read"  # components, incidents, planned work, observations
    WRITE = "write"  # tell the public
    OPERATOR = "operator"  # subscribers, the audit log, the portal's own state


_RANK = tuple(ApiTokenRole)


@dataclass(frozen=True, slots=True)
class ApiToken:
    """One token."""

    id: str
    name: str
    role: ApiTokenRole
    created_at: datetime
    created_by: str
    used_at: datetime | None = None
    revoked_at: datetime | None = None

    @property
    def actor(self) -> str:
        """How the audit log calls whoever uses it."""
        return f"token:{self.id}"

    def may(self, role: ApiTokenRole) -> bool:
        """Whether it reaches as far as a role."""
        return self.revoked_at is None and _RANK.index(self.role) >= _RANK.index(role)
