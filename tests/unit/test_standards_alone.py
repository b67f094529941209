"""standards/ is a library of its own: it loads no other room and only its declared third parties."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
THIRD_PARTIES = {"cryptography", "dns", "idna", "publicsuffixlist"}
# Imports every module in a new interpreter, then names the files that were loaded.
PROGRAM = """
import pkgutil, sys
before = set(sys.modules)
import standards
names = [m.name for m in pkgutil.walk_packages(standards.__path__, "standards.")]
for name in names:
    __import__(name)
print(len(names))
for name, module in sorted(sys.modules.items()):
    if name not in before and getattr(module, "__file__", None):
        print(name, module.__file__, sep="\\t")
"""


def loaded() -> tuple[int, dict[str, Path]]:
    """How many modules standards/ has, and the file of every module that importing them loads."""
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=ROOT, capture_output=True, text=True, check=True
    )
    count, *lines = ran.stdout.splitlines()
    pairs = (line.split("\t") for line in lines)
    return int(count), {name: Path(file) for name, file in pairs}


def test_standards_load_no_other_room_and_only_their_third_parties() -> None:
    count, modules = loaded()
    written = [p for p in (ROOT / "standards").rglob("*.py") if p.name != "__init__.py"]
    packages = list((ROOT / "standards").rglob("__init__.py"))
    assert count == len(written) + len(packages) - 1
    rooms = {p.stem for p in ROOT.glob("*.py")} | {p.parent.name for p in ROOT.glob("*/*.py")}
    ours = {name.partition(".")[0] for name in modules} & rooms
    assert ours == {"standards"}


def test_what_standards_import_is_declared() -> None:
    _, modules = loaded()
    installed = {
        name.partition(".")[0] for name, file in modules.items() if "site-packages" in file.parts
    }
    direct = {name for name in installed if not name.startswith("_")}
    # cffi and the like are what the declared ones load themselves
    assert direct - {"cffi", "typing_extensions"} == THIRD_PARTIES
