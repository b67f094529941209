"""Keys of [mail] and [[channel]]: how letters leave, and where operators hear of what happens."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from settings.schema.key_types import Identifier, Secret, Section


class MailSection(Section, frozen=True):
    """How letters leave. `outbox` writes them into a folder in var/."""

    #: How letters leave: {kinds}.
    #: kind = "outbox"
    kind: str = "outbox"
    #: From whom.
    #: #sender = "support@skyhost.example"
    sender: str = "support@localhost"
    #: The server that takes them.
    host: str = "127.0.0.1"
    #: Its port.
    port: Annotated[int, Meta(ge=1, le=65535)] = 587
    #: To sign in with, when it wants that.
    username: str = ""
    #: The password.
    password: Secret = ""
    #: "none", "starttls" or "tls".
    security: Literal["none", "starttls", "tls"] = "starttls"


class ChannelSection(Section, frozen=True):
    """Where operators hear of what happens, through Apprise. Quiet unless told otherwise: when
    an incident opens and when it is over, not each update, and no maintenance."""

    #: Short name.
    #: #id = "oncall"
    id: Identifier
    #: The address; it usually holds a token, so keep the file private.
    #: #url = "mmost://chat.skyhost.example/token"
    url: Annotated[str, Meta(min_length=3, max_length=2000)]
    #: What it hears: incident.opened, incident.updated, incident.resolved, incident.postmortem,
    #: maintenance.announced, maintenance.reminder, maintenance.started, maintenance.ended,
    #: maintenance.changed, maintenance.cancelled, announcement.published.
    hears: tuple[str, ...] = ("incident.opened", "incident.resolved")
    #: Only these components; all when both lists are empty.
    #: #components = ["web1"]
    components: tuple[str, ...] = ()
    #: Only these groups, with whatever belongs to them.
    #: #groups = ["Hosting"]
    groups: tuple[str, ...] = ()
    #: Its language, one of the site's; English, or the first of them, when absent.
    #: #lang = "en"
    lang: str = ""
