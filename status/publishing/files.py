"""Atomic writing of files, and permissions of those that a web server of another user reads.

What is public is readable by all whatever the umask of the process; everything else keeps to it.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

READABLE = 0o644  # a public file
LISTED = 0o755  # a folder of public files
PASSED = 0o011  # added to a folder that only leads to one


def replace_file(
    path: Path | str,
    content: bytes,
    *,
    sync: bool = True,
    public: bool = False,
    modified: int | None = None,
) -> None:
    """Put a file in place whole or not at all; `modified` is the time it shall bear, in seconds.
    Raises OSError and leaves the old one."""
    folder, slash, name = str(path).rpartition("/")
    fresh = f"{folder}{slash}.{name}.{os.getpid()}"
    try:
        with open(fresh, "wb") as out:  # noqa: PTH123 - by thousands: a Path would take as long
            out.write(content)
            if public:
                os.fchmod(out.fileno(), READABLE)
            if sync:
                out.flush()
                os.fsync(out.fileno())
        if modified is not None:
            os.utime(fresh, (modified, modified))
        os.replace(fresh, path)  # noqa: PTH105 - as above
    except OSError:
        Path(fresh).unlink(missing_ok=True)
        raise


def public_folder(folder: Path, root: Path) -> None:
    """Make a folder at or below `root` that others may read. Raises OSError."""
    if folder != root:
        public_folder(folder.parent, root)
    folder.mkdir(parents=True, exist_ok=True)
    _allow(folder, LISTED)


def allow_traversal(folder: Path) -> None:
    """Let others pass through a folder, without seeing what is in it. Raises OSError."""
    _allow(folder, PASSED)


def unchanged_since(
    path: Path | str, content: bytes, remembered: tuple[bytes, int] | None = None
) -> int | None:
    """When a file was changed, in seconds, that holds this already for all to read; None when it
    must be written. What it holds is read unless it is `remembered` with the time that it bore: a
    file of another time was put there by somebody else."""
    try:
        stat = Path(path).stat()
        if stat.st_size != len(content) or stat.st_mode & READABLE != READABLE:
            return None
        if remembered is None:
            same = content == Path(path).read_bytes()
        else:
            same = (content, stat.st_mtime_ns) == (remembered[0], remembered[1] * 10**9)
    except OSError:
        return None
    return int(stat.st_mtime) if same else None


def _allow(folder: Path, bits: int) -> None:
    mode = folder.stat().st_mode & 0o7777
    if mode & bits != bits:
        with suppress(PermissionError):  # somebody else's folder is theirs to open
            folder.chmod(mode | bits)
