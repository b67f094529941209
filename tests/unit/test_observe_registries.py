"""Registries as neighbours: which server, how often, what is remembered, and IANA's list."""

import asyncio
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from facts import Registration
from observe import registry_pacing, registry_table
from observe.budget import Budget
from observe.network import Network
from observe.registry import cache_lifetime
from observe.registry.registry_client import registration
from observe.registry_pacing import RegistryPacing
from standards.dns_types import Trouble
from standards.registration.model import RegistryState
from tests.observe_servers import Dns, answer, http, serve_dns, tcp
from tests.registry_answers import COM, CZ, RDAP

R = RegistryState
NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Memory:
    """Kept answers in a dict."""

    def __init__(self):
        self.rows = {}

    def get(self, domain):
        return self.rows.get(domain)

    def put(self, registration_fact):
        self.rows[registration_fact.domain] = registration_fact


class Away:
    """A store whose database is gone."""

    def get(self, domain):
        raise RuntimeError("away")

    put = get


def whois_server(text, requests):
    async def talk(reader, writer):
        requests.append((await reader.readline()).decode().strip())
        writer.write((text() if callable(text) else text).encode())
        await writer.drain()

    return tcp(talk)


def network(clock, **table):
    return Network.from_table({"closed": True, "allow": ["127.0.0.0/8"], **table}, clock=clock)


def ask(net, domain, **more):
    return registration(net, Budget(net.clock), domain, **more)


# ------------------------------------------------------------------ answers are kept
async def test_an_answer_is_repeated_for_a_day_unless_asked_afresh(clock):
    requests = []
    async with whois_server(CZ, requests) as port:
        net = network(clock, whois={"cz": f"127.0.0.1:{port}"})
        net.registries.use_cache(Memory())
        first = await ask(net, "shop.cz")
        clock.advance(timedelta(hours=23))
        assert await ask(net, "shop.cz") == first
        assert len(requests) == 1
        afresh = await ask(net, "shop.cz", fresh=True)
        assert (len(requests), afresh.asked_at) == (2, clock.now())
        clock.advance(timedelta(hours=25))
        await ask(net, "shop.cz")
        assert len(requests) == 3


async def test_what_is_about_to_change_is_asked_again_after_an_hour(clock):
    requests = []
    async with whois_server("Domain not found.\n", requests) as port:
        net = network(clock, whois={"sk": f"127.0.0.1:{port}"})
        net.registries.use_cache(Memory())
        await ask(net, "shop.sk")
        clock.advance(HOUR * 0.9)
        assert (await ask(net, "shop.sk")).state is R.AVAILABLE
        clock.advance(HOUR * 0.2)
        await ask(net, "shop.sk")
    assert len(requests) == 2


@pytest.mark.parametrize(
    ("change", "span"),
    [
        ({}, cache_lifetime.LIFETIME),
        ({"epp": ("clientTransferProhibited",)}, cache_lifetime.LIFETIME),
        ({"epp": ("clientHold",)}, cache_lifetime.SHORT_LIFETIME),
        ({"expires": date(2026, 1, 17)}, cache_lifetime.SHORT_LIFETIME),
        ({"state": R.AVAILABLE}, cache_lifetime.SHORT_LIFETIME),
    ],
)
def test_how_long_an_answer_may_be_repeated(change, span):
    good = Registration("shop.cz", R.REGISTERED, NOW, expires=date(2027, 1, 1))
    assert cache_lifetime.cache_lifetime(replace(good, **change)) == span


async def test_the_answer_of_last_week_is_better_than_a_registry_out_of_service(clock):
    texts = [CZ]
    async with whois_server(lambda: texts[0], []) as port:
        net = network(clock, whois={"cz": f"127.0.0.1:{port}"})
        net.registries.use_cache(Memory())
        first = await ask(net, "shop.cz")
        texts[0] = "Internal server error\n"
        clock.advance(timedelta(days=3))
        assert await ask(net, "shop.cz") == first
        clock.advance(timedelta(days=5))
        assert (await ask(net, "shop.cz")).state is R.UNKNOWN


async def test_a_store_that_is_away_only_costs_another_question(clock):
    requests = []
    async with whois_server(CZ, requests) as port:
        net = network(clock, whois={"cz": f"127.0.0.1:{port}"})
        net.registries.use_cache(Away())
        for _ in range(2):
            assert (await ask(net, "shop.cz")).state is R.REGISTERED
    assert len(requests) == 2


# ------------------------------------------------------------------ politeness
async def test_a_registry_that_tells_us_off_is_left_alone_for_a_while(clock):
    requests, texts = [], ["request limit exceeded\n"]
    async with whois_server(lambda: texts[0], requests) as port:
        net = network(clock, whois={"pl": f"127.0.0.1:{port}"})
        assert (await ask(net, "shop.pl")).state is R.THROTTLED
        other = await ask(net, "other.pl", fresh=True)
        assert (other.state, len(requests)) == (R.THROTTLED, 1)
        assert "not asked again before" in other.detail
        clock.advance(registry_pacing.BACKOFF)
        assert (await ask(net, "other.pl")).state is R.THROTTLED  # asked, and told off again
        clock.advance(registry_pacing.BACKOFF * 1.5)
        await ask(net, "other.pl")
        assert len(requests) == 2  # the second rest is twice as long
        clock.advance(registry_pacing.BACKOFF)
        texts[0] = "Domain not found.\n"
        assert (await ask(net, "other.pl")).state is R.AVAILABLE
        assert (await ask(net, "shop.pl")).state is R.AVAILABLE


@pytest.mark.parametrize(
    ("status", "header", "state", "rest"),
    [
        ("429 Slow", "Retry-After: 120\r\n", R.THROTTLED, timedelta(seconds=120)),
        ("503 Busy", "Retry-After: 90\r\n", R.THROTTLED, timedelta(seconds=90)),
        ("503 Away", "", R.UNKNOWN, None),
        ("429 Slow", "Retry-After: soon\r\n", R.THROTTLED, None),
        ("429 Slow", "Retry-After: 99999999999\r\n", R.THROTTLED, timedelta(days=1)),
        (
            "429 Slow",
            "Retry-After: Thu, 15 Jan 2026 12:10:00 GMT\r\n",
            R.THROTTLED,
            timedelta(minutes=10),
        ),
    ],
)
async def test_how_long_a_registry_wants_to_be_left_alone(clock, status, header, state, rest):
    page = f"HTTP/1.1 {status}\r\n{header}Content-Length: 0\r\n\r\n".encode()
    async with tcp(http(lambda p, h: page)) as port:
        net = network(clock, rdap={"cz": f"http://127.0.0.1:{port}/"})
        seen = await ask(net, "shop.cz")
        assert (seen.state, seen.retry_after) == (state, rest)
        until = net.registries.backs_off_until(f"127.0.0.1:{port}", clock.now())
    assert (until is not None) is (state is R.THROTTLED)


async def test_few_questions_at_once_go_to_one_server(clock):
    here, most = 0, 0

    async def talk(reader, writer):
        nonlocal here, most
        here += 1
        most = max(most, here)
        await reader.readline()
        await asyncio.sleep(0.02)
        writer.write(b"Domain not found.\n")
        await writer.drain()
        here -= 1

    async with tcp(talk) as port:
        net = network(clock, whois={"sk": f"127.0.0.1:{port}"})
        registrations = await asyncio.gather(*(ask(net, f"shop{n}.sk") for n in range(8)))
    assert {item.state for item in registrations} == {R.AVAILABLE}
    assert most <= registry_pacing.MAX_CONCURRENT


# ------------------------------------------------------------------ second sources
def rdap_pages(registry, registrar, requests):
    def pages(path, headers):
        requests.append(path)
        return answer(json.dumps(registrar if path.startswith("/registrar") else registry))

    return pages


async def seconded(clock, registry, registrar, link="http://{host}/registrar/domain/shop.cz"):
    """An RDAP registry whose answer links to the registrar's: (Registration, paths asked)."""
    requests, answers = [], {}
    async with (
        named("rdap.registrar.example") as names,
        tcp(http(lambda p, h: answers["pages"](p, h))) as port,  # noqa: PLW0108 - made below
    ):
        href = link.format(host=f"rdap.registrar.example:{port}")
        links = [{"rel": "related", "type": "application/rdap+json", "href": href}]
        answers["pages"] = rdap_pages(registry | {"links": links}, registrar, requests)
        net = network(
            clock,
            resolvers=[names.address],
            rdap={"cz": f"http://127.0.0.1:{port}/v1/"},
            hosts={"rdap.registrar.example": f"127.0.0.1:{port}"},
        )
        return await ask(net, "shop.cz"), requests


async def test_the_registrars_rdap_is_a_second_source(clock):
    seen, requests = await seconded(clock, RDAP | {"events": []}, RDAP)
    assert (seen.expires, seen.registrar_expires) == (None, date(2027, 7, 22))
    assert requests == ["/v1/domain/shop.cz", "/registrar/domain/shop.cz"]
    linked = RDAP | {"links": [{"rel": "related", "href": "http://x.example/domain/shop.cz"}]}
    again, requests = await seconded(clock, RDAP | {"events": []}, linked | {"events": []})
    assert (again.registrar_expires, len(requests)) == (None, 2)  # no third source
    other, _ = await seconded(clock, RDAP | {"events": []}, RDAP | {"ldhName": "other.cz"})
    assert (other.state, other.registrar_expires) == (R.REGISTERED, None)


@pytest.mark.parametrize(
    "link",
    ["http://10.0.0.1/domain/shop.cz", "http://{host}:22/domain/shop.cz", "file:///domain/x", "x"],
)
async def test_a_link_that_leads_inside_or_nowhere_is_not_followed(clock, link):
    seen, requests = await seconded(clock, RDAP | {"events": []}, RDAP, link)
    assert (seen.state, seen.registrar_expires, len(requests)) == (R.REGISTERED, None, 1)


def named(*names):
    """A resolver that knows some names, all of them on loopback."""
    return serve_dns(Dns({(name, "A"): ["127.0.0.1"] for name in names}))


async def by_registrar(clock, registry, text):
    """A thin registry on WHOIS names its registrar's own server."""
    requests, second, name = [], [], "whois.registrar.example"
    async with (
        named(name) as names,
        whois_server(registry, requests) as first,
        whois_server(text, second) as two,
    ):
        net = network(
            clock,
            resolvers=[names.address],
            whois={"com": f"127.0.0.1:{first}"},
            hosts={f"{name}:43": f"127.0.0.1:{two}"},
        )
        return await ask(net, "shop.com"), second


async def test_the_registrar_tells_the_date_that_a_thin_registry_lacks(clock):
    thin = COM.replace("   Registry Expiry Date: 2027-06-07T04:00:00Z\n", "")
    thick = "Domain Name: shop.com\nRegistrar Registration Expiration Date: 2027-06-08T00:00:00Z\n"
    seen, second = await by_registrar(clock, thin, thick)
    assert (seen.expires, seen.registrar_expires, second) == (None, date(2027, 6, 8), ["shop.com"])


async def test_the_registrar_is_asked_when_the_date_may_have_jumped(clock):
    clock.advance(timedelta(days=160))  # 2026-06-24, two weeks after the anniversary
    thick = "Domain Name: shop.com\nRegistrar Registration Expiration Date: 2026-06-07T04:00:00Z\n"
    seen, second = await by_registrar(clock, COM, thick)
    assert (seen.expires, seen.registrar_expires) == (date(2027, 6, 7), date(2026, 6, 7))
    assert second == ["shop.com"]


async def test_a_sure_date_needs_no_registrar(clock):
    seen, second = await by_registrar(clock, COM, "")
    assert (seen.expires, second) == (date(2027, 6, 7), [])


async def test_a_registrar_that_refers_on_is_not_followed(clock):
    thin = COM.replace("   Registry Expiry Date: 2027-06-07T04:00:00Z\n", "")
    seen, second = await by_registrar(clock, thin, thin)
    assert (seen.state, seen.registrar_expires, len(second)) == (R.REGISTERED, None, 1)


async def test_a_silent_registrar_does_not_cost_the_registrys_answer(clock):
    async def silent(reader, writer):
        await asyncio.sleep(30)

    thin = COM.replace("   Registry Expiry Date: 2027-06-07T04:00:00Z\n", "")
    name = "whois.registrar.example"
    async with named(name) as names, whois_server(thin, []) as first, tcp(silent) as two:
        net = network(
            clock,
            resolvers=[names.address],
            whois={"com": f"127.0.0.1:{first}"},
            hosts={"whois.registrar.example:43": f"127.0.0.1:{two}"},
        )
        seen = await ask(net, "shop.com")
    assert (seen.state, seen.registrar) == (R.REGISTERED, "Registrar Example, Inc.")


# ------------------------------------------------------------------ IANA refers
async def test_iana_names_the_server_of_an_ending_we_do_not_know_once(clock):
    iana, requests = [], []
    async with whois_server(CZ.replace("domain:       shop.cz\n", ""), requests) as port:
        refer = "% IANA WHOIS server\n\nrefer:        whois.nic.zz\n\ndomain:       ZZ\n"
        async with whois_server(refer, iana) as root, named("whois.nic.zz") as names:
            net = network(
                clock,
                resolvers=[names.address],
                whois={".": f"127.0.0.1:{root}"},
                hosts={"whois.nic.zz:43": f"127.0.0.1:{port}"},
            )
            for name in ("shop.zz", "other.zz"):
                seen = await ask(net, name)
    assert (seen.state, iana, requests) == (R.REGISTERED, ["zz"], ["shop.zz", "other.zz"])


async def test_an_ending_without_any_server_is_told_and_iana_is_not_asked_about_special_ones(clock):
    iana = []
    async with whois_server("domain: ZZ\nstatus: ACTIVE\n", iana) as root:
        net = network(clock, whois={".": f"127.0.0.1:{root}"})
        for name in ("shop.zz", "shop.zz", "shop.example"):
            seen = await ask(net, name)
            assert (seen.state, seen.trouble) == (R.UNKNOWN, None)
            assert seen.detail == "no registry service is known for this ending"
    assert iana == ["zz"]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("whois:        whois.nic.cz\n", "whois.nic.cz"),
        ("refer: whois.a.zz\nwhois: whois.b.zz\n", "whois.b.zz"),
        ("whois:\nstatus: ACTIVE\n", ""),
        ("whois: 127.0.0.1\n", ""),
        ("whois: localhost\n", ""),
        ("whois: whois.nic.zz:25\n", ""),
        ("whois: " + "a" * 300 + ".zz\n", ""),
        ("", ""),
    ],
)
def test_only_a_name_is_taken_as_a_referral(text, place):
    assert registry_table.parse_iana_referral(text) == place


def test_what_is_remembered_has_a_bound():
    pacing = RegistryPacing()
    for n in range(registry_pacing.MAX_REMEMBERED * 3):
        pacing.remember_referral(f"z{n}", "")
        pacing.note_throttled(f"s{n}", NOW, None)
    assert len(pacing._whois_referrals) <= registry_pacing.MAX_REMEMBERED
    assert len(pacing._backoffs) <= registry_pacing.MAX_REMEMBERED


async def test_an_answer_about_another_name_is_none(clock):
    async with tcp(http(lambda p, h: answer(json.dumps(RDAP)))) as port:
        net = network(clock, rdap={"cz": f"http://127.0.0.1:{port}/"})
        seen = await ask(net, "else.cz")
    assert (seen.state, seen.trouble) == (R.UNKNOWN, Trouble.PROTOCOL)
