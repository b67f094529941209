"""A cState site (Hugo): its systems as components in their categories, and which of its files are issues. Pure.
Issues are read in issues.py.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from importers.configuration import ConfigurationBuilder, ImportedConfiguration
from importers.history import SourceService
from importers.source import (
    Fields,
    ImportNote,
    NotImported,
    SourceEntry,
    UnreadableSource,
    listed_entries,
    noting,
    parse_json,
    parse_toml,
    parse_yaml,
    quoted,
    reading_file,
    text_of,
)
from settings.near_names import near_name

_CONFIG = re.compile(r"(?:config/_default/)?(?:config|hugo)\.(ya?ml|toml|json)")
_PARAMS = re.compile(r"config/_default/params\.(ya?ml|toml|json)")
_CONTENT = re.compile(r"content/(?:([a-z]{2})/)?(.+?)(?:/index)?(?:\.([a-z]{2}))?\.md")
_NAMED_UTC = ("", "UTC", "Etc/UTC")
_PARSERS = {"yml": parse_yaml, "yaml": parse_yaml, "toml": parse_toml, "json": parse_json}


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

    systems: list[SourceEntry] = field(default_factory=list)
    untitled: set[str] = field(default_factory=set)  # categories whose name is not shown
    categories: list[str] = field(default_factory=list)
    lang: str = ""
    zone: ZoneInfo | None = None
    issues: list[IssueFile] = field(default_factory=list)
    leftovers: list[ImportNote] = field(default_factory=list)

    def in_order(self) -> list[SourceEntry]:
        """The systems as the page showed them: by their category's place."""

        def place(system: SourceEntry) -> int:
            category = text_of(system.fields.get("category"))
            order = self.categories
            return order.index(category) if category in order else len(order)

        return sorted(self.systems, key=place)

    def group_of(self, system: Fields) -> str:
        """The name of the category that a system stands in, as the page showed it. Raises
        NotImported when it is none of the site's."""
        category = text_of(system.get("category"))
        if category and self.categories and category not in self.categories:
            near = near_name(category, self.categories)
            nearest = f"; the nearest is {quoted(near)}" if near else ""
            raise NotImported(f"category: {quoted(category)} is none of the site's{nearest}")
        return "" if category in self.untitled else category


def is_site_file(path: str) -> bool:
    """Whether a file of a site, by its path below the folder, is one that is read here."""
    return any(pattern.fullmatch(path) for pattern in (_CONFIG, _PARAMS, _CONTENT))


def read_site(files: Mapping[str, str]) -> CstateSite:
    """What its files hold, by their path below the folder. Raises UnreadableSource."""
    config_file, config = _first(files, _CONFIG)
    params_file, params = _first(files, _PARAMS)
    if not config_file and not params_file:
        raise UnreadableSource("there is no config.yml or hugo.yml in it: is it a site of cState?")
    if not params:
        given = config.get("params")
        params_file, params = config_file, given if isinstance(given, dict) else {}
    site = CstateSite(lang=_language(config))
    site.zone = _zone(config, config_file, site.leftovers)
    categories = f"{params_file}: categories"
    for category in listed_entries(params.get("categories"), categories, site.leftovers):
        name = text_of(category.fields.get("name"))
        site.categories.append(name)
        if category.fields.get("untitled"):
            site.untitled.add(name)
    systems = f"{params_file}: systems"
    site.systems = list(listed_entries(params.get("systems"), systems, site.leftovers))
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
    for entry in site.in_order():
        system, key = entry.fields, text_of(entry.fields.get("name"))
        name, where = text_of(system.get("displayName")) or key, entry.where(key)
        with noting(where, builder.leftovers):
            if key.casefold() in brought:
                raise NotImported("name: it is there twice")
            group = site.group_of(system)
            service = builder.add_service(name, group, text_of(system.get("description")))
            brought[key.casefold()] = SourceService(key, service.name, group, service.id)
            if system.get("link"):
                builder.leftovers.append(ImportNote(where, "link: not kept"))
    return brought


def _first(files: Mapping[str, str], pattern: re.Pattern[str]) -> tuple[str, Fields]:
    """The first file of such a name, and its keys; "" and none without one."""
    for path in sorted(files):
        if match := pattern.fullmatch(path):
            with reading_file(path):
                document = _PARSERS[match[1]](files[path])
            return path, document if isinstance(document, dict) else {}
    return "", {}


def _language(config: Fields) -> str:
    """The language that its content is written in, by two letters."""
    code = text_of(config.get("defaultContentLanguage") or config.get("languageCode"))
    return code[:2].lower()


def _zone(config: Fields, file: str, notes: list[ImportNote]) -> ZoneInfo:
    """The zone of times that name none: Hugo takes its `timeZone`, else UTC."""
    name = text_of(config.get("timeZone"))
    try:
        return ZoneInfo("UTC" if name in _NAMED_UTC else name)
    except (ValueError, OSError, LookupError):
        text = f"timeZone: {quoted(name)} is no time zone: UTC was taken"
        notes.append(ImportNote(file, text))
        return ZoneInfo("UTC")
