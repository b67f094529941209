"""Every key of jasno.toml, with its type, its default and its words. Nothing else.

The `#:` comment above a key is what people read of it: in jasno.example.toml (`python docs/generate.py`
writes it) and in the reference. Lines of it that are TOML stand in the example as they are, with a `#`
before what is off; without one the default stands there, off.
"""

from __future__ import annotations

from typing import Literal, get_args, get_type_hints

from msgspec import Meta

from settings.schema.hosting import PanelSection, ProviderSection
from settings.schema.key_types import IDENTIFIER, URL, WEB_ORIGIN, Secret, Section
from settings.schema.letters import ChannelSection, MailSection
from settings.schema.network import NetworkSection, VantageSection
from settings.schema.site import DatabaseSection, ServerSection, SiteSection, TextsSection
from settings.schema.status import (
    ComponentSection,
    ProbeSection,
    StatusSection,
    TemplateSection,
    UptimeSection,
)
from settings.schema.support import DepartmentSection, DeskSection, PolicySection
from settings.schema.upkeep import MirrorSection, RetentionSection

__all__ = [
    "IDENTIFIER",
    "SECRETS",
    "URL",
    "WEB_ORIGIN",
    "ChannelSection",
    "ComponentSection",
    "DatabaseSection",
    "DepartmentSection",
    "DeskSection",
    "MailSection",
    "MirrorSection",
    "NetworkSection",
    "PanelSection",
    "PolicySection",
    "ProbeSection",
    "ProviderSection",
    "RetentionSection",
    "Section",
    "ServerSection",
    "Settings",
    "SiteSection",
    "StatusSection",
    "TemplateSection",
    "TextsSection",
    "UptimeSection",
    "VantageSection",
    "known_keys",
]


class Settings(Section, frozen=True):
    """The whole configuration."""

    #: Signs forms and links; at least 32 bytes. Made in var/ with mode 0600 when it is absent.
    secret_key: Secret = ""
    #: The data folder, from the working folder; "var" when absent. JASNO_VAR overrides it.
    #: #var = "var"
    var: str = ""
    site: SiteSection = SiteSection()
    texts: TextsSection = TextsSection()
    server: ServerSection = ServerSection()
    database: DatabaseSection = DatabaseSection()
    #: What readers know a service by; one table for each.
    component: tuple[ComponentSection, ...] = ()
    #: One look at a component, again and again; further keys belong to the kind, see docs/status.md.
    probe: tuple[ProbeSection, ...] = ()
    status: StatusSection = StatusSection()
    uptime: UptimeSection = UptimeSection()
    #: Words to begin an incident with. An id such as auto-open takes the place of what probes say.
    template: tuple[TemplateSection, ...] = ()
    #: A team that answers tickets.
    department: tuple[DepartmentSection, ...] = ()
    policy: PolicySection = PolicySection()
    #: How bad a finding is, by its id, where you see it differently: critical, error, warning, notice, info.
    #: #[severity]
    #: #"mail.mx.elsewhere" = "notice"
    severity: dict[str, Literal["critical", "error", "warning", "notice", "info"]] = {}
    provider: ProviderSection = ProviderSection()
    panel: PanelSection = PanelSection()
    desk: DeskSection = DeskSection()
    mail: MailSection = MailSection()
    #: Where operators hear of what happens, as an Apprise address (https://github.com/caronc/apprise).
    #: Needs an extra package: `make apprise` installs it.
    #: #[[channel]]
    channel: tuple[ChannelSection, ...] = ()
    network: NetworkSection = NetworkSection()
    vantage: VantageSection = VantageSection()
    retention: RetentionSection = RetentionSection()
    mirror: MirrorSection = MirrorSection()


def known_keys() -> dict[str, object]:
    """Every key that stands alone, as section.key, with its type; arrays of tables as a whole."""
    keys: dict[str, object] = {}
    for name, kind in get_type_hints(Settings, include_extras=True).items():
        if isinstance(kind, type) and issubclass(kind, Section):
            hints = get_type_hints(kind, include_extras=True)
            keys |= {f"{name}.{key}": hint for key, hint in hints.items()}
        else:
            keys[name] = kind
    return keys


def _is_secret(kind: object) -> bool:
    metas = (extra for extra in get_args(kind) if isinstance(extra, Meta))
    return any((meta.extra or {}).get("secret") for meta in metas)


SECRETS = frozenset(key for key, kind in known_keys().items() if _is_secret(kind))
