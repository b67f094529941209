"""Handshakes: the chain is seen whatever is wrong with it; names, dates and trust stay apart."""

import asyncio
import datetime as dt
import ipaddress
import itertools

import pytest
from cryptography import x509
from hypothesis import given
from hypothesis import strategies as st

from clock import ManualClock, SystemClock
from diagnostics.checks.tls.certificate import certificate_fault
from observe.budget import Budget
from observe.http.http_client import fetch
from observe.network import Network
from observe.transport import certificates
from observe.transport.tls import handshake
from standards.certificate_names import covers_host
from standards.dns_types import Trouble
from status.model import Grade
from status.probing.certificate_limits import (
    CertificateLimits,
    certificate_signal,
    handshake_metrics,
    time_left,
)
from status.probing.observe import cannot_work
from tests.observe_servers import Dns, answer, http, issue, serve_dns, server_context, tcp

NOW = ManualClock().now()
START = NOW - dt.timedelta(days=10)


@pytest.fixture
def pki(tmp_path):
    """A root we trust, an intermediate, and the bundle's path."""
    root = issue("Lab Root", ca=True, start=START, days=3000)
    middle = issue("Lab Middle", by=root, ca=True, start=START, days=2000)
    bundle = tmp_path / "roots.pem"
    bundle.write_bytes(root.pem)
    return root, middle, str(bundle)


async def shake(tmp_path, bundle, leaf, *chain, host="shop.example", clock=None):
    async def idle(reader, writer):
        await asyncio.sleep(1)

    context = server_context(tmp_path, leaf, *chain)
    zone = Dns({(host, "A"): ["31.0.0.1"]})
    async with tcp(idle, tls=context) as port, serve_dns(zone) as server:
        network = Network.from_table(
            {
                "hosts": {"31.0.0.1:443": f"127.0.0.1:{port}"},
                "resolvers": [server.address],
                "ca_bundle": bundle,
            },
            clock=clock or ManualClock(),
        )
        return await handshake(network, Budget(SystemClock()), host)


async def test_a_good_certificate_is_trusted_and_described(pki, tmp_path):
    _, middle, bundle = pki
    leaf = issue("shop", by=middle, names=["Shop.Example", "*.shop.example"], start=START)
    seen = await shake(tmp_path, bundle, leaf, middle)
    assert (seen.verified, seen.name_matches, seen.verify_error, seen.trouble) == (
        True,
        True,
        "",
        None,
    )
    assert (seen.ip, seen.port, seen.version) == ("31.0.0.1", 443, "TLSv1.3")
    assert [c.subject for c in seen.chain] == ["CN=shop", "CN=Lab Middle"]
    first = seen.chain[0]
    assert first.names == ("shop.example", "*.shop.example")
    assert (first.key, first.bits, first.signature, first.self_signed) == (
        "ec",
        256,
        "sha256",
        False,
    )
    assert first.not_after == START + dt.timedelta(days=30)


async def test_a_wrong_name_does_not_touch_trust(pki, tmp_path):
    _, middle, bundle = pki
    leaf = issue("other", by=middle, names=["other.example"], start=START)
    seen = await shake(tmp_path, bundle, leaf, middle)
    assert (seen.verified, seen.name_matches) == (True, False)


async def test_an_expired_certificate_is_still_trusted_and_its_date_is_told(pki, tmp_path):
    _, middle, bundle = pki
    leaf = issue("shop", by=middle, names=["shop.example"], start=START, days=3)
    seen = await shake(tmp_path, bundle, leaf, middle)
    assert (seen.verified, seen.name_matches) == (True, True)
    assert seen.chain[0].not_after < seen.at


async def test_an_expired_issuer_is_not_trusted(pki, tmp_path):
    root, _, bundle = pki
    old = issue("Old Middle", by=root, ca=True, start=START, days=5)
    leaf = issue("shop", by=old, names=["shop.example"], start=START, days=60)
    seen = await shake(tmp_path, bundle, leaf, old)
    assert (seen.verified, seen.verify_error) == (False, "an issuer's certificate is out of date")


async def test_the_injected_clock_decides(pki, tmp_path):
    _, middle, bundle = pki
    leaf = issue("shop", by=middle, names=["shop.example"], start=START, days=900)
    later = ManualClock(at=NOW + dt.timedelta(days=2500))  # the leaf and its issuer are over
    seen = await shake(tmp_path, bundle, leaf, middle, clock=later)
    assert seen.at == later.now()
    assert seen.chain[0].not_after < seen.at


async def test_what_is_sent_and_not_needed_does_not_count(pki, tmp_path):
    """The old root, and the new one cross-signed by it, are over; both are still sent."""
    root, middle, bundle = pki
    old_root = issue("Old Root", ca=True, start=START, days=9)
    crossed = issue("Lab Root", by=old_root, ca=True, start=START, days=8, key=root.key)
    leaf = issue("shop", by=middle, names=["shop.example"], start=START, days=60)
    seen = await shake(tmp_path, bundle, leaf, middle, crossed, old_root)
    assert (seen.verified, len(seen.chain)) == (True, 4)
    assert seen.valid_until == START + dt.timedelta(days=60)
    assert certificate_signal(seen, CertificateLimits(), seen.at) is None
    figures = {m.name: m.value for m in handshake_metrics(seen)}
    sent, used = (START + dt.timedelta(days=d) for d in (8, 60))
    assert figures["probe_ssl_earliest_cert_expiry"] == sent.timestamp()
    assert figures["probe_ssl_last_chain_expiry_timestamp_seconds"] == used.timestamp()


@pytest.mark.parametrize("short_first", [True, False])
async def test_of_two_ways_to_a_root_the_one_that_lasts_counts(pki, tmp_path, short_first):
    root, middle, bundle = pki
    leaf = issue("shop", by=middle, names=["shop.example"], start=START, days=60)
    short = issue("Lab Middle", by=root, ca=True, start=START, days=13, key=middle.key)
    issuers = (short, middle) if short_first else (middle, short)
    seen = await shake(tmp_path, bundle, leaf, *issuers)
    assert seen.valid_until == START + dt.timedelta(days=60)
    only = await shake(tmp_path, bundle, leaf, short)
    assert only.valid_until == START + dt.timedelta(days=13)
    signal = certificate_signal(only, CertificateLimits(), only.at)
    assert signal is not None
    assert (signal.grade, "3 days" in signal.reason) == (Grade.DEGRADED, True)


@pytest.mark.parametrize("served", tuple(itertools.permutations(range(3))))
@pytest.mark.parametrize("trusted", tuple(itertools.permutations(range(3))))
def test_a_way_that_lasts_is_found_behind_worse_ones(pki, served, trusted):
    root, middle, _ = pki
    other = issue("Other Root", ca=True, start=START, days=3000)
    renewed = issue("Lab Root", ca=True, start=START, days=15, key=root.key)
    leaf = issue("shop", by=middle, names=["shop.example"], start=START, days=60)
    short = issue("Lab Middle", by=other, ca=True, start=START, days=30, key=middle.key)
    crossed = issue("Lab Root", by=other, ca=True, start=START, days=20, key=root.key)
    issuers, roots = (short, middle, crossed), (root, other, renewed)
    chain = [leaf.cert, *(issuers[n].cert for n in served)]
    result = certificates.verify_chain(chain, [roots[n].cert for n in trusted], NOW)
    assert result.chain == (leaf.cert, middle.cert, root.cert)


async def test_an_incomplete_chain_and_a_self_signed_one_say_so(pki, tmp_path):
    _, middle, bundle = pki
    leaf = issue("shop", by=middle, names=["shop.example"], start=START)
    alone = await shake(tmp_path, bundle, leaf)
    assert alone.valid_until is None
    assert (alone.verified, alone.verify_error) == (False, "unable to get local issuer certificate")
    own = issue("shop", names=["shop.example"], start=START)
    mine = await shake(tmp_path, bundle, own)
    assert (mine.verified, mine.verify_error) == (False, "self-signed certificate")
    assert mine.chain[0].self_signed
    assert mine.name_matches


async def test_an_end_certificate_cannot_vouch_for_another(pki, tmp_path):
    root, _, bundle = pki
    shop = issue("shop", by=root, names=["shop.example"], start=START)
    forged = issue("bank", by=shop, names=["bank.example"], start=START)
    seen = await shake(tmp_path, bundle, forged, shop, host="bank.example")
    assert not seen.verified


async def test_a_certificate_without_names_covers_nothing(pki, tmp_path):
    _, middle, bundle = pki
    seen = await shake(tmp_path, bundle, issue("shop.example", by=middle, start=START), middle)
    assert (seen.verified, seen.name_matches, seen.chain[0].names) == (True, False, ())


async def test_an_unreadable_bundle_is_our_own_fault_and_no_crash(pki, tmp_path):
    leaf = issue("shop", names=["shop.example"], start=START)
    seen = await shake(tmp_path, str(tmp_path / "missing.pem"), leaf)
    assert (seen.verified, seen.verify_error) == (False, "our own trust roots cannot be read")
    assert not seen.is_distrusted
    signal = certificate_signal(seen, CertificateLimits(), seen.at)
    assert signal is not None
    assert (signal.grade, cannot_work(signal)) == (Grade.UNKNOWN, True)
    assert certificate_fault(seen, seen.at) is None
    assert certificate_signal(seen, CertificateLimits(trust=False), seen.at) is None


@pytest.mark.parametrize(
    "sent", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\x15\x03\x01", b"", b"\0" * 3000]
)
async def test_what_is_no_tls_is_told(sent):
    async def talk(reader, writer):
        await reader.read(10)
        writer.write(sent)
        await writer.drain()
        writer.write_eof()
        await asyncio.sleep(0.05)

    async with tcp(talk) as port:
        network = Network.from_table({"allow": ["127.0.0.1"]})
        seen = await handshake(network, Budget(SystemClock()), "127.0.0.1", port, timeout=2)
    assert (seen.trouble, seen.chain) == (Trouble.TLS, ())


async def test_a_server_that_never_shakes_hands_ends_in_time():
    async def mute(reader, writer):
        await asyncio.sleep(5)

    async with tcp(mute) as port:
        network = Network.from_table({"allow": ["127.0.0.1"]})
        seen = await handshake(network, Budget(SystemClock()), "127.0.0.1", port, timeout=0.3)
    assert seen.trouble is Trouble.TIMEOUT


async def test_https_pages_carry_their_handshake_even_when_untrusted(pki, tmp_path):
    own = issue("shop", names=["shop.example"], start=START)
    context = server_context(tmp_path, own)
    async with tcp(http(lambda path, headers: answer("in")), tls=context) as port:
        network = Network.from_table(
            {"allow": ["127.0.0.1"], "ca_bundle": pki[2]}, clock=ManualClock()
        )
        seen = await fetch(network, Budget(SystemClock()), f"https://127.0.0.1:{port}/")
    assert (seen.status, seen.excerpt, seen.trouble) == (200, "in", None)
    assert seen.handshake
    assert not seen.handshake.verified


@pytest.mark.parametrize(
    ("host", "covered"),
    [
        ("shop.example", True),
        ("SHOP.example.", True),
        ("www.shop.example", True),
        ("a.www.shop.example", False),
        ("shop.example.evil.test", False),
        ("wwwshop.example", False),
        ("127.0.0.1", False),
    ],
)
def test_wildcards_stand_for_one_label(host, covered):
    leaf = issue("x", names=["shop.example", "*.shop.example", "*.test"], start=START)
    assert covers_host(leaf.cert, host) is covered


def test_an_address_is_covered_by_an_address_and_by_no_name():
    listed = x509.IPAddress(ipaddress.ip_address("2001:db8::1"))
    cert = issue("x", names=["192.0.2.1", listed], start=START).cert
    assert covers_host(cert, "2001:DB8:0::1")
    assert not covers_host(cert, "2001:db8::2")
    assert not covers_host(cert, "192.0.2.1")


def test_a_wildcard_for_a_whole_ending_covers_nothing():
    assert not covers_host(issue("x", names=["*.test"], start=START).cert, "evil.test")


@given(st.binary(max_size=400))
def test_any_bytes_are_a_certificate_or_none(raw):
    assert certificates.parse_der(raw) is None


async def test_a_server_that_hangs_up_on_our_hello_has_still_told_why():
    async def blunt(reader, writer):
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()  # with our hello unread: the kernel resets the connection

    async with tcp(blunt) as port:
        network = Network.from_table({"hosts": {"31.0.0.1:443": f"127.0.0.1:{port}"}})
        for _ in range(20):
            seen = await handshake(network, Budget(SystemClock()), "31.0.0.1")
            assert (seen.trouble, "wrong version" in seen.detail) == (Trouble.TLS, True)


@pytest.mark.parametrize(
    ("left", "words"),
    [
        ({"days": 2}, "2 days"), ({"days": 1, "hours": 23}, "47 hours"), ({"minutes": 119}, "119 minutes"),
        ({"seconds": 119}, "a minute"), ({"seconds": 59}, "less than a minute"), ({"seconds": 0}, "no time"),
    ],
)  # fmt: skip
def test_what_is_left_is_never_told_as_zero(left, words):
    assert time_left(dt.timedelta(**left)) == words
