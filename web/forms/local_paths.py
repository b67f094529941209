"""Where a request may lead on to after signing in (`next`): a path of this site, nothing else. Pure."""

from __future__ import annotations

from urllib.parse import urlsplit


def safe_next(target: str) -> str:
    """A path on this very site to go on to, or "" for anything else."""
    plain = target.isprintable() and "\\" not in target and len(target) <= 2000
    if not plain or not target.startswith("/") or target.startswith("//"):
        return ""
    try:
        parts = urlsplit(target)
    except ValueError:
        return ""
    if parts.scheme or parts.netloc or parts.path.startswith(("//", "/sign-")):
        return ""
    return target
