"""A small lab world for diagnosing over the wire: one healthy customer and one unlucky one."""

from __future__ import annotations

from dataclasses import dataclass, field

from hosting.model import (
    Account,
    Expectations,
    FirewallLockout,
    HostedService,
    HostingFacts,
    Mailbox,
)
from hosting.panel import Panel
from lab.account import PanelAccount, PanelDomain, PanelService, PanelSite, PanelUsage
from lab.answer import page
from lab.world import Domain, LabNameserver, LabSite, MailServer, WebServer, World

ACCOUNT = "A-1001"
WEB, MX = "31.53.12.12", "31.53.12.25"
OFFICE = "ns.office-lab.example"  # serves a part of deep.example that is delegated further
EXPECTED = Expectations(
    nameservers=("ns1.dns-lab.example", "ns2.dns-lab.example"), addresses=(WEB,)
)


def zone(name):
    mail = (f"@ MX 10 mx1.{name}.", f"mx1 A {MX}", '@ TXT "v=spf1 mx -all"')
    return (f"@ A {WEB}", f"www A {WEB}", *mail)


def panel_domain(name, used):
    return PanelDomain(
        name=name,
        services=(PanelService(id=f"d-{name}", kind="domain", name=name),),
        usage=(PanelUsage(resource="disk", used=used, limit=1000),),
        sites=(PanelSite(host=name, document_root="/www", addresses=(WEB,), server="web12"),),
    )


WORLD = World(
    domains=(
        Domain(name="fine.example", records=zone("fine.example")),
        Domain(name="full.example", records=zone("full.example")),
        Domain(name="deep.example", records=(*zone("deep.example"), f"office NS {OFFICE}.")),
        Domain(
            name="office.deep.example",
            records=(f"@ A {WEB}", f"shop A {WEB}"),
            servers=(OFFICE,),
            parent_ns=(),
            registered=None,
        ),
    ),
    nameservers=(LabNameserver(name=OFFICE, addresses=("31.53.253.9",)),),
    web_servers=(WebServer(name="web12", addresses=(WEB,)),),
    sites=tuple(
        LabSite(
            names=(name, f"www.{name}"),
            server="web12",
            http=page("Our shop", "Fresh goods every day."),
        )
        for name in ("fine.example", "full.example")
    ),
    mail_servers=(MailServer(name="mx1.fine.example", addresses=(MX,)),),
    accounts=(
        PanelAccount(
            id=ACCOUNT,
            name="Mara",
            domains=(panel_domain("fine.example", 10), panel_domain("full.example", 1000)),
        ),
    ),
)


@dataclass
class Recording:
    """A panel that notes every question before passing it on."""

    inner: Panel
    name: str = "recording"
    calls: list[str] = field(default_factory=list)

    def account(self, id: str) -> Account | None:
        self.calls.append(f"account {id}")
        return self.inner.account(id)

    def account_of(self, domain: str) -> Account | None:
        self.calls.append(f"account_of {domain}")
        return self.inner.account_of(domain)

    def services(self, account: str) -> tuple[HostedService, ...]:
        self.calls.append(f"services {account}")
        return self.inner.services(account)

    def facts(self, account: str, domain: str) -> HostingFacts:
        self.calls.append(f"facts {account} {domain}")
        return self.inner.facts(account, domain)

    def mailbox(self, account: str, address: str) -> Mailbox | None:
        self.calls.append(f"mailbox {account} {address}")
        return self.inner.mailbox(account, address)

    def lockout(self, account: str, address: str) -> FirewallLockout | None:
        self.calls.append(f"lockout {account} {address}")
        return self.inner.lockout(account, address)

    def ping(self) -> None:
        self.calls.append("ping")
        self.inner.ping()
