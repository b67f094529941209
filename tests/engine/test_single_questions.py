"""`judge`, `registration` and `spf` from the terminal, over the lab's sockets."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator

import pytest

import lab
from clock import SystemClock
from diagnostics.collectors.model import Sources
from lab.demo import WORLD
from observe.network import Network
from wizard.cli import diagnose, judge_file, registration
from wizard.runs.handler import Evaluator
from wizard.spf.cli import spf

JUDGING = Evaluator(SystemClock())


@pytest.fixture(scope="module")
def network() -> Iterator[Network]:
    with lab.running(WORLD) as running:
        yield Network.from_table(running.network)


def status_and_document(call, *args, **options) -> tuple[int, dict]:
    out, err = io.StringIO(), io.StringIO()
    status = call(*args, as_json=True, out=out, err=err, **options)
    return status, json.loads(out.getvalue())


def test_saved_evidence_is_judged_the_same_offline(network: Network) -> None:
    status, first = status_and_document(diagnose, "gallery.example", Sources(network), JUDGING)
    again, second = status_and_document(judge_file, json.dumps(first).encode(), JUDGING)
    assert (again, second) == (status, first)
    assert first["headline"]["id"] == "web.site.storage_full"


@pytest.mark.parametrize(
    "raw", [b"", b"{}", b"[]", b"\xff\xfe", b'{"schema": 1, "evidence": 5}', b"[" * 100_000]
)
def test_what_is_no_saved_diagnosis_is_refused_plainly(raw: bytes) -> None:
    err = io.StringIO()
    assert judge_file(raw, JUDGING, out=io.StringIO(), err=err) == 2
    assert err.getvalue().startswith("this is not a saved diagnosis: ")
    assert err.getvalue().count("\n") == 1


def test_a_registered_domain_tells_what_comes_next(network: Network) -> None:
    status, document = status_and_document(registration, "winery-lab.sk", network)
    assert (status, document["state"], document["source"]) == (0, "registered", "whois")
    assert document["expires"] is not None
    assert [step["on"] for step in document["next"]] == sorted(
        step["on"] for step in document["next"]
    )
    assert document["next"]


def test_a_free_domain_is_available(network: Network) -> None:
    status, document = status_and_document(registration, "nobody-has-this-lab.cz", network)
    assert (status, document["state"], document["expires"], document["next"]) == (
        0,
        "available",
        None,
        [],
    )


def test_no_domain_is_refused() -> None:
    err = io.StringIO()
    assert registration("not a domain", Network(), out=io.StringIO(), err=err) == 2
    assert err.getvalue()


def test_spf_asks_real_servers(network: Network) -> None:
    status, document = status_and_document(
        spf, "31.53.99.99", "mara@nobody-has-this-lab.cz", "mail.example", network
    )
    assert (status, document["result"]) == (1, "none")
    err = io.StringIO()
    assert spf("not an address", "a@b.example", "c", network, out=io.StringIO(), err=err) == 2
    assert "not an address" in err.getvalue()
