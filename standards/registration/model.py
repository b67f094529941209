"""The states a registry reports for a domain name."""

from __future__ import annotations

from enum import StrEnum


class RegistryState(StrEnum):
    """The registry's state of a domain name. Values are stored and published."""

    REGISTERED = "registered"
    AVAILABLE = "available"
    RESERVED = "reserved"
    THROTTLED = "throttled"
    UNKNOWN = "unknown"
