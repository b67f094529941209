"""Keys of [network] and [vantage]: what this machine may reach, and what it can see."""

from __future__ import annotations

from typing import Literal

from settings.schema.key_types import Secret, Section, UrlText, WebOrigin


class NetworkSection(Section, frozen=True):
    """Split horizons, closed networks and tests; see docs/configuration.md."""

    #: Resolvers to ask, as "address" or "address:port"; this machine's own when empty.
    #: #resolvers = ["127.0.0.1:5353"]
    resolvers: tuple[str, ...] = ()
    #: Where the walk from the DNS root begins: name = address. The real root servers when empty.
    #: #root_hints = { "a.root-servers.net" = "198.41.0.4" }
    root_hints: str | dict[str, str | tuple[str, ...]] | tuple[str | tuple[str, str], ...] = ()
    #: Addresses or networks that may be reached besides public ones.
    #: #allow = ["10.20.0.0/16"]
    allow: tuple[str, ...] = ()
    #: Name or address, with an optional port, to the address and port that is dialled instead.
    #: #hosts = { "www.shop.example:443" = "127.53.0.9:8443" }
    hosts: dict[str, str] = {}
    #: Reach nothing but what `hosts` maps.
    closed: bool = False
    #: RDAP servers by top-level domain, besides IANA's list.
    #: #rdap = { cz = "https://rdap.nic.cz" }
    rdap: dict[str, str] = {}
    #: WHOIS servers by top-level domain.
    #: #whois = { sk = "whois.sk-nic.sk:43" }
    whois: dict[str, str] = {}
    #: A file with certificates to trust instead of the system's.
    ca_bundle: str = ""
    #: DNS blocklists to ask about your outgoing addresses and customers' domains; each must prove itself first.
    dnsbl: tuple[str, ...] = ()
    #: The root's DNSSEC keys as DS records; IANA's when empty and root_hints is not set.
    #: #trust_anchor = ["20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D"]
    trust_anchor: str | tuple[str, ...] = ()
    #: Further resolvers whose caches are compared with the name servers' own answers.
    #: #public_resolvers = ["9.9.9.9", "1.1.1.1"]
    public_resolvers: tuple[str, ...] = ()
    #: Where IANA's list of registries (RFC 9224) is fetched once a week.
    #: #rdap_bootstrap = "https://data.iana.org/rdap/dns.json"
    rdap_bootstrap: str = ""
    #: Of a demo on a network of its own: the only domains there are. Other names are told so, and not looked at.
    demo_domains: tuple[str, ...] = ()


class VantageSection(Section, frozen=True):
    """What this machine can see of the world; what it cannot is never a customer's fault."""

    #: What this machine is called in reports.
    name: str = "local"
    #: Whether it reaches the world over IPv4.
    ipv4: bool = True
    #: Whether it reaches the world over IPv6. What we cannot see is never reported as a fault.
    ipv6: bool = False
    #: Whether it may connect to port 25 elsewhere.
    port25: bool = True
    #: Pages outside your network; when none of them answers, it is our own connection that is down and
    #: no component is blamed. Without any, the root servers are asked.
    #: #references = ["https://www.iana.org/", "https://www.nic.cz/"]
    references: tuple[UrlText, ...] = ()
    #: Mail servers outside your network that answer at port 25; when none of them does, that port is
    #: closed to us and no mail server is blamed.
    #: #mail_references = ["mx.partner.example"]
    mail_references: tuple[str, ...] = ()
    #: For `app.py vantage` on another machine: the portal it brings its looks to.
    #: #portal = "https://status.skyhost.example"
    portal: WebOrigin | Literal[""] = ""
    #: Its token there, made by `app.py vantage token NAME`.
    token: Secret = ""
