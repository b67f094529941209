"""Registries: RDAP first, WHOIS then; throttled, reserved, free and registered told apart."""

import asyncio
import json
import time
from datetime import date

import pytest

from clock import SystemClock
from observe.budget import Budget
from observe.network import Network
from observe.registry.registry_client import registration
from standards.dns_types import Trouble
from standards.registration.model import RegistryState
from tests.observe_servers import answer, http, redirect, tcp
from tests.registry_answers import CZ, RDAP

R = RegistryState


def network(**table):
    return Network.from_table({"closed": True, "allow": ["127.0.0.0/8"], **table})


def budget():
    return Budget(SystemClock())


def says(text, requests=None, rest=0.0):
    async def talk(reader, writer):
        line = await reader.readline()
        if requests is not None:
            requests.append(line.decode().strip())
        writer.write(text if isinstance(text, bytes) else text.encode())
        await writer.drain()
        await asyncio.sleep(rest)

    return talk


async def ask(domain, *, rdap_pages=None, whois_talk=None):
    """A registration through an RDAP server, a WHOIS server, or both."""
    async with (
        tcp(http(rdap_pages or (lambda p, h: answer()))) as rdap,
        tcp(whois_talk or says("")) as two,
    ):
        table = {}
        if rdap_pages:
            table["rdap"] = {"cz": f"http://127.0.0.1:{rdap}/v1/"}
        if whois_talk:
            table["whois"] = {"cz": f"127.0.0.1:{two}"}
        return await registration(network(**table), budget(), domain)


async def test_rdap_answers_first_and_whois_is_not_asked():
    requests = []
    pages = lambda path, headers: answer(json.dumps(RDAP)) if path == "/v1/domain/shop.cz" else b""  # noqa: E731 - one line
    seen = await ask("Shop.cz", rdap_pages=pages, whois_talk=says(CZ, requests))
    assert (seen.source, seen.state, seen.expires) == ("rdap", R.REGISTERED, date(2027, 7, 22))
    assert requests == []


async def test_whois_follows_when_rdap_fails():
    for page in (
        answer("oops", "503 Away"),
        answer("<html>"),
        answer("", "429 Too Many"),
        b"junk\r\n\r\n",
    ):
        requests = []
        seen = await ask(
            "shop.cz", rdap_pages=lambda p, h, page=page: page, whois_talk=says(CZ, requests)
        )
        assert (seen.source, seen.expires, requests) == ("whois", date(2027, 7, 22), ["shop.cz"])


async def test_whois_lends_the_date_that_rdap_does_not_give():
    page = answer(json.dumps(RDAP | {"events": []}))
    seen = await ask("shop.cz", rdap_pages=lambda p, h: page, whois_talk=says(CZ))
    assert (seen.source, seen.expires, seen.registrar) == ("rdap", date(2027, 7, 22), "Polaris")


async def test_a_name_that_rdap_does_not_have_is_available():
    page = answer('{"errorCode": 404}', "404 Not Found", content_type="application/rdap+json")
    assert (await ask("shop.cz", rdap_pages=lambda p, h: page)).state is R.AVAILABLE
    lost = answer("<h1>nginx</h1>", "404 Not Found", content_type="text/html")
    seen = await ask("shop.cz", rdap_pages=lambda p, h: lost)
    assert (seen.state, seen.trouble) == (R.UNKNOWN, Trouble.PROTOCOL)


@pytest.mark.parametrize(
    ("name", "answer_text", "state"),
    [
        ("shop.co.cz", CZ.replace("shop.cz", "shop.co.cz"), R.REGISTERED),
        ("shop.co.cz", "%ERROR:101: no entries found\n", R.AVAILABLE),
        ("shop.co.cz", "request limit exceeded\n", R.THROTTLED),
        ("shop.co.cz", "welcome\n", R.AVAILABLE),
        ("shop.cz", CZ, R.AVAILABLE),
    ],
)
async def test_a_name_below_an_ending_of_its_own_is_free_only_when_whois_agrees(
    name, answer_text, state
):
    page = answer('{"errorCode": 404}', "404 Not Found", content_type="application/rdap+json")
    seen = await ask(name, rdap_pages=lambda p, h: page, whois_talk=says(answer_text))
    assert seen.state is state


async def test_throttling_is_a_state_of_its_own():
    seen = await ask("shop.cz", rdap_pages=lambda p, h: answer("", "429 Slow Down"))
    assert (seen.state, seen.trouble) == (R.THROTTLED, None)
    by_whois = await ask("shop.cz", whois_talk=says("request limit exceeded\n"))
    assert (by_whois.state, by_whois.source) == (R.THROTTLED, "whois")


async def test_rdap_referral_loops_end():
    seen = await ask("shop.cz", rdap_pages=lambda path, headers: redirect(path))
    assert (seen.state, seen.trouble) == (R.UNKNOWN, Trouble.PROTOCOL)
    longer = await ask("shop.cz", rdap_pages=lambda path, headers: redirect(path + "x"))
    assert longer.trouble is Trouble.PROTOCOL


async def test_a_referral_into_the_private_network_is_not_followed():
    page = redirect("http://10.0.0.1/domain/shop.cz")
    seen = await ask("shop.cz", rdap_pages=lambda path, headers: page)
    assert (seen.state, seen.trouble) == (R.UNKNOWN, Trouble.BLOCKED)


async def test_endless_and_silent_whois_servers_end():
    async def endless(reader, writer):
        while True:
            writer.write(b"remarks: more\r\n" * 1000)
            await writer.drain()

    started = time.monotonic()
    seen = await ask("shop.cz", whois_talk=endless)
    assert (seen.state, seen.trouble) == (R.UNKNOWN, Trouble.PROTOCOL)
    silent = Budget(SystemClock(), seconds=0.5)
    async with tcp(says("", rest=5)) as port:
        table = {"whois": {"cz": f"127.0.0.1:{port}"}}
        late = await registration(network(**table), silent, "shop.cz")
    assert late.trouble is Trouble.OVERBUDGET  # our time was over, not the registry's
    assert time.monotonic() - started < 4


async def test_an_empty_or_unreadable_answer_is_trouble_not_absence():
    for text in ("", "welcome\n", b"\xff\xfe\0garbage\n"):
        seen = await ask("shop.cz", whois_talk=says(text))
        assert (seen.state, seen.trouble) == (R.UNKNOWN, Trouble.PROTOCOL)


async def test_an_ending_without_registry_service_says_so():
    seen = await registration(network(), budget(), "shop.nowhere")
    assert (seen.state, seen.trouble) == (R.UNKNOWN, None)
    assert seen.detail == "no registry service is known for this ending"


async def test_built_in_registries_are_not_reached_from_a_closed_network():
    seen = await registration(network(), budget(), "shop.cz")
    assert (seen.state, seen.trouble) == (R.UNKNOWN, Trouble.UNREACHABLE)


@pytest.mark.parametrize("domain", ["", "a b.cz", "x" * 300, "shop..cz", "-.cz"])
async def test_what_is_no_domain_is_told(domain):
    assert (await registration(network(), budget(), domain)).trouble is Trouble.PROTOCOL


async def test_whois_is_not_asked_about_a_date_that_the_registry_never_publishes():
    requests = []
    page = answer(json.dumps(RDAP | {"ldhName": "shop.de", "events": []}))
    async with tcp(http(lambda p, h: page)) as rdap, tcp(says("Domain: shop.de", requests)) as two:
        table = {"rdap": {"de": f"http://127.0.0.1:{rdap}/"}, "whois": {"de": f"127.0.0.1:{two}"}}
        seen = await registration(network(**table), budget(), "shop.de")
    assert (seen.state, seen.expires, requests) == (R.REGISTERED, None, [])
