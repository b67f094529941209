"""Keys of [[component]], [[probe]], [status], [uptime] and [[template]]: what is watched, counted and said."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from msgspec import Meta, Struct

from settings.schema.key_types import DisplayName, Identifier, Positive, Secret, Section


class ComponentSection(Section, frozen=True):
    """Something readers know by name."""

    #: Short name for addresses and for probes.
    #: id = "web1"
    id: Identifier
    #: What readers see.
    #: name = "Web hosting 1"
    name: DisplayName
    #: Heading under which it stands.
    #: group = "Hosting"
    group: str = ""
    #: One sentence more, for readers.
    description: str = ""
    #: What readers of a language know it by, where that differs.
    #: #names = { cs = "Webhosting 1" }
    names: dict[str, DisplayName] = {}
    #: What they know its heading by; the first service under it says so.
    #: #group_names = { cs = "Hosting" }
    group_names: dict[str, DisplayName] = {}
    #: The sentence in their language.
    #: #descriptions = { cs = "" }
    descriptions: dict[str, str] = {}
    #: Hosts, clusters or data centres it stands for, as the panel calls them.
    #: servers = ["web1.skyhost.example"]
    servers: tuple[str, ...] = ()
    #: Components whose fall explains this one's.
    #: #depends_on = ["network"]
    depends_on: tuple[str, ...] = ()
    #: When probes see an outage: "auto" publishes it, "draft" waits for approval, "manual" does nothing.
    policy: Literal["auto", "draft", "manual"] = "auto"
    #: Whether readers see charts of how fast it answers; as [status] charts says when absent.
    #: #charts = true
    charts: bool | None = None


class ProbeSection(Struct, frozen=True, kw_only=True):
    """One look at a component, again and again. Further keys belong to its kind."""

    #: Short name.
    #: name = "web1-http"
    name: Identifier
    #: What kind of look: http, dns, …
    #: kind = "http"
    kind: str
    #: The id of its component.
    #: component = "web1"
    component: str
    #: What is looked at: an address for http, a name for dns.
    #: target = "http://www.skyhost.example/"
    target: Annotated[str, Meta(max_length=2000)] = ""
    #: How often.
    interval: timedelta = timedelta(seconds=60)
    #: When to give up.
    timeout: timedelta = timedelta(seconds=10)
    #: Bad looks in a row until it counts.
    fail_after: Positive = 3
    #: Good looks in a row until it is well again.
    recover_after: Positive = 2
    #: From where it is looked at: names of vantages, this machine's own among them; from here when empty.
    #: #vantages = ["local", "praha", "wien"]
    vantages: tuple[str, ...] = ()
    #: How many of them must agree; more than half when 0.
    #: #agree = 2
    agree: Annotated[int, Meta(ge=0, le=50)] = 0
    #: Of kind http: several requests that follow each other, such as a sign-in; see docs/probes.md.
    #: #steps = [{ save = { page = "regex <title>(.*?)</title>" } }, { name = "search", url = "/find?q={page}", contains = "results" }]
    settings: dict[str, object] = {}


class StatusSection(Section, frozen=True):
    """What the engine says by itself; who is reminded of an incident without news. `ping_key` opens
    every heartbeat by its name, as healthchecks' ping keys do; `charts` shows readers response times."""

    #: Operators are reminded of an open incident that has had no news for so long; "none" for never.
    remind_after: timedelta | None = timedelta(hours=4)
    #: To whom such reminders are mailed; nobody: they only stand in the log.
    #: #remind_to = ["noc@skyhost.example"]
    remind_to: tuple[str, ...] = ()
    #: Readers are reminded of planned work so long before it begins; "none" for not at all.
    remind_before: timedelta | None = timedelta(hours=24)
    #: Who has this key may send in a word for every heartbeat, at /ping/<key>/<name of the probe>, as with
    #: healthchecks' ping keys; 16 characters at least. Without one, each job has an address of its own.
    ping_key: Annotated[Secret, Meta(pattern="^([A-Za-z0-9_-]{16,100})?$")] = ""
    #: Whether readers see charts of how fast services answer, over 24 hours, 7, 30 and 90 days. Operators always do.
    charts: bool = False


Weight = Annotated[float, Meta(ge=0, le=1)]


class UptimeSection(Section, frozen=True):
    """How uptime is counted; it is stated wherever a figure stands."""

    #: The share of an outage that a partial outage counts as, 0 to 1.
    partial: Weight = 0.3
    #: The same for slow or unstable service.
    degraded: Weight = 0.0
    #: Announced maintenance: "excluded" from the sum, or counted as "up" or as "down".
    maintenance: Literal["excluded", "up", "down"] = "excluded"


class TemplateSection(Section, frozen=True, kw_only=True):
    """Words to begin an incident with, by language; an id that begins with auto- speaks for probes."""

    #: Short name.
    #: id = "disk"
    id: Identifier
    #: What operators see in the list.
    #: name = "A disk has failed"
    name: str = ""
    #: The headline by language; {parts:list} names the services.
    #: #title = { en = "Disk trouble: {parts:list}" }
    title: dict[str, str] = {}
    #: The text by language.
    #: text = { en = "A disk has failed and is being replaced. Your data are safe." }
    text: dict[str, str]
    #: The state it begins in: investigating, identified, monitoring, resolved.
    #: #state = "identified"
    state: Literal["investigating", "identified", "monitoring", "resolved"] = "investigating"
