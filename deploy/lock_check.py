"""Whether the locks fit the requirements, without a network: `make check`.

Says in one line each what does not fit and how it is mended. Must not resolve or install anything.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from deploy.lock import LOCKS, ROOT, Lock, digest, header, parts, sources

MEND = "run `make lock`"
# A pin of a lock: name, version, marker; its hashes follow on lines of their own.
PIN = re.compile(
    r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^ ;\\]+)"
    r"(?: *; (?P<marker>[^\\\n]*?))? *\\\n(?P<hashes>(?:    --hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)",
    re.MULTILINE,
)
FOREIGN = re.compile(r"^ *--(?!hash=)|://| @ |file:", re.MULTILINE)

Pins = Mapping[str, frozenset[Version]]


def pins(text: str) -> Pins:
    """What a lock names: versions by name; several when platforms differ."""
    versions: dict[str, frozenset[Version]] = {}
    for pin in PIN.finditer(text):
        name = canonicalize_name(pin["name"])
        versions[name] = versions.get(name, frozenset()) | {Version(pin["version"])}
    return versions


def required(root: Path, name: str) -> Iterator[tuple[str, Requirement]]:
    """Every requirement of a file and of those it includes, with the file it stands in."""
    for source in sources(root, name):
        for line in (root / source).read_text("utf-8").splitlines():
            requirement = line.partition("#")[0].strip()
            if requirement and not requirement.startswith("-r "):
                yield source, Requirement(requirement)


def troubles(root: Path) -> list[str]:
    """All that does not fit, in the order of the locks. Empty when everything does."""
    problems: list[str] = []
    for lock in LOCKS:
        if not (root / lock.name).is_file():
            problems.append(f"{lock.name} is missing: {MEND}")
            continue
        text = (root / lock.name).read_text("utf-8")
        problems += _header(root, lock, text)
        problems += _fits(root, lock, pins(text))
        problems += _shared(root, lock, pins(text))
        if FOREIGN.search(parts(text)[1]):
            problems.append(f"{lock.name} holds an address or an option of an installer: {MEND}")
    return problems


def _header(root: Path, lock: Lock, text: str) -> Iterator[str]:
    head, body = parts(text)
    if f"# body sha256:{digest(body)}" not in head.splitlines():
        yield f"{lock.name} was edited by hand: {MEND}"
    for line in header(root, lock, body).splitlines():
        if line.startswith("# from ") and line not in head.splitlines():
            yield f"{line.split()[2]} has changed since {lock.name} was made: {MEND}"


def _fits(root: Path, lock: Lock, locked: Pins) -> Iterator[str]:
    for source, requirement in required(root, lock.source):
        versions = locked.get(canonicalize_name(requirement.name), frozenset())
        if not any(s.operator in {"<", "<=", "==", "~="} for s in requirement.specifier):
            yield f"{source}: {requirement.name} has no upper bound"
        if not versions:
            yield f"{lock.name} lacks {requirement.name} of {source}: {MEND}"
        elif not any(requirement.specifier.contains(v, prereleases=True) for v in versions):
            seen = ", ".join(sorted(map(str, versions)))
            yield f"{lock.name} has {requirement.name} {seen}, {source} asks {requirement.specifier}: {MEND}"


def _shared(root: Path, lock: Lock, locked: Pins) -> Iterator[str]:
    for other in lock.shares:
        if not (root / other).is_file():
            continue  # told already
        for name, versions in pins((root / other).read_text("utf-8")).items():
            if name in locked and not versions <= locked[name]:
                yield f"{lock.name} and {other} have different versions of {name}: {MEND}"


if __name__ == "__main__":
    if problems := troubles(ROOT):
        sys.exit("\n".join(problems))
