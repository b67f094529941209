"""The secret that signs forms and links: configured, or a file in the data folder.

The file is whole or not there: it gets its name only once its bytes are on the disk, so neither a
racing process nor a crash nor a full disk leaves one that is empty or cut.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from settings.mistakes import SettingsError
from settings.reading import LoadedSettings

SHORTEST = 32  # bytes; what is made has 64 hexadecimal digits


def secret_key(loaded: LoadedSettings) -> bytes:
    """The secret; made in var/ with mode 0600 when the settings have none. Processes that ask at
    the same moment get the same one. Raises SettingsError, also on one that is too short."""
    if loaded.settings.secret_key:
        return _configured(loaded)
    path = loaded.var / "secret_key"
    try:
        if not path.exists():
            _write(path, secrets.token_hex(32), _name_unless_there)
    except OSError as error:
        raise SettingsError(f"the secret key {path} cannot be made: {error}") from error
    return _stored(path)


def check_secret_key(loaded: LoadedSettings) -> None:
    """Refuse what `secret_key` would refuse, but make nothing. Raises SettingsError."""
    if loaded.settings.secret_key:
        _configured(loaded)
        return
    path, var = loaded.var / "secret_key", loaded.var.absolute()
    try:
        if path.exists():
            _stored(path)
            return
        folder = next(ancestor for ancestor in (var, *var.parents) if ancestor.exists())
    except OSError as error:
        raise SettingsError(f"the secret key {path} cannot be read: {error}") from error
    if not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        raise SettingsError(f"the secret key {path} cannot be made: {folder} cannot be written")


def restore_secret_key(loaded: LoadedSettings, key: str) -> bool:
    """Put the key of a backup into the data folder; False when it is too short to sign anything.
    Raises OSError."""
    if len(key) < SHORTEST:
        return False
    _write(loaded.var / "secret_key", key, os.replace)
    return True


def _configured(loaded: LoadedSettings) -> bytes:
    key, where = loaded.settings.secret_key, loaded.place.of(("secret_key",))
    if not key.strip():
        raise SettingsError(
            f'{where}"secret_key" is blank: set a long random text, or leave it out'
        )
    if (length := len(key.strip().encode())) < SHORTEST:
        raise SettingsError(
            f'{where}"secret_key" has {length} bytes, fewer than {SHORTEST}: anybody could sign links with '
            "it. Set a long random text (openssl rand -hex 32), or leave it out and one is made; "
            "links in letters sent so far then no longer work"
        )
    return key.encode()


def _stored(path: Path) -> bytes:
    try:
        key = path.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"the secret key {path} cannot be read: {error}") from error
    if len(key) < SHORTEST:
        raise SettingsError(
            f"the secret key {path} has {len(key)} bytes, fewer than {SHORTEST}: anybody could sign "
            "links with it. Put back the one of a backup, or remove the file and a new one is made; "
            "links in letters sent so far then no longer work"
        )
    return key.encode()


def _name_unless_there(part: Path, path: Path) -> None:
    try:
        os.link(part, path)
    except FileExistsError:
        return
    except OSError:  # folders without hard links: FAT, some shares and containers
        _rename_unless_there(part, path)


def _rename_unless_there(part: Path, path: Path) -> None:
    """The same in turns, which a lock gives where the folder knows locks."""
    with path.with_name(f".{path.name}.lock").open("w") as turn:
        with suppress(OSError):
            fcntl.flock(turn, fcntl.LOCK_EX)
        if not path.exists():
            part.replace(path)


def _write(path: Path, key: str, put: Callable[[Path, Path], None]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with _part(path) as (fd, part):
        with os.fdopen(fd, "w") as file:
            file.write(key)
            file.flush()
            os.fsync(file.fileno())
        put(part, path)
    _sync_folder(path.parent)


def _sync_folder(path: Path) -> None:
    folder = os.open(path, os.O_RDONLY)
    try:
        with suppress(OSError):  # shares that cannot: the file is there, and whole
            os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def _part(path: Path) -> Iterator[tuple[int, Path]]:
    fd, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # mode 0600
    try:
        yield fd, Path(name)
    finally:
        Path(name).unlink(missing_ok=True)
