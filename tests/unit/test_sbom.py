"""The bill of materials names what the locks install, no more and no less, and is valid."""

from __future__ import annotations

import json
import shutil

import pytest

from deploy.lock import ROOT
from deploy.lock_check import pins
from deploy.sbom import document


@pytest.fixture(scope="module")
def bill():
    return json.loads(document(ROOT))


def locked(name):
    return {
        f"pkg:pypi/{package}@{version}"
        for package, versions in pins((ROOT / name).read_text("utf-8")).items()
        for version in versions
    }


def test_it_names_every_package_that_is_installed(bill):
    purls = {c["purl"]: c["scope"] for c in bill["components"]}
    required = {purl for purl, scope in purls.items() if scope == "required"}
    assert required == locked("requirements.lock")
    assert set(purls) == required | locked("requirements-apprise.lock")
    assert all(c["hashes"] for c in bill["components"])
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")


def test_it_tells_who_needs_whom(bill):
    versions = {c["name"]: c["bom-ref"] for c in bill["components"]}
    needs = {d["ref"]: set(d.get("dependsOn", ())) for d in bill["dependencies"]}
    assert versions["werkzeug"] in needs[versions["flask"]]
    assert versions["werkzeug"] not in needs["jasno"]
    assert {versions["flask"], versions["urllib3"], versions["apprise"]} <= needs["jasno"]
    assert set(needs) == {"jasno", *versions.values()}, "one is needed by nobody"
    reached, edge = set(), {"jasno"}
    while edge:
        reached |= edge
        edge = {n for ref in edge for n in needs[ref]} - reached
    assert reached == set(needs)


def test_it_states_licences(bill):
    licences = {c["name"]: c.get("licenses") for c in bill["components"]}
    assert licences["apscheduler"] == [{"license": {"id": "MIT"}}]
    assert licences["cryptography"] == [{"expression": "Apache-2.0 OR BSD-3-Clause"}]


def test_the_same_locks_make_the_same_bytes_and_others_do_not(tmp_path):
    assert document(ROOT) == document(ROOT)
    for name in ("requirements.lock", "requirements-apprise.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path / name)
    path = tmp_path / "requirements.lock"
    path.write_text(path.read_text("utf-8").replace("nh3==", "nh3==9."), "utf-8")
    changed = json.loads(document(tmp_path))
    assert changed["serialNumber"] != json.loads(document(ROOT))["serialNumber"]
