"""Keys of [provider] and [panel]: what DNS says of hosted domains, and where customers' accounts are kept."""

from __future__ import annotations

from datetime import date, timedelta

from settings.schema.key_types import Secret, Section


class ProviderSection(Section, frozen=True):
    """What DNS says of a customer whose services are here."""

    #: Your name servers.
    #: nameservers = ["ns1.skyhost.example", "ns2.skyhost.example"]
    nameservers: tuple[str, ...] = ()
    #: Addresses or networks on which you serve customers' web sites.
    #: addresses = ["192.0.2.0/24"]
    addresses: tuple[str, ...] = ()
    #: Your mail exchangers.
    #: mail_hosts = ["mx1.skyhost.example"]
    mail_hosts: tuple[str, ...] = ()
    #: Where customers' mail programs sign in (IMAP, POP3, submission); a mailbox test goes nowhere else.
    #: #mailbox_hosts = ["imap.skyhost.example", "smtp.skyhost.example"]
    mailbox_hosts: tuple[str, ...] = ()
    #: What customers' SPF records should include.
    #: #spf_include = "_spf.skyhost.example"
    spf_include: str = ""
    #: DKIM selectors you sign with.
    #: #dkim_selectors = ["sky1"]
    dkim_selectors: tuple[str, ...] = ()
    #: Addresses or networks your mail leaves from.
    #: #outgoing_addresses = ["192.0.2.25"]
    outgoing_addresses: tuple[str, ...] = ()
    #: When domains end whose registry publishes no date and that your panel does not keep.
    #: #domain_ends = { "shop.eu" = 2027-03-01 }
    domain_ends: dict[str, date] = {}


class PanelSection(Section, frozen=True):
    """Where hosting accounts are kept."""

    #: Where hosting accounts are kept: {kinds}.
    #: kind = "none"
    kind: str = "none"
    #: The panel's address.
    #: #url = "https://panel.skyhost.example/api"
    url: str = ""
    #: Whose token it is, for panels that ask: see docs/hosting.md.
    #: #user = "root"
    user: str = ""
    #: Its token.
    token: Secret = ""
    #: When to give up on an answer.
    timeout: timedelta = timedelta(seconds=5)
