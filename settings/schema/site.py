"""Keys of [site], [texts], [server] and [database]: name, languages, own words, processes, database."""

from __future__ import annotations

from typing import Literal

from settings.schema.key_types import DisplayName, Positive, Secret, Section, WebOrigin


class SiteSection(Section, frozen=True):
    """What readers see: name, addresses without a slash at the end, languages, time zone, brand."""

    #: The provider's name as readers know it.
    #: name = "Skyhost"
    name: DisplayName = "Jasno"
    #: Where visitors reach this installation; no slash at the end.
    #: url = "http://127.0.0.1:8000"
    url: WebOrigin = "http://127.0.0.1:8000"
    #: The status page's own address, when it lives on another domain.
    #: #status_url = "https://status.skyhost.example"
    status_url: WebOrigin | Literal[""] = ""
    #: Further names we answer to, besides those of url and status_url; localhost always works here.
    #: #hosts = ["www.skyhost.example"]
    hosts: tuple[str, ...] = ()
    #: Languages offered; all that are shipped when empty. A draft (docs/adding/language.md) may be named
    #: too: it is labelled, and what it does not say yet is shown in English.
    #: #languages = ["cs", "en"]
    languages: tuple[str, ...] = ()
    #: The time zone in which pages, letters and operators' forms tell the time, such as Europe/Prague.
    time_zone: str = "UTC"
    #: Brand: "logo" is an address below /static/, "colour" one colour such as "#0b6e4f".
    #: #brand = { colour = "#0b6e4f" }
    brand: dict[Literal["logo", "colour"], str] = {}


class TextsSection(Section, frozen=True):
    """The operator's own words in place of ours: a folder with a file `<lang>.toml` a language, and
    a folder of articles, `<topic>/<lang>.md`."""

    #: A folder with your own words in place of ours: en.toml, cs.toml and so on, see docs/texts.md.
    #: #folder = "texts"
    folder: str = ""
    #: A folder with your own articles, <topic>/<lang>.md, which replace ours of that name or stand beside them.
    #: #articles = "articles"
    articles: str = ""


class ServerSection(Section, frozen=True):
    """How the web process listens. `metrics_token` opens /readyz and /metrics from afar."""

    #: Address and port to listen on.
    #: bind = "127.0.0.1:8000"
    bind: str = "127.0.0.1:8000"
    #: Addresses or networks of proxies whose X-Forwarded-For is believed.
    #: #trusted_proxies = ["127.0.0.1", "::1"]
    trusted_proxies: tuple[str, ...] = ()
    #: Web processes.
    workers: Positive = 1
    #: Requests that one web process works on at a time.
    threads: Positive = 16
    #: A token that opens /readyz and /metrics from other machines.
    metrics_token: Secret = ""


class DatabaseSection(Section, frozen=True):
    """SQLite below var/ when empty; else postgresql://user:password@host/name."""

    #: Empty: SQLite in var/jasno.db. Else a PostgreSQL address.
    #: #url = "postgresql://jasno:secret@db.skyhost.example/jasno"
    url: Secret = ""
