"""The documentation names every probe kind with every key it takes."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec

from status.probes import KINDS, dns, http, tcp

TEXT = (Path(__file__).resolve().parents[2] / "docs/status.md").read_text("utf-8")


def test_every_kind_and_key_is_documented():
    settings = {"http": http.Settings, "dns": dns.Settings, "tcp": tcp.Settings}
    assert set(settings) == {kind.name for kind in KINDS}
    for name, type_ in settings.items():
        row = re.search(rf"^\| `{name}` .*$", TEXT, re.MULTILINE)[0]
        for field in msgspec.structs.fields(type_):
            assert f"`{field.name}`" in row
