"""What a registry can say of a name. Pure values."""

from __future__ import annotations

from enum import StrEnum


class RegistryState(StrEnum):
    """What the registry says of a name."""

    REGISTERED = "registered"
    AVAILABLE = "available"
    RESERVED = "reserved"
    THROTTLED = "throttled"
    UNKNOWN = "unknown"
