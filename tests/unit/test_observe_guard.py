"""The guard: which addresses are dialled, which never, and where the host map leads."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from observe.guard import Guard, Route, is_web_port
from observe.network import Network, NetworkError
from standards.dns_types import Trouble

PRIVATE_V4 = [
    "0.0.0.0",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "127.0.0.1",
    "127.255.255.254",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.192",
    "192.0.2.1",
    "192.88.99.1",
    "192.168.1.1",
    "198.18.0.1",
    "198.51.100.7",
    "203.0.113.9",
    "224.0.0.251",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
]
PRIVATE_V6 = [
    "::",
    "::1",
    "fe80::1",
    "fe80::1%eth0",
    "fec0::1",
    "fc00::1",
    "fd00:ec2::254",
    "ff02::1",
    "100::1",
    "2001:db8::1",
    "3fff::1",
    "5f00::1",
]
TRANSLATED = [
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::ffff:0a00:0001",
    "::ffff:8.8.8.8",
    "::127.0.0.1",
    "::8.8.8.8",
    "64:ff9b::7f00:1",
    "64:ff9b::808:808",
    "64:ff9b:1::a00:1",
    "2002:7f00:1::1",
    "2002:0808:0808::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2a00:1450::5efe:7f00:1",
    "2a00:1450::200:5efe:a00:1",
]
NO_ADDRESS = [
    "",
    "localhost",
    "0x7f000001",
    "2130706433",
    "127.1",
    "1.2.3.4.5",
    "[::1]",
    "1.2.3.4 ",
]
PUBLIC = ["8.8.8.8", "31.53.0.1", "1.1.1.1", "2a00:1450:4014::200e", "2606:4700::1111"]


@pytest.mark.parametrize("address", PRIVATE_V4 + PRIVATE_V6 + TRANSLATED + NO_ADDRESS)
def test_never_dials_what_is_not_plainly_public(address):
    assert Guard(Network()).route(address, 80) is Trouble.BLOCKED


@pytest.mark.parametrize("address", PUBLIC)
def test_dials_public_addresses_as_they_are(address):
    assert Guard(Network()).route(address, 443) == Route(address, 443)


@given(st.ip_addresses(v=4).filter(lambda a: not a.is_global or a.is_multicast))
def test_no_form_of_a_private_address_gets_through(inner):
    number = int(inner)
    forms = [
        ipaddress.IPv6Address((0xFFFF << 32) | number),
        ipaddress.IPv6Address(number),
        ipaddress.IPv6Address((0x64FF9B << 96) | number),
        ipaddress.IPv6Address((0x2002 << 112) | (number << 80) | 1),
        ipaddress.IPv6Address((0x20010000 << 96) | (number ^ 0xFFFFFFFF)),
    ]
    guard = Guard(Network())
    for form in forms:
        assert guard.route(str(form), 80) is Trouble.BLOCKED


@given(st.ip_addresses())
def test_what_python_calls_not_global_is_never_dialled(address):
    if not address.is_global or address.is_multicast:
        assert Guard(Network()).route(str(address), 80) is Trouble.BLOCKED


def test_allow_lets_configured_addresses_through_and_no_others():
    guard = Guard(Network(allow=("10.20.0.0/16", "::1", "64:ff9b::/96")))
    assert guard.route("10.20.3.4", 80) == Route("10.20.3.4", 80)
    assert guard.route("::1", 80) == Route("::1", 80)
    assert guard.route("64:ff9b::808:808", 80) == Route("64:ff9b::808:808", 80)
    assert guard.route("10.21.0.1", 80) is Trouble.BLOCKED
    assert guard.route("::ffff:10.20.3.4", 80) is Trouble.BLOCKED
    # an allowed translation prefix does not open what it carries
    assert guard.route("64:ff9b::7f00:1", 80) is Trouble.BLOCKED


def test_map_is_asked_by_name_and_port_then_name_then_address():
    hosts = {
        "www.shop.example:443": "127.0.0.1:1",
        "www.shop.example": "127.0.0.1:2",
        "31.0.0.9:25": "127.0.0.1:3",
        "31.0.0.9": "127.0.0.4",
        "[2A00:0::9]:53": "127.0.0.1:5",
    }
    guard = Guard(Network.from_table({"hosts": hosts, "closed": True}))
    assert guard.route("31.0.0.9", 443, "WWW.shop.example.") == Route("127.0.0.1", 1)
    assert guard.route("31.0.0.9", 80, "www.shop.example") == Route("127.0.0.1", 2)
    assert guard.route("31.0.0.9", 25, "mail.shop.example") == Route("127.0.0.1", 3)
    assert guard.route("31.0.0.9", 110) == Route("127.0.0.4", 110)
    assert guard.route("2a00::9", 53) == Route("127.0.0.1", 5)
    assert guard.route("31.0.0.8", 80, "shop.example") is Trouble.UNREACHABLE


def test_address_is_judged_before_it_is_mapped():
    guard = Guard(
        Network.from_table({"hosts": {"trap.example": "127.0.0.1:1", "10.0.0.1": "127.0.0.1:2"}})
    )
    assert guard.route("10.0.0.1", 80, "trap.example") is Trouble.BLOCKED
    assert guard.route("10.0.0.1", 80) is Trouble.BLOCKED


@pytest.mark.parametrize("port", [0, -1, 65536])
def test_ports_that_do_not_exist_are_refused(port):
    assert Guard(Network()).route("8.8.8.8", port) is Trouble.BLOCKED


def test_web_requests_do_not_go_to_mail_or_shell_ports():
    assert [
        p for p in (22, 25, 53, 110, 143, 587, 993, 6000, 80, 443, 8080, 8443) if is_web_port(p)
    ] == [
        80,
        443,
        8080,
        8443,
    ]


@pytest.mark.parametrize(
    ("table", "named"),
    [
        ({"resolver": []}, "resolver"),
        ({"resolvers": "127.0.0.1"}, "resolvers"),
        ({"resolvers": ["dns.example"]}, "resolvers"),
        ({"allow": ["10.0.0.0/33"]}, "allow"),
        ({"hosts": {"a.example": "b.example:80"}}, "hosts"),
        ({"hosts": {"a.example:http": "127.0.0.1"}}, "http"),
        ({"closed": "yes"}, "closed"),
        ({"root_hints": ["ns.example"]}, "root_hints"),
        ({"whois": {"sk": "127.0.0.1:99999"}}, "99999"),
    ],
)
def test_a_wrong_network_table_says_which_key(table, named):
    with pytest.raises(NetworkError, match=named):
        Network.from_table(table)


def test_root_hints_come_as_list_table_or_file(tmp_path):
    path = tmp_path / "named.root"
    path.write_text(
        "; the roots\n.  3600000  NS  A.ROOT.TEST.\nA.ROOT.TEST. 3600000 A 31.0.0.1\n"
        "A.ROOT.TEST. 3600000 AAAA 2a00::1 ; v6\n"
    )
    assert Network.from_table({"root_hints": ["127.0.0.1:5353"]}).root_hints == (
        ("", "127.0.0.1:5353"),
    )
    table = {"a.root.test": "31.0.0.1"}
    assert Network.from_table({"root_hints": table}).root_hints == (("a.root.test", "31.0.0.1"),)
    assert Network.from_table({"root_hints": str(path)}).root_hints == (
        ("a.root.test", "31.0.0.1"),
        ("a.root.test", "2a00::1"),
    )
    assert not Network().has_own_root
