"""IANA's list of registries: believed only when it looks right, fetched weekly, kept on failure."""

import asyncio
import json
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from clock import ManualClock
from observe.network import Network
from observe.registry.bootstrap import BootstrapRefresh, RefreshFailed
from observe.registry_pacing import RegistryPacing
from observe.registry_table import (
    InvalidBootstrap,
    RegistryTable,
    built_in_table,
    decode_table,
    encode_table,
    with_bootstrap,
)
from tests.observe_servers import answer, http, tcp

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)


def network(clock, **table):
    return Network.from_table({"closed": True, "allow": ["127.0.0.0/8"], **table}, clock=clock)


def listed(count=400, **change):
    endings = ["com", "net", "org", *(f"zone{n}" for n in range(count - 3))]
    services = [[[ending], [f"https://rdap.nic.{ending}/"]] for ending in endings]
    document = {"version": "1.0", "publication": "2026-01-14T10:00:00Z", "services": services}
    return json.dumps(document | change).encode()


def test_ianas_list_replaces_the_built_in_one_and_our_own_stays_behind_it():
    table = with_bootstrap(listed(), built_in_table(), NOW)
    assert table.rdap_of("shop.zone7") == "https://rdap.nic.zone7/"
    assert table.rdap_of("shop.de") == built_in_table().extra["de"]
    assert table.published == datetime(2026, 1, 14, 10, tzinfo=UTC)
    assert decode_table(encode_table(table)) == table


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"<html>maintenance</html>", "not JSON"),
        (b"[" * 100_000, "not JSON"),
        (b"[]", "version 1"),
        (listed(version="2.0"), "version 1"),
        (listed(publication="yesterday"), "when it was published"),
        (listed(publication="2027-01-01T00:00:00Z"), "future"),
        (listed(publication="2020-01-01T00:00:00Z"), "older"),
        (listed(20), "20 endings"),
        (listed(services=[["com", "https://x.example/"]]), "two lists"),
        (listed(services=None), "0 endings"),
        (listed(400).replace(b'"org"', b'"orgg"'), ".org"),
        (b" " * 2_000_001, "larger"),
    ],
)
def test_a_list_that_looks_wrong_is_refused_whole(raw, message):
    table = replace(built_in_table(), published=datetime(2025, 6, 1, tzinfo=UTC))
    with pytest.raises(InvalidBootstrap, match=message):
        with_bootstrap(raw, table, NOW)


def test_only_encrypted_addresses_under_a_name_are_taken():
    services = json.loads(listed())["services"]
    services[5][1] = ["http://rdap.nic.zone2/"]
    services[6][1] = ["ftp://x", "http://rdap.nic.zone3/", "https://rdap.nic.zone3/"]
    services[7][1] = ["https://127.0.0.1/"]
    table = with_bootstrap(listed(services=services), RegistryTable(), NOW)
    assert "zone2" not in table.rdap
    assert table.rdap["zone3"] == "https://rdap.nic.zone3/"
    assert "zone4" not in table.rdap


async def test_the_list_is_fetched_weekly_and_kept_on_failure(tmp_path):
    clock = ManualClock(datetime.now(UTC))
    pages = {"body": listed(publication=clock.now().isoformat())}
    requests = []

    def page(path, headers):
        requests.append(path)
        return answer(pages["body"].decode(), content_type="application/json")

    file = tmp_path / "registries.json"
    async with tcp(http(page)) as port:
        url = f"http://127.0.0.1:{port}/rdap/dns.json"
        net = replace(network(clock, rdap_bootstrap=url), registries=RegistryPacing(file))
        refresh = BootstrapRefresh(net, file)
        await asyncio.to_thread(refresh)
        await asyncio.to_thread(refresh)
        assert requests == ["/rdap/dns.json"]
        assert net.registries.table().rdap_of("a.zone9") == "https://rdap.nic.zone9/"
        assert sorted(f.name for f in tmp_path.iterdir()) == ["registries.json"]
        clock.advance(timedelta(days=8))
        pages["body"] = b"<html>"
        with pytest.raises(RefreshFailed, match="not JSON"):
            await asyncio.to_thread(refresh)
        await asyncio.to_thread(refresh)  # a failure is tried again on the next day only
    assert len(requests) == 2
    assert net.registries.table().rdap_of("a.zone9") == "https://rdap.nic.zone9/"


def test_a_broken_file_leaves_the_table_we_have(tmp_path):
    file = tmp_path / "registries.json"
    file.write_bytes(b"{")
    assert RegistryPacing(file).table() == built_in_table()
    file.write_bytes(encode_table(with_bootstrap(listed(), built_in_table(), NOW)))
    os.utime(file, ns=(1, 1))
    pacing = RegistryPacing(file)
    assert pacing.table().rdap_of("a.zone9")
    file.write_bytes(b"[]")
    assert pacing.table().rdap_of("a.zone9")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"schema": 2}, "another version"),
        ({"published": "yesterday"}, "not the file we wrote"),
        ({"rdap": {"com": 7}}, "not the file we wrote"),
        ({"rdap": []}, "not the file we wrote"),
    ],
)
def test_a_file_that_we_did_not_write_so_is_refused(change, message):
    document = json.loads(encode_table(with_bootstrap(listed(), built_in_table(), NOW)))
    assert document["schema"] == 1
    with pytest.raises(InvalidBootstrap, match=message):
        decode_table(json.dumps(document | change).encode())


def test_a_closed_network_asks_no_iana(tmp_path) -> None:
    """The demo reaches nothing but its lab, and its log stays calm."""
    BootstrapRefresh(Network(closed=True), tmp_path / "rdap.json")()
    assert list(tmp_path.iterdir()) == []
