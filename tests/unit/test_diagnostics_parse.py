"""The box: what it understands, what it refuses and why."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import subject as box
from render.message_format import sentence
from subject import RejectedSubject, Subject, SubjectKind, parse_subject

UNDERSTOOD = [
    ("shop.example", SubjectKind.DOMAIN, "shop.example", "shop.example"),
    ("  Shop.Example.  ", SubjectKind.DOMAIN, "shop.example", "shop.example"),
    ("www.shop.example", SubjectKind.HOST, "www.shop.example", "shop.example"),
    ("a.b.shop.co.uk", SubjectKind.HOST, "a.b.shop.co.uk", "shop.co.uk"),
    ("shop.example:443", SubjectKind.DOMAIN, "shop.example", "shop.example"),
    ("//shop.example//", SubjectKind.DOMAIN, "shop.example", "shop.example"),
    ("“shop.example”,", SubjectKind.DOMAIN, "shop.example", "shop.example"),
    ("shop。example", SubjectKind.DOMAIN, "shop.example", "shop.example"),
    ("shop\u200b.example", SubjectKind.DOMAIN, "shop.example", "shop.example"),
    ("háčky.cz", SubjectKind.DOMAIN, "xn--hky-ela4t.cz", "xn--hky-ela4t.cz"),
    ("xn--hky-ela4t.cz", SubjectKind.DOMAIN, "xn--hky-ela4t.cz", "xn--hky-ela4t.cz"),
    ("faß.de", SubjectKind.DOMAIN, "xn--fa-hia.de", "xn--fa-hia.de"),
    ("_dmarc.shop.example", SubjectKind.DOMAIN, "shop.example", "shop.example"),
    ("key1._domainkey.shop.example", SubjectKind.DOMAIN, "shop.example", "shop.example"),
    ("my_shop.example", SubjectKind.DOMAIN, "my_shop.example", "my_shop.example"),
    ("https://https://shop.example/a", SubjectKind.URL, "shop.example", "shop.example"),
    ("http:/shop.example", SubjectKind.URL, "shop.example", "shop.example"),
    ("http//shop.example", SubjectKind.URL, "shop.example", "shop.example"),
    ("http://https.cz/", SubjectKind.URL, "https.cz", "https.cz"),
    ("@shop.example", SubjectKind.DOMAIN, "shop.example", "shop.example"),
    ("mara@shop.example", SubjectKind.MAILBOX, "shop.example", "shop.example"),
    ("mailto:Mara@Shop.example?subject=x", SubjectKind.MAILBOX, "shop.example", "shop.example"),
    ("https://shop.example", SubjectKind.URL, "shop.example", "shop.example"),
    ("shop.example/cart", SubjectKind.URL, "shop.example", "shop.example"),
    ("my site shop.example is down, see index.php", SubjectKind.DOMAIN, "shop.example", None),
    ("Mara <mara@shop.example>", SubjectKind.MAILBOX, "shop.example", "shop.example"),
    ('"Mara, O." <mara@shop.example>', SubjectKind.MAILBOX, "shop.example", "shop.example"),
    ("http://shop.example./a,b", SubjectKind.URL, "shop.example", "shop.example"),
    ("550 rejected\n<mara@shop.example>", SubjectKind.MAILBOX, "shop.example", None),
]
REFUSED = [
    ("", box.EMPTY),
    (" \t\n", box.EMPTY),
    ("192.0.2.1", box.IP_ADDRESS),
    ("http://[2001:db8::1]/", box.IP_ADDRESS),
    ("::1", box.IP_ADDRESS),
    ("fe80::1:2:3", box.IP_ADDRESS),
    ("2130706433", box.NUMBER),
    ("0x7f.1", box.NUMBER_AT_END),
    ("co.uk", box.SUFFIX_ONLY),
    ("com", box.SUFFIX_ONLY),
    ("mypage", box.INCOMPLETE),
    ("localhost", box.INSIDE_ONLY),
    ("router.local", box.INSIDE_ONLY),
    ("hidden.onion", box.ONION),
    ("a..cz", box.DOTS),
    ("-a.cz", box.HYPHEN),
    ("xn--a.cz", box.PUNYCODE),
    ("a" * 64 + ".cz", box.PART_TOO_LONG),
    (".".join(["abcdefghi"] * 26) + ".cz", box.NAME_TOO_LONG),
    ("a@b@c.cz", box.BAD_MAILBOX),
    ("ftp://shop.example", box.BAD_SCHEME),
    ("javascript:alert(1)", box.BAD_SCHEME),
    ("shop.example:25", box.BAD_PORT),
    ("http://shop.example:99999/", box.BAD_PORT),
    ("http://shop.example:80:80/", box.BAD_PORT),
    ("mara@", box.BAD_MAILBOX),
    ("https://mara:secret@shop.example/", box.CREDENTIALS),
    ("shop\x00.example", box.UNREADABLE),
    ("\u202eelpmaxe.pohs", box.UNREADABLE),
    ("x" * 30_000, box.TOO_LONG),
    ("http://shop.example/" + "x" * 3000, box.ADDRESS_TOO_LONG),
    ("it does not work", box.NOTHING_FOUND),
    ("http://", box.NO_NAME),
    ("https:///", box.NO_NAME),
    (":8080", box.NO_NAME),
    ("http://?q", box.NO_NAME),
    ("8080", box.NUMBER),
    ("256.1.1.1", box.NUMBER_AT_END),
    ("2001:db8::1/64", box.IP_ADDRESS),
    (".shop.example", box.DOTS),
    ("xn--.cz", box.PUNYCODE),
    ("😀.cz", box.SIGN),
    ("http://😀.cz/", box.SIGN),
    ("mara@😀.cz", box.SIGN),
    ("shop!.cz", box.SIGN),
    ("shop,cz", box.SIGN),
    ("shop .cz", box.SPACE),
    ("shop. cz", box.SPACE),
    ("mara @shop.example", box.SPACE),
    ("http://shop exa.cz/", box.SPACE),
    ("shop.example,other.example", box.SEVERAL),
    ("mara@shop.example;tomas@other.example", box.SEVERAL),
    ("mailto:", box.EMPTY),
    ("mara:secret@shop.example", box.CREDENTIALS),
    ("http://mara:secret@shop.example:x/", box.CREDENTIALS),
]


@pytest.mark.parametrize(("text", "kind", "host", "domain"), UNDERSTOOD)
def test_understands(text, kind, host, domain) -> None:
    parsed = parse_subject(text)
    assert isinstance(parsed, Subject), parsed
    assert (parsed.kind, parsed.host, parsed.domain) == (kind, host, domain or host)


@pytest.mark.parametrize(("text", "reason"), REFUSED)
def test_refuses_with_a_plain_reason(text, reason) -> None:
    parsed = parse_subject(text)
    assert isinstance(parsed, RejectedSubject), parsed
    assert parsed.reason == reason
    message = sentence("en", parsed.reason, parsed.args)
    assert message == message.strip()
    assert "secret" not in message
    assert "{" not in sentence("en", parsed.reason, parsed.args)


def test_keeps_path_and_query_but_not_the_fragment() -> None:
    parsed = parse_subject("HTTPS://Shop.example:443/Cart%20one?x=á#top")
    assert isinstance(parsed, Subject)
    assert parsed.url == "https://shop.example/Cart%20one?x=%C3%A1"


def test_keeps_an_unusual_port_of_the_web() -> None:
    parsed = parse_subject("shop.example:8443/admin")
    assert isinstance(parsed, Subject)
    assert parsed.url == "http://shop.example:8443/admin"


def test_offers_the_names_found_in_a_pasted_text() -> None:
    parsed = parse_subject(
        "Message to mara@shop.example was refused by mx1.mailhost.test: 550 no such user"
    )
    assert isinstance(parsed, RejectedSubject)
    assert parsed.reason == box.SEVERAL
    assert parsed.choices == ("mara@shop.example", "mx1.mailhost.test")


@pytest.mark.parametrize(
    ("text", "caution"),
    [
        ("аpple.com", "mixed_script"),  # a Cyrillic а
        ("сосо.com", "lookalike"),  # all Cyrillic, all Latin-looking
        ("háčky.cz", ""),
        ("яблоко.com", ""),
        ("apple.com", ""),
    ],
)
def test_warns_of_names_that_look_like_others(text, caution) -> None:
    parsed = parse_subject(text)
    assert isinstance(parsed, Subject)
    assert parsed.caution == caution


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=300))
def test_never_raises(text) -> None:
    parsed = parse_subject(text)
    if isinstance(parsed, Subject):
        assert parsed.host.isascii()
        assert parsed.host == parsed.host.lower()
        assert parsed.host.endswith(parsed.domain)
        again = parse_subject(parsed.host)
        assert isinstance(again, Subject)
        assert again.host == parsed.host


@settings(max_examples=300, deadline=None)
@given(
    st.text(alphabet=st.sampled_from("ab.:/@[]?#% xn-0137\\é\u200b\u202eа"), max_size=60),
)
def test_never_raises_on_things_like_addresses(text) -> None:
    assert isinstance(parse_subject(text), Subject | RejectedSubject)
