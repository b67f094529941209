"""A site of cState (Hugo): its systems in their categories as components, and which file is an
issue. Pure; issues are read in issues.py."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import msgspec

from importers.configuration import (
    ConfigurationBuilder,
    Fields,
    ImportedConfiguration,
    ImportNote,
    NotImported,
    UnreadableSource,
    text_of,
)
from importers.history import SourceService
from importers.yaml_text import parse_yaml

_CONFIG = re.compile(r"(?:config/_default/)?(?:config|hugo)\.(ya?ml|toml|json)")
_PARAMS = re.compile(r"config/_default/params\.(ya?ml|toml|json)")
_CONTENT = re.compile(r"content/(?:([a-z]{2})/)?(.+?)(?:/index)?(?:\.([a-z]{2}))?\.md")
_NAMED_UTC = ("", "UTC", "Etc/UTC")


@dataclass(frozen=True, slots=True)
class IssueFile:
    """A page of the content: its name without language and ending, and its language, if it says."""

    name: str
    lang: str
    text: str
    path: str


@dataclass(slots=True)
class CstateSite:
    """What a folder holds."""

    systems: list[Fields] = field(default_factory=list)
    untitled: set[str] = field(default_factory=set)  # categories whose name is not shown
    categories: list[str] = field(default_factory=list)
    lang: str = ""
    zone: ZoneInfo | None = None
    issues: list[IssueFile] = field(default_factory=list)
    leftovers: list[ImportNote] = field(default_factory=list)

    def in_order(self) -> list[Fields]:
        """The systems as the page showed them: by their category's place."""

        def place(system: Fields) -> int:
            category = text_of(system.get("category"))
            order = self.categories
            return order.index(category) if category in order else len(order)

        return sorted(self.systems, key=place)


def read_site(files: Mapping[str, str]) -> CstateSite:
    """What its files hold, by their path below the folder. Raises UnreadableSource."""
    config, params = _first(files, _CONFIG), _first(files, _PARAMS)
    if config is None and params is None:
        raise UnreadableSource("there is no config.yml or hugo.yml in it: is it a site of cState?")
    config = config or {}
    given = config.get("params")
    params = params or (given if isinstance(given, dict) else {})
    site = CstateSite(lang=_language(config), zone=_zone(config))
    for category in _mappings(params, "categories", site):
        name = text_of(category.get("name"))
        site.categories.append(name)
        if category.get("untitled"):
            site.untitled.add(name)
    site.systems = _mappings(params, "systems", site)
    if not site.systems:
        raise UnreadableSource("its configuration names no systems: is it a site of cState?")
    for path, text in files.items():
        if match := _CONTENT.fullmatch(path):
            folder_lang, name, lang = match.groups()
            if not name.endswith("_index"):
                site.issues.append(IssueFile(name, lang or folder_lang or "", text, path))
    return site


def read(files: Mapping[str, str]) -> ImportedConfiguration:
    """Its systems as components without probes. Raises UnreadableSource."""
    site = read_site(files)
    builder = ConfigurationBuilder()
    services(site, builder)
    builder.leftovers += site.leftovers
    if site.issues:
        builder.leftovers.append(ImportNote("issues", "their history is brought by --history"))
    return builder.built()


def services(site: CstateSite, builder: ConfigurationBuilder) -> dict[str, SourceService]:
    """Its systems by their name there, in small letters, as the builder takes them."""
    brought: dict[str, SourceService] = {}
    for system in site.in_order():
        key, category = text_of(system.get("name")), text_of(system.get("category"))
        name = text_of(system.get("displayName")) or key
        group = "" if category in site.untitled else category
        try:
            if key.casefold() in brought:
                raise NotImported("its name is there twice")  # noqa: TRY301 - told as the others are
            id_ = builder.add_service(name, group, text_of(system.get("description")))
        except NotImported as reason:
            builder.leftovers.append(ImportNote(key or "a system", f"not brought: {reason}"))
            continue
        if system.get("link"):
            builder.leftovers.append(ImportNote(key, "its link is not kept"))
        brought[key.casefold()] = SourceService(key, builder.services[-1].name, group, id_)
    return brought


def parse_data(text: str, kind: str) -> object:
    """YAML, TOML or JSON. Raises UnreadableSource."""
    if kind in ("yml", "yaml"):
        return parse_yaml(text)
    try:
        return tomllib.loads(text) if kind == "toml" else msgspec.json.decode(text)
    except (tomllib.TOMLDecodeError, msgspec.DecodeError, RecursionError) as error:
        raise UnreadableSource(f"this is no {kind.upper()}: {str(error)[:200]}") from None


def _first(files: Mapping[str, str], pattern: re.Pattern[str]) -> Fields | None:
    for path in sorted(files):
        if match := pattern.fullmatch(path):
            document = parse_data(files[path], match[1])
            return document if isinstance(document, dict) else {}
    return None


def _mappings(params: Fields, key: str, site: CstateSite) -> list[Fields]:
    given = params.get(key)
    entries = given if isinstance(given, list) else []
    mappings: list[Fields] = []
    for number, entry in enumerate(entries, 1):
        if isinstance(entry, dict):
            mappings.append(entry)
        else:
            site.leftovers.append(ImportNote(f"{key} {number}", "not brought: it has no keys"))
    return mappings


def _language(config: Fields) -> str:
    """The language that its content is written in, by two letters."""
    code = text_of(config.get("defaultContentLanguage") or config.get("languageCode"))
    return code[:2].lower()


def _zone(config: Fields) -> ZoneInfo:
    """The zone of times that name none: Hugo takes its `timeZone`, else UTC."""
    name = text_of(config.get("timeZone"))
    try:
        return ZoneInfo("UTC" if name in _NAMED_UTC else name)
    except (ValueError, OSError, LookupError):
        return ZoneInfo("UTC")
