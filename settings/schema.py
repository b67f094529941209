"""Every key of jasno.toml, with its type and its default. Nothing else."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Literal

from msgspec import Meta, Struct

Positive = Annotated[int, Meta(ge=1)]
DisplayName = Annotated[str, Meta(min_length=1, max_length=100)]
IDENTIFIER = r"^[a-z0-9][a-z0-9_\-]{0,62}$"
WEB_ORIGIN = r"^https?://[^\s/]+$"
URL = r"^https?://[^\s]+$"
Identifier = Annotated[str, Meta(pattern=IDENTIFIER)]
WebOrigin = Annotated[str, Meta(pattern=WEB_ORIGIN)]
UrlText = Annotated[str, Meta(pattern=URL)]


class Section(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of jasno.toml."""


class SiteSection(Section, frozen=True):
    """What readers see: name, addresses without a slash at the end, languages, time zone, brand."""

    name: DisplayName = "Jasno"
    url: WebOrigin = "http://127.0.0.1:8000"
    status_url: WebOrigin | Literal[""] = ""
    hosts: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    time_zone: str = "UTC"
    brand: dict[Literal["logo", "colour"], str] = {}


class TextsSection(Section, frozen=True):
    """The operator's own words in place of ours: a folder with a file `<lang>.toml` a language, and
    a folder of articles, `<topic>/<lang>.md`."""

    folder: str = ""
    articles: str = ""


class ServerSection(Section, frozen=True):
    """How the web process listens. `metrics_token` opens /readyz and /metrics from afar."""

    bind: str = "127.0.0.1:8000"
    trusted_proxies: tuple[str, ...] = ()
    workers: Positive = 1
    threads: Positive = 16
    metrics_token: str = ""


class DatabaseSection(Section, frozen=True):
    """SQLite below var/ when empty; else postgresql://user:password@host/name."""

    url: str = ""


class ComponentSection(Section, frozen=True):
    """Something readers know by name."""

    id: Identifier
    name: DisplayName
    group: str = ""
    description: str = ""
    names: dict[str, DisplayName] = {}
    group_names: dict[str, DisplayName] = {}
    descriptions: dict[str, str] = {}
    servers: tuple[str, ...] = ()
    depends_on: tuple[str, ...] = ()
    policy: Literal["auto", "draft", "manual"] = "auto"
    charts: bool | None = None


class ProbeSection(Struct, frozen=True, kw_only=True):
    """One look at a component, again and again. Further keys belong to its kind."""

    name: Identifier
    kind: str
    component: str
    target: Annotated[str, Meta(max_length=2000)] = ""
    interval: timedelta = timedelta(seconds=60)
    timeout: timedelta = timedelta(seconds=10)
    fail_after: Positive = 3
    recover_after: Positive = 2
    vantages: tuple[str, ...] = ()
    agree: Annotated[int, Meta(ge=0, le=50)] = 0
    settings: dict[str, object] = {}


class StatusSection(Section, frozen=True):
    """What the engine says by itself; who is reminded of an incident without news. `ping_key` opens
    every heartbeat by its name, as healthchecks' ping keys do; `charts` shows readers response times."""

    remind_after: timedelta | None = timedelta(hours=4)
    remind_to: tuple[str, ...] = ()
    remind_before: timedelta | None = timedelta(hours=24)
    ping_key: Annotated[str, Meta(pattern="^([A-Za-z0-9_-]{16,100})?$")] = ""
    charts: bool = False


Weight = Annotated[float, Meta(ge=0, le=1)]


class UptimeSection(Section, frozen=True):
    """How uptime is counted; it is stated wherever a figure stands."""

    partial: Weight = 0.3
    degraded: Weight = 0.0
    maintenance: Literal["excluded", "up", "down"] = "excluded"


class TemplateSection(Section, frozen=True):
    """Words to begin an incident with, by language; an id that begins with auto- speaks for probes."""

    id: Identifier
    text: dict[str, str]
    name: str = ""
    title: dict[str, str] = {}
    state: Literal["investigating", "identified", "monitoring", "resolved"] = "investigating"


class DepartmentSection(Section, frozen=True):
    """A team that answers tickets, with its hours and its promise."""

    id: Identifier
    name: str = ""
    names: dict[str, str] = {}
    categories: tuple[str, ...] = ()
    zone: str = "UTC"
    guaranteed: str = "24/7"
    available: str = ""
    country: str = ""
    holidays_too: bool = False
    within: timedelta | None = timedelta(hours=24)
    outage_within: timedelta | None = None


class PolicySection(Section, frozen=True):
    """The least assurance (0 to 3) that an action needs; whether callers prove who they are by a
    code that they read out."""

    actions: dict[str, Annotated[int, Meta(ge=0, le=3)]] = {}
    caller_codes: bool = True


class ProviderSection(Section, frozen=True):
    """What DNS says of a customer whose services are here."""

    nameservers: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    mail_hosts: tuple[str, ...] = ()
    mailbox_hosts: tuple[str, ...] = ()
    spf_include: str = ""
    dkim_selectors: tuple[str, ...] = ()
    outgoing_addresses: tuple[str, ...] = ()
    domain_ends: dict[str, date] = {}


class PanelSection(Section, frozen=True):
    """Where hosting accounts are kept."""

    kind: str = "none"
    url: str = ""
    user: str = ""
    token: str = ""
    timeout: timedelta = timedelta(seconds=5)


class DeskSection(Section, frozen=True):
    """Where agents read tickets, and who gets a letter when there is a new one."""

    kind: str = "local"
    notify: tuple[str, ...] = ()


class MailSection(Section, frozen=True):
    """How letters leave. `outbox` writes them into a folder in var/."""

    kind: str = "outbox"
    sender: str = "support@localhost"
    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=1, le=65535)] = 587
    username: str = ""
    password: str = ""
    security: Literal["none", "starttls", "tls"] = "starttls"


class ChannelSection(Section, frozen=True):
    """Where operators hear of what happens, through Apprise. Quiet unless told otherwise: when
    an incident opens and when it is over, not each update, and no maintenance."""

    id: Identifier
    url: Annotated[str, Meta(min_length=3, max_length=2000)]
    hears: tuple[str, ...] = ("incident.opened", "incident.resolved")
    components: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    lang: str = ""


class NetworkSection(Section, frozen=True):
    """Split horizons, closed networks and tests; see docs/configuration.md."""

    resolvers: tuple[str, ...] = ()
    root_hints: str | dict[str, str | tuple[str, ...]] | tuple[str | tuple[str, str], ...] = ()
    allow: tuple[str, ...] = ()
    hosts: dict[str, str] = {}
    closed: bool = False
    rdap: dict[str, str] = {}
    whois: dict[str, str] = {}
    ca_bundle: str = ""
    dnsbl: tuple[str, ...] = ()
    trust_anchor: str | tuple[str, ...] = ()
    public_resolvers: tuple[str, ...] = ()
    rdap_bootstrap: str = ""
    demo_domains: tuple[str, ...] = ()


class VantageSection(Section, frozen=True):
    """What this machine can see of the world; what it cannot is never a customer's fault."""

    name: str = "local"
    ipv4: bool = True
    ipv6: bool = False
    port25: bool = True
    references: tuple[UrlText, ...] = ()
    mail_references: tuple[str, ...] = ()
    portal: WebOrigin | Literal[""] = ""
    token: str = ""


class RetentionSection(Section, frozen=True):
    """How long things are kept. Observations: each one, then counted by five minutes, hours, days."""

    raw: timedelta = timedelta(days=14)
    five_minutes: timedelta = timedelta(days=90)
    hours: timedelta = timedelta(days=1095)
    days: timedelta = timedelta(days=7300)
    diagnoses: timedelta = timedelta(days=90)
    anonymous_diagnoses: timedelta = timedelta(days=7)
    anonymous_megabytes: Positive = 500
    jobs: timedelta = timedelta(days=1)
    failed_jobs: timedelta = timedelta(days=90)
    effects: timedelta = timedelta(days=120)
    letters: timedelta = timedelta(days=120)
    subscriptions: timedelta = timedelta(days=30)
    check_links: timedelta = timedelta(days=365)
    audit: timedelta = timedelta(days=1095)
    tickets: timedelta | None = timedelta(days=1095)
    quarantine: timedelta = timedelta(days=365)


class MirrorSection(Section, frozen=True):
    """A second place for the status page, kept in step as a static site."""

    folder: str = ""
    command: tuple[str, ...] = ()


class Settings(Section, frozen=True):
    """The whole configuration."""

    site: SiteSection = SiteSection()
    texts: TextsSection = TextsSection()
    server: ServerSection = ServerSection()
    secret_key: str = ""
    var: str = ""
    database: DatabaseSection = DatabaseSection()
    component: tuple[ComponentSection, ...] = ()
    probe: tuple[ProbeSection, ...] = ()
    status: StatusSection = StatusSection()
    uptime: UptimeSection = UptimeSection()
    template: tuple[TemplateSection, ...] = ()
    department: tuple[DepartmentSection, ...] = ()
    policy: PolicySection = PolicySection()
    severity: dict[str, Literal["critical", "error", "warning", "notice", "info"]] = {}
    provider: ProviderSection = ProviderSection()
    panel: PanelSection = PanelSection()
    desk: DeskSection = DeskSection()
    mail: MailSection = MailSection()
    channel: tuple[ChannelSection, ...] = ()
    network: NetworkSection = NetworkSection()
    vantage: VantageSection = VantageSection()
    retention: RetentionSection = RetentionSection()
    mirror: MirrorSection = MirrorSection()


SECRETS = frozenset(
    {
        "secret_key",
        "server.metrics_token",
        "status.ping_key",
        "database.url",
        "panel.token",
        "vantage.token",
        "mail.password",
    }
)
