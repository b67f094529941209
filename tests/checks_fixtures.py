"""A small world to judge: a healthy domain of a customer, and ways to break it.

A Scene begins sound in every respect; a case changes what it is about. Its evidence is built with
the collectors' own questions, so that a case cannot answer what nobody would have asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from functools import cached_property

from diagnostics.checks import CHECKS
from diagnostics.collectors.web.site import start_urls
from diagnostics.evaluation import evaluate
from diagnostics.evidence import keys
from diagnostics.evidence.keys import (
    InstructedRecords,
    MailHost,
    MailServers,
    MatchingIncident,
    Records,
    evidence_of,
)
from diagnostics.evidence.web import TLS, WEB, TlsHandshakes, WebWalks
from diagnostics.model import Evidence, FindingStatus, Item, Missing, Report, Run, RunState, Scope
from diagnostics.symptoms import RECORDS_ANSWER, find
from facts import (
    Certificate,
    Delegated,
    Exchange,
    Handshake,
    RedirectChain,
    Registration,
    SmtpDialogue,
    Standpoint,
    Vantage,
)
from hosting.model import (
    Account,
    Expectations,
    HostedService,
    HostedSite,
    HostingFacts,
    Redirect,
    Resource,
    ResourceLimit,
    ServiceKind,
    SigningKey,
    Usage,
)
from instructions.change_plan import required_queries
from instructions.reading import parse_instructions
from standards.dns_types import Lookup, Record, Trouble
from standards.registration.model import RegistryState
from subject import Subject, SubjectKind
from tests.checks_parts import AT, GIGABYTE, ISSUER, OURS, QUIET, certificate, hop
from tests.checks_scene_dns import NS1, NS2, SOA, DnsSide
from tests.checks_scene_mail import Post
from tests.checks_scene_mail_authentication import INCLUDE, OUTGOING, SELECTOR, MailSide, dkim
from tests.checks_signed import SINCE, UNTIL, dnskey, ds

TODAY = AT.date()
MX = "mail.host.example"
HERE = Expectations(
    (NS1, NS2),
    (OURS,),
    (MX,),
    own=True,
    outgoing=(OUTGOING,),
    spf_include=INCLUDE,
    dkim_selectors=(SELECTOR,),
)
NOTHING_KNOWN = MatchingIncident()
HERE_ALL_WORKS = Standpoint(Vantage("lab", ipv6=True), AT)
__all__ = ["AT", "MX", "NS1", "NS2", "SOA", "Expected", "Scene", "in_days"]


def in_days(days: int) -> date:
    return TODAY + timedelta(days=days)


@dataclass
class Scene(DnsSide, MailSide):
    """Everything a run would see; attributes are changed by a case before `evidence()`."""

    domain: str = "cafe.example"
    text: str = ""
    kind: SubjectKind = SubjectKind.DOMAIN
    host: str = ""
    url: str = ""
    mailbox: str = ""
    # DNS
    outcome: Delegated = Delegated.YES
    cname: str = ""
    servers: dict[str, tuple[str, ...]] = field(
        default_factory=lambda: {
            NS1: ("192.0.9.53", "2a01:9::53"),
            NS2: ("192.0.11.53", "2a01:11::53"),
        }
    )
    lost: dict[str, Trouble | None] = field(default_factory=dict)  # servers without an address
    parent_ns: tuple[str, ...] = ()
    child_ns: tuple[str, ...] = ()
    zone: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    aliases: dict[str, str] = field(default_factory=dict)
    odd: dict[str, dict[tuple[str, str], tuple[str, ...]]] = field(default_factory=dict)
    soa: dict[str, Mapping[str, object]] = field(default_factory=dict)  # changes by server
    questions: dict[tuple[str, str, str], Mapping[str, object]] = field(default_factory=dict)
    ds: tuple[str, ...] = ()
    dnskey: tuple[str, ...] = ()
    signed: bool = True
    validity: tuple[datetime, datetime] = (SINCE, UNTIL)
    signer: int = 1  # the number of the key that signs
    forged: bool = False  # the SOA is not what was signed
    unsigned: tuple[str, ...] = ()  # types without a signature
    expired_sets: dict[tuple[str, str], datetime] = field(default_factory=dict)
    bare_sets: tuple[tuple[str, str], ...] = ()
    keyless: tuple[str, ...] = ()  # servers with an unsigned copy of the zone
    refused: str = ""  # a resolver's reason to refuse everything
    empty: dict[tuple[str, str], tuple[Record, ...]] = field(default_factory=dict)  # the proof
    further: dict[str, tuple[str, ...]] = field(default_factory=dict)  # NSEC3PARAM, CDS, CDNSKEY
    odd_further: dict[str, dict[str, tuple[str, ...]]] = field(default_factory=dict)  # by server
    above: tuple[Lookup, ...] = ()
    chain: tuple[Lookup, ...] = ()
    anchor: tuple[str, ...] = ()
    parents: tuple[Mapping[str, object], ...] = ({}, {})  # what each of the parent's servers says
    glue: dict[str, tuple[str, ...]] = field(default_factory=dict)
    ns_aliases: dict[str, str] = field(default_factory=dict)
    own_hosts: dict[str, tuple[str, ...]] = field(default_factory=dict)  # of servers in the zone
    tcp: dict[str, Mapping[str, object]] = field(default_factory=dict)
    reverse: dict[str, str] = field(default_factory=dict)  # address → another name, or ""
    remembered: dict[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)
    # the rest
    registration: Registration | None = None
    walks: dict[str, tuple[Exchange, ...]] = field(default_factory=dict)
    outcomes: dict[str, str] = field(default_factory=dict)
    families: tuple[Exchange, ...] = ()
    contact: Exchange | None = None
    shakes: dict[str, Handshake] = field(default_factory=dict)
    challenges: dict[str, RedirectChain] = field(default_factory=dict)
    authority_lookups: tuple[Lookup, ...] = ()  # by an authority, of the DNS
    old: tuple[Handshake, ...] = ()  # offered only what browsers gave up
    mail_addresses: dict[str, tuple[str, ...]] = field(
        default_factory=lambda: {MX: ("192.0.9.25",)}
    )
    mail_trouble: dict[str, Trouble] = field(default_factory=dict)
    mail_aliases: dict[str, str] = field(default_factory=dict)
    greetings: dict[str, Mapping[str, object]] = field(default_factory=dict)
    reference: SmtpDialogue | None = None
    unasked: str = ""
    implicit: tuple[str, ...] = ()
    post: Post = field(default_factory=Post)
    services: tuple[HostedService, ...] = ()
    usage: tuple[Usage, ...] = ()
    limits: tuple[ResourceLimit, ...] = ()
    redirects: tuple[Redirect, ...] = ()
    sites: tuple[HostedSite, ...] = ()
    mail_local: bool | None = True
    expected: Expectations = HERE
    known_incidents: MatchingIncident = NOTHING_KNOWN
    standpoint: Standpoint = HERE_ALL_WORKS
    missing: dict[str, Missing] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)
    symptom: str = ""

    def __post_init__(self) -> None:
        self.host = self.host or self.domain
        www = f"www.{self.domain}"
        self.zone = {
            (self.domain, "A"): (OURS,),
            (www, "A"): (OURS,),
            (self.domain, "MX"): (f"10 {MX}.",),
            (self.domain, "TXT"): (f'"v=spf1 include:{INCLUDE} -all"',),
            (f"_dmarc.{self.domain}", "TXT"): ('"v=DMARC1; p=reject"',),
            (f"{SELECTOR}._domainkey.{self.domain}", "TXT"): (dkim(),),
            **self.zone,
        }
        self.ds, self.dnskey = (ds(self.domain),), (dnskey(),)
        if self.host not in (self.domain, www):
            self.zone.setdefault((self.host, "A"), (OURS,))
        self.services = (
            HostedService("1", ServiceKind.DOMAIN, self.domain, expires=in_days(300)),
            HostedService("2", ServiceKind.SERVER, "web7", expires=in_days(300)),
            HostedService("3", ServiceKind.PROJECT, self.domain, expires=in_days(300)),
        )
        self.sites = (HostedSite(self.domain, "/www/cafe", (OURS,), "web7", "/www/cafe/"),)
        self.use(Resource.DISK, 2 * GIGABYTE, 10 * GIGABYTE)
        self.registration = Registration(
            self.domain,
            RegistryState.REGISTERED,
            AT,
            source="rdap",
            expires=in_days(300),
            epp=("ok", "clientTransferProhibited"),
            registrar="Example Registrar",
        )

    # ------------------------------------------------------------ ways to break it
    def use(self, resource: Resource, used: int, limit: int | None) -> None:
        unit = "count" if resource is Resource.INODES else "bytes"
        rest = tuple(u for u in self.usage if u.resource is not resource)
        self.usage = (*rest, Usage(resource, used, limit, unit, AT, "panel"))

    def registered(self, **changes: object) -> None:
        self.registration = replace(self.registration, **changes)

    def public(self) -> None:
        """What a stranger's run sees: no panel, only the provider-wide expectations."""
        self.missing["hosting"] = Missing.WITHHELD
        self.expected = replace(self.expected, own=False)
        self.greetings, self.unasked = {"*": {}}, "withheld"
        self.missing |= dict.fromkeys(("mail_ports", "mailbox", "sign_in"), Missing.WITHHELD)
        self.post.sending = {}

    def undelegated(self, outcome: Delegated) -> None:
        """As the collectors behave when there is nobody to ask."""
        self.outcome, self.servers, self.zone = outcome, {}, {}
        auth = ("spf", "dkim", "dmarc", "sts", "dane", "bimi")
        nobody = ("records", "dnssec", "servers", "tls", *auth)
        self.missing |= dict.fromkeys(nobody, Missing.SKIPPED)
        self.missing |= dict.fromkeys(("mail", "mail_names", "mail_setup"), Missing.TROUBLE)
        self.every_walk(lambda url: (hop(url, trouble=Trouble.NXDOMAIN, ip=""),), "trouble")

    def every_walk(
        self,
        walk: Callable[[str], tuple[Exchange, ...]],
        outcome: str = "arrived",
        *,
        plain: bool = False,
    ) -> None:
        """Every starting address is walked so; a page is led to from http unless `plain`."""
        for url in start_urls(self.subject()):
            self.walks[url], self.outcomes[url] = walk(url), outcome
            only = self.walks[url][0] if len(self.walks[url]) == 1 else None
            if plain or only is None or only.trouble or only.status >= 300:
                continue
            if only.url.startswith("http:"):
                safe = url.replace("http:", "https:")
                self.walks[url] = (hop(url, 301, to=safe), *walk(safe))

    def certified(self, cert: Certificate, **changes: object) -> None:
        for host in (self.domain, f"www.{self.domain}"):
            self.shakes[host] = replace(self._sound_shake(host), chain=(cert, ISSUER), **changes)

    # ------------------------------------------------------------ evidence
    def subject(self) -> Subject:
        text = self.text or self.host
        return Subject(self.kind, text, self.host, self.domain, self.url, self.mailbox)

    def evidence(self) -> Evidence:
        values = {
            keys.DELEGATION: self._delegation(),
            keys.RECORDS: Records(self.domain, self._lookups()),
            keys.DNSSEC: self._keys(),
            keys.SERVERS: self._servers(),
            keys.CACHES: self._caches(),
            keys.REGISTRATION: self.registration,
            WEB: self._web(),
            TLS: TlsHandshakes(
                tuple(self._shakes()), tuple(self._challenges()), self.authority_lookups, self.old
            ),
            keys.MAIL: self._mail(),
            **self._proofs(),
            keys.HOSTING: self._hosting(),
            keys.EXPECTED: self.expected,
            keys.KNOWN_INCIDENT: self.known_incidents,
            keys.STANDPOINT: self.standpoint,
            keys.INSTRUCTED: self._instructed() if RECORDS_ANSWER in self.answers else None,
        }
        items = []
        for key, value in values.items():
            reason = self.missing.get(key.name) or (Missing.SKIPPED if value is None else None)
            items.append(Item(key.name, None if reason else value, AT, missing=reason))
        return evidence_of((*items, *self.post.items(self.domain, self.missing)))

    def report(self) -> Report:
        subject, symptom = self.subject(), self.symptom
        done = RunState.DONE
        run = Run("r", "h", subject, Scope.STAFF, symptom, done, AT, answers=self.answers)
        return evaluate(run, self.evidence(), AT, checks=CHECKS, symptom=find(self.symptom))

    def _instructed(self) -> InstructedRecords:
        instructions = parse_instructions(self.answers[RECORDS_ANSWER], self.domain)
        wanted = required_queries(instructions.records, self.domain)
        silent = "records" in self.missing
        return InstructedRecords(
            self.domain, instructions, () if silent else self._everywhere(wanted)
        )

    def _web(self) -> WebWalks:
        chains = tuple(self._chain(url) for url in start_urls(self.subject()))
        return WebWalks(chains, self.families, self.contact)

    def _chain(self, url: str) -> RedirectChain:
        if url in self.walks:
            return RedirectChain(url, self.walks[url], self.outcomes.get(url, "arrived"))
        if url == f"https://www.{self.domain}/":
            to = f"https://{self.domain}/"
            return RedirectChain(url, (hop(url, 301, to=to), hop(to)), "arrived")
        if url.startswith("https:"):
            return RedirectChain(url, (hop(url),), "arrived")
        safe = url.replace("http:", "https:")
        return RedirectChain(url, (hop(url, 301, to=safe), hop(safe)), "arrived")

    def _sound_shake(self, host: str) -> Handshake:
        leaf = certificate(self.domain, f"www.{self.domain}", self.host)
        return Handshake(
            host, OURS, 443, AT, "TLSv1.3", chain=(leaf, ISSUER), verified=True, name_matches=True
        )

    def _shakes(self) -> list[Handshake]:
        hosts = dict.fromkeys((self.domain, f"www.{self.domain}", self.host))
        return [self.shakes.get(host) or self._sound_shake(host) for host in hosts]

    def _challenges(self) -> list[RedirectChain]:
        sound = {
            host: f"http://{host}/.well-known/acme-challenge/jasno-self-check"
            for host in (self.domain, f"www.{self.domain}")
        }
        return [
            self.challenges.get(host) or RedirectChain(url, (hop(url, 404),), "arrived")
            for host, url in sound.items()
        ]

    def _mail(self) -> MailServers:
        lookups = tuple(x for x in self._lookups() if x.name == self.domain and x.type == "MX")
        mx_values = {tuple(v.split(" ", 1)) for x in lookups for v in x.values("MX")}
        names = sorted((int(rank), name.rstrip(".")) for rank, name in mx_values)
        hosts = tuple(self._mail_host(r, n) for r, n in names if n)
        return MailServers(self.domain, lookups, hosts, self.implicit, self.unasked, self.reference)

    def _mail_host(self, rank: int, name: str) -> MailHost:
        addresses = self.mail_addresses.get(name, ())
        trouble = None if addresses else self.mail_trouble.get(name, Trouble.NXDOMAIN)
        if "*" in self.greetings or not addresses:
            return MailHost(name, rank, addresses, trouble)
        sound = {"greeting": f"220 {name}", "code": 220, "starttls": True}
        change = self.greetings.get(name, {})
        if "trouble" in change:  # nobody greeted
            sound = {"greeting": "", "code": 0}
        talk = SmtpDialogue(name, addresses[0], 25, AT, **(sound | change))
        return MailHost(name, rank, addresses, trouble, talk, self.mail_aliases.get(name, ""))

    def _hosting(self) -> HostingFacts:
        return HostingFacts(
            Account("mara", "Mara", (self.domain,)),
            self.services,
            self.usage,
            self.limits,
            self.redirects,
            self.sites,
            AT,
            self.mail_local,
            tuple(SigningKey(*key) for key in self.panel_keys),
        )


@dataclass(frozen=True)
class Expected:
    """A case: a name, what is broken, and the exact findings: alone, following, not known.

    `first_findings` says which finding a report under a symptom begins with.
    """

    name: str
    change: Callable[[Scene], object]
    heads: tuple[str, ...] = ()
    followers: tuple[str, ...] = ()
    unknown: tuple[str, ...] | None = ()  # None: not looked at here
    start: Callable[[], Scene] = Scene
    first_findings: Mapping[str, str] = field(default_factory=dict)  # by symptom

    def scene(self) -> Scene:
        scene = self.start()
        self.change(scene)
        return scene

    @cached_property
    def report(self) -> Report:
        """Of the case as it is, under no symptom; several tests look at it."""
        return self.scene().report()

    def problems(self) -> tuple[list[str], list[str], list[str]]:
        """Ids of what stands alone, what follows, what is not known; quiet notes only where due."""
        quiet = QUIET - {*self.heads, *self.followers}
        judged = (j for j in self.report.findings if j.finding.id not in quiet)
        not_passed = [j for j in judged if j.status is not FindingStatus.PASS]
        definite = [j for j in not_passed if j.status is not FindingStatus.UNKNOWN]
        return (
            sorted(j.finding.id for j in definite if not j.cause),
            sorted(j.finding.id for j in definite if j.cause),
            sorted(j.finding.id for j in not_passed if j.status is FindingStatus.UNKNOWN),
        )
