"""Incident templates in every language of the site: built in, and the operator's own. Pure.

The words that probes use are templates too: `auto-open`, `auto-many`, `auto-change`,
`auto-resolved`, `auto-merged`. An operator's template of the same id takes a built-in one's place.
Built-in ones promise nothing that nobody can know while it is down: no times, nothing of data.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from render.i18n import N_, translate
from render.languages import LANGUAGES
from render.message_format import fill, sentence
from status.model import Component

MAX_NAMED = 5  # services that a sentence names; the rest are counted


@dataclass(frozen=True, slots=True)
class IncidentTemplate:
    """Words to begin with. Texts by language; "" stands for a msgid that every language has."""

    id: str
    name: str
    text: Mapping[str, str]
    title: Mapping[str, str] = field(default_factory=dict)
    state: str = "investigating"

    def fill(
        self, texts: Mapping[str, str], args: Mapping[str, object], languages: Iterable[str]
    ) -> dict[str, str]:
        """Filled: a built-in one for each of some languages, an operator's for those it has."""
        if "" in texts:
            return {
                lang: sentence(lang, texts[""], shorten_lists(args, lang)) for lang in languages
            }
        return {lang: fill(text, shorten_lists(args, lang), lang) for lang, text in texts.items()}

    def unfilled(self, texts: Mapping[str, str], languages: Iterable[str]) -> dict[str, str]:
        """The same, not filled."""
        if "" in texts:
            return {lang: translate(lang, texts[""]) for lang in languages}
        return dict(texts)


def _built_in(
    id: str, name: str, text: str, title: str = "", state: str = "investigating"
) -> IncidentTemplate:
    return IncidentTemplate(id, name, {"": text}, {"": title} if title else {}, state)


BUILT_IN = (
    _built_in(
        "outage",
        N_("Something is down"),
        N_(
            "{parts:list}: not available at the moment. We are looking for the cause and will "
            "write here as soon as we know more."
        ),
        N_("Outage: {parts:list}"),
    ),
    _built_in(
        "slow",
        N_("Something is slow"),
        N_(
            "{parts:list}: slower than usual, or an attempt may fail now and then. We are looking "
            "for the cause and will write here as soon as we know more."
        ),
        N_("Slow or unstable: {parts:list}"),
    ),
    _built_in(
        "network",
        N_("The network is disturbed"),
        N_(
            "Part of our network does not carry traffic as it should, so services may be out of "
            "reach from some places. We are working on it."
        ),
        N_("Trouble in the network"),
    ),
    _built_in(
        "attack",
        N_("An attack is under way"),
        N_(
            "Unusual traffic burdens our services. We are filtering it; pages may open slowly or "
            "not at once."
        ),
        N_("Unusual traffic"),
    ),
    _built_in(
        "identified",
        N_("The cause is known"),
        N_("We have found the cause and are removing it."),
        state="identified",
    ),
    _built_in(
        "monitoring",
        N_("It is fixed and watched"),
        N_("The cause is removed and services work. We keep watching for a while."),
        state="monitoring",
    ),
    _built_in(
        "resolved",
        N_("It is over"),
        N_("Everything works again. Thank you for your patience, and please excuse the trouble."),
        state="resolved",
    ),
    _built_in(
        "auto-open",
        "",
        N_("Our checks see that {name} does not answer as it should. We are looking into it."),
        N_("Trouble with {name}"),
    ),
    _built_in(
        "auto-many",
        "",
        N_("Our checks see trouble with {parts:list}. We are looking into it."),
        N_("Trouble with several services"),
    ),
    _built_in("auto-change", "", N_("Affected now: {parts:list}. Working again: {well:list}.")),
    _built_in("auto-worse", "", N_("Affected now: {parts:list}.")),
    _built_in("auto-better", "", N_("Working again: {well:list}.")),
    _built_in("auto-resolved", "", N_("Our checks see that everything affected works again.")),
    _built_in("auto-merged", "", N_("This has the same cause as another incident: {name}.")),
)
_MORE = N_("{n} more")


def shorten_lists(args: Mapping[str, object], lang: str) -> dict[str, object]:
    """Arguments as a sentence can bear them: long lists name a few and count the rest."""
    return {name: _shorten(value, lang) for name, value in args.items()}


def _shorten(value: object, lang: str) -> object:
    if isinstance(value, Component):
        return value.in_language(lang).name
    if isinstance(value, list | tuple):
        value = [_shorten(inner, lang) for inner in value]
    if not isinstance(value, list | tuple) or len(value) <= MAX_NAMED + 1:
        return value
    more = sentence(lang, _MORE, {"n": len(value) - MAX_NAMED})
    return [*value[:MAX_NAMED], more]


class IncidentTemplates:
    """Templates by id; the operator's own come first and replace built-in ones. `languages` are
    the site's: those in which built-in ones are written."""

    def __init__(
        self,
        own: tuple[IncidentTemplate, ...] = (),
        languages: tuple[str, ...] = tuple(LANGUAGES),
    ) -> None:
        self._own = tuple(own)
        self.languages = languages
        self._by_id = {t.id: t for t in (*BUILT_IN, *own)}

    @property
    def offered(self) -> tuple[IncidentTemplate, ...]:
        """What an operator may begin with."""
        mine = {t.id for t in self._own}
        every = (*self._own, *(t for t in BUILT_IN if t.id not in mine))
        return tuple(t for t in every if not t.id.startswith("auto-"))

    def find(self, id: str) -> IncidentTemplate | None:
        """A template by its id."""
        return self._by_id.get(id)

    def title(self, id: str, args: Mapping[str, object]) -> dict[str, str]:
        """A template's headline by language."""
        template = self._by_id[id]
        return template.fill(template.title or self._fallback(id).title, args, self.languages)

    def text(self, id: str, args: Mapping[str, object]) -> dict[str, str]:
        """A template's text by language."""
        template = self._by_id[id]
        return template.fill(template.text, args, self.languages)

    @staticmethod
    def _fallback(id: str) -> IncidentTemplate:
        return next((t for t in BUILT_IN if t.id == id), BUILT_IN[0])
