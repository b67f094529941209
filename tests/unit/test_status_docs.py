"""The documentation names every probe kind with every key it takes."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from status.probing.certificate_limits import CertificateLimits
from status.probing.kinds import KINDS

TEXT = (Path(__file__).resolve().parents[2] / "docs/probes.md").read_text("utf-8")


def chapter(name: str) -> str:
    """What the page says of a kind: its own section, or its row."""
    section = re.search(rf"^## {name}\n(.*?)^## ", TEXT, re.MULTILINE | re.DOTALL)
    row = re.search(rf"^\| [^|]*`{name}`[^|]* \|.*$", TEXT, re.MULTILINE)
    title = section[1] if section else row[0]
    return title + (re.search(r"^## Certificates(.*?)^## ", TEXT, re.MULTILINE | re.DOTALL)[1])


def test_every_kind_and_key_is_documented():
    for kind in KINDS:
        section = chapter(kind.name)
        missing = [
            field.name
            for field in msgspec.structs.fields(kind.settings)
            if f"`{field.name}`" not in section
        ]
        assert not missing, (kind.name, missing)
        if issubclass(kind.settings, CertificateLimits):
            assert kind.name in re.search(r"^## Certificates \((.*)\)$", TEXT, re.MULTILINE)[1]
