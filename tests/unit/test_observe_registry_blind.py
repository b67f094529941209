"""Answers invented before anybody looked at the parsers, each with the one reading it has.

WHOIS and RDAP as registries and registrars print them, and the traps around: other domains, dates
of other things, remarks that say "no match", names that are made of such words. People, companies
and dates are invented.
"""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from facts import Exchange, RedirectChain, Registration
from observe.registry import rdap
from standards import text as texts
from standards.registration import whois
from standards.registration.model import RegistryState

CASES = Path(__file__).parents[1] / "cases" / "registry"
NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
BASE = "https://rdap.example/domain/shop"


def _cases(name):
    """(heading, text) of each answer: the name asked, what it means, and details where they matter."""
    for number, block in enumerate((CASES / name).read_text("utf-8").split("=== ")[1:], 1):
        head, _, text = block.partition("\n")
        yield pytest.param(head.split(), text, id=f"{number} {head}")


def _reading(seen, more):
    """What an answer was read as, in the words of a heading; details only where it names them."""
    details = {
        "registrar": seen.registrar.replace(" ", "_"),
        "epp": ",".join(seen.epp),
        "nameservers": ",".join(seen.nameservers),
    }
    facts = [seen.state.value, str(seen.expires or "-"), str(seen.created or "-")]
    facts += [f"{key}={details[key]}" for key in more if key in details]
    return facts + [f"registrar_expires={seen.registrar_expires}"] * bool(seen.registrar_expires)


def _same(facts, meant):
    return sorted(facts) == sorted(word for word in meant if not word.startswith("kind="))


def _more(meant):
    return [word.partition("=")[0] for word in meant if "=" in word]


@pytest.mark.parametrize(("head", "text"), list(_cases("asked.txt")))
def test_a_whois_answer_means_exactly_this(head, text):
    domain, *meant = head
    seen = whois.parse_whois(text, domain.rpartition(".")[2], domain)
    facts = _reading(seen, _more(meant))
    assert _same(facts, meant), facts


@pytest.mark.parametrize(("head", "body"), list(_cases("rdap.txt")))
def test_an_rdap_answer_means_exactly_this(head, body):
    domain, status, *meant = head
    body = body.strip()
    kind = "application/rdap+json" if body[0] in "{[" else "text/html"
    kind = next((w.removeprefix("kind=") for w in meant if w.startswith("kind=")), kind)
    exchange = Exchange(
        BASE, NOW, status=int(status), headers=(("content-type", kind),), excerpt=body
    )
    nothing = Registration(domain, RegistryState.UNKNOWN, NOW)
    seen = rdap.read_chain(nothing, RedirectChain(BASE, (exchange,), "arrived"))
    facts = _reading(seen, _more(meant))
    assert _same(facts, meant), facts


JP = "[ドメイン名]  SHOP.JP\n[登録年月日]  2005/05/30\n[有効期限]  2027/05/31\n[状態]  Active\n"
CZ = "domain:  shop.cz\nregistrant:  Žluťoučký kůň\nregistered:  05.03.2005\nexpire:  31.05.2027\n"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\r\r\n"])
@pytest.mark.parametrize(
    ("text", "tld", "charset"),
    [
        (JP, "jp", "iso2022_jp"),
        (JP, "jp", "utf-8"),
        (CZ, "cz", "cp1250"),
        (CZ, "cz", "iso8859-2"),
        (CZ, "cz", "utf-8-sig"),
    ],
)
def test_letters_and_line_ends_of_every_kind_carry_the_same_date(text, tld, charset, end):
    raw = text.replace("\n", end).encode(charset)
    seen = whois.parse_whois(texts.decode_undeclared(raw), tld, f"shop.{tld}")
    assert (seen.state.value, seen.expires) == ("registered", date(2027, 5, 31))


@pytest.mark.parametrize("left", range(1, len(CZ)))
def test_an_answer_that_breaks_off_never_tells_another_date(left):
    text = CZ.replace("31.05.2027", "2027-05-31")[:left]
    assert whois.parse_whois(text, "cz", "shop.cz").expires in (None, date(2027, 5, 31))
