"""The bill of materials of what Jasno installs, from the locks: `make sbom` (CycloneDX, JSON).

Owns which components are told and how they depend on each other. The form is the library's, which
also judges it. Same locks, same bytes. Licences are those that the installed packages state.
"""

from __future__ import annotations

import importlib.metadata
import re
import sys
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from uuid import NAMESPACE_OID, uuid5

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.model.license import License
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

from deploy.lock import ROOT, digest
from deploy.lock_check import PIN

FORM = SchemaVersion.V1_6
# What is installed by default, and the extra that only some installations have.
SHIPPED = (
    ("requirements.lock", ComponentScope.REQUIRED),
    ("requirements-apprise.lock", ComponentScope.OPTIONAL),
)
OURS = "jasno"
# Who asks for a pin: one name, or one a line. A file that asks stands for us.
ASKERS = re.compile(r"^    # +(?:via +)?(?P<asker>-r \S+|[a-z0-9][a-z0-9.-]*)$", re.MULTILINE)


def document(root: Path) -> str:
    """The bill as JSON. Raises ValueError when the library finds it not to be CycloneDX."""
    texts = [(root / name).read_text("utf-8") for name, _ in SHIPPED]
    bom = Bom(serial_number=uuid5(NAMESPACE_OID, digest("".join(texts))))
    version = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["project"]["version"]
    ours = Component(name=OURS, version=version, type=ComponentType.APPLICATION, bom_ref=OURS)
    ours.licenses.add(LicenseFactory().make_from_string("MIT"))
    bom.metadata.component = ours
    bom.metadata.timestamp = None  # type: ignore[assignment]  # reason: optional in the form; the locks decide every byte
    components = {OURS: ours}
    for text, (_, scope) in zip(texts, SHIPPED, strict=True):
        for pin in PIN.finditer(text):
            components.setdefault(pin["name"], _component(pin, scope))
    bom.components.update(part for name, part in components.items() if name != OURS)
    for name, askers in _askers_by_package("".join(texts)).items():
        for asker in askers & set(components):
            bom.register_dependency(components[asker], [components[name]])
    serialized = make_outputter(bom, OutputFormat.JSON, FORM).output_as_string(indent=1)
    if JsonStrictValidator(FORM).validate_str(serialized):
        raise ValueError("the bill is not valid CycloneDX")
    return serialized


def _component(pin: re.Match[str], scope: ComponentScope) -> Component:
    """A package with the hashes of all its files: source and one for each platform."""
    hashes = re.findall(r"sha256:([0-9a-f]{64})", pin["hashes"])
    return Component(
        name=pin["name"],
        version=pin["version"],
        scope=scope,
        bom_ref=f"{pin['name']}@{pin['version']}",
        purl=PackageURL("pypi", name=pin["name"], version=pin["version"]),
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=content) for content in hashes],
        licenses=_licences(pin["name"]),
    )


def _licences(name: str) -> Iterable[License]:
    """What the installed package states of itself; nothing when it is not for this platform."""
    try:
        package_metadata = importlib.metadata.metadata(name)
    except importlib.metadata.PackageNotFoundError:
        return []
    stated = (
        package_metadata.get_all("License-Expression")
        or package_metadata.get_all("License")
        or [""]
    )[0]
    if not stated or "\n" in stated:  # some put the whole text there
        rows = [
            c for c in package_metadata.get_all("Classifier") or [] if c.startswith("License :: ")
        ]
        stated = rows[0].rpartition(" :: ")[2] if rows else ""
    return [LicenseFactory().make_from_string(stated)] if stated else []


def _askers_by_package(text: str) -> Mapping[str, set[str]]:
    """Who asks for each package, by its name."""
    extras_by_package: dict[str, set[str]] = {}
    pins = list(PIN.finditer(text))
    ends = [pin.start() for pin in pins[1:]] + [len(text)]
    for pin, end in zip(pins, ends, strict=True):
        askers = {m["asker"] for m in ASKERS.finditer(text, pin.end(), end)}
        named = {OURS if asker.startswith("-r ") else asker for asker in askers}
        extras_by_package.setdefault(pin["name"], set()).update(named)
    return extras_by_package


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(document(ROOT) + "\n", "utf-8")
