"""The issues of a cState as our incidents, and notices to come as planned work. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from importers.configuration import ConfigurationBuilder
from importers.cstate.issues import IssueEntry, entries_of, split_front_matter
from importers.cstate.site import CstateSite, IssueFile, read_site, services
from importers.history import TICK, HistoryBuilder, HistoryTarget, ImportedHistory, in_order
from importers.source import NotImported, noting, quoted, text_of
from status.model import Condition, Impact, Incident, Maintenance, Update, stable_id
from status.model import IncidentState as State

SEVERITIES = {  # cState counts only "down" as downtime, as we count degraded by default
    "down": (Impact.CRITICAL, Condition.MAJOR_OUTAGE),
    "disrupted": (Impact.MINOR, Condition.DEGRADED_PERFORMANCE),
    "notice": (Impact.NONE, None),
}
_AT_ITS_EDGE = timedelta(minutes=1)  # an entry so near to the beginning or end tells of it


def read_history(files: Mapping[str, str], target: HistoryTarget) -> ImportedHistory:
    """Everything that a site tells of the past. Raises UnreadableSource."""
    site = read_site(files)
    configuration = ConfigurationBuilder()
    systems = services(site, configuration)
    builder = HistoryBuilder("cstate", target, systems, site.zone, site.lang)
    builder.leftovers += [*site.leftovers, *configuration.leftovers]
    beginnings: list[datetime] = []
    for name, files_of_issue in _by_name(site).items():
        with noting(files_of_issue[0].path, builder.leftovers):
            issue = _Issue(name, files_of_issue, builder)
            issue.add()
            beginnings.append(issue.date)
    first = min(beginnings, default=None)  # the page was there by then
    builder.services = {key: replace(s, since=first) for key, s in systems.items()}
    return builder.built()


def _by_name(site: CstateSite) -> dict[str, list[IssueFile]]:
    """The files of each issue: that of the site's own language first."""
    by_name: dict[str, list[IssueFile]] = {}
    for file in sorted(site.issues, key=lambda f: (f.lang not in ("", site.lang), f.lang)):
        by_name.setdefault(file.name, []).append(file)
    return by_name


class _Issue:
    """One issue, in one language or more."""

    def __init__(self, name: str, files: Sequence[IssueFile], builder: HistoryBuilder) -> None:
        self._name = name
        self._path = files[0].path
        self._builder = builder
        self._fields, body = split_front_matter(files[0].text)
        if text_of(self._fields.get("section")) != "issue":
            raise NotImported("section: it is no issue")
        if self._fields.get("draft") is True:
            raise NotImported("draft: it is one")
        self._entries = entries_of(body)
        lang = files[0].lang if files[0].lang in builder.target.languages else ""
        self._titles = dict(builder.title(self._fields.get("title"), self._path, lang))
        self._texts = [dict(builder.text(e.text, self._path, lang)) for e in self._entries]
        for file in files[1:]:
            self._add_language(file)
        date = self._read("date")
        if date is None:
            raise NotImported("it has no date")
        self.date = date
        self._now = builder.target.now

    def add(self) -> None:
        """Put it to the others. Raises NotImported."""
        if self.date > self._now:
            self._builder.add_maintenance(self._maintenance())
        else:
            self._builder.add_incident(self._incident(), self._path)

    def _add_language(self, file: IssueFile) -> None:
        """The words of another language, where its entries are the same."""
        if file.lang not in self._builder.target.languages:
            self._builder.note(file.path, "not brought: the site does not speak this language")
            return
        fields, body = split_front_matter(file.text)
        entries = entries_of(body)
        title = self._builder.title(fields.get("title"), file.path, file.lang)
        self._titles |= title
        if [e.time for e in entries] != [e.time for e in self._entries]:
            self._builder.note(file.path, "has other entries: only its title is brought")
            return
        for texts, entry in zip(self._texts, entries, strict=True):
            texts.update(self._builder.text(entry.text, file.path, file.lang))

    # ------------------------------------------------------------------ incidents

    def _incident(self) -> Incident:
        if self._fields.get("informational"):
            return self._news()
        impact, condition = self._severity()
        components = self._affected()
        end = self._end()
        updates = in_order(self._updates(end))
        conditions = dict.fromkeys(components, condition) if condition else {}
        updates = (*updates[:-1], replace(updates[-1], components=conditions))
        if end is not None:
            well = dict.fromkeys(components, Condition.OPERATIONAL)
            updates = tuple(
                replace(u, components=well) if u.state == State.RESOLVED else u for u in updates
            )
        return Incident(
            id=stable_id("cstate.incident", self._name),
            title=self._titles,
            state=State(updates[0].state),
            impact=impact,
            started_at=self.date,
            updates=updates,
            components=components,
            resolved_at=next((u.at for u in updates if u.state == State.RESOLVED), None),
        )

    def _news(self) -> Incident:
        """What informs, and had no beginning and no end: one entry without impact."""
        if self._fields.get("pin"):
            note = "pin: it was pinned: app.py announce publish shows it at the top"
            self._builder.note(self._path, note)
        update = self._update("news", State.RESOLVED, self.date, self._all_words())
        return Incident(
            id=stable_id("cstate.incident", self._name),
            title=self._titles,
            state=State.RESOLVED,
            impact=Impact.NONE,
            started_at=self.date,
            updates=(update,),
            components=self._affected(),
            resolved_at=self.date,
        )

    def _all_words(self) -> Mapping[str, str]:
        words: dict[str, str] = {}
        for texts in self._texts:
            words |= {lang: f"{words.get(lang, '')}\n\n{t}".strip() for lang, t in texts.items()}
        return words

    def _end(self) -> datetime | None:
        """When it was over; None while it goes on."""
        resolved = self._fields.get("resolved")
        if not isinstance(resolved, bool | None):
            text = f"resolved: {quoted(resolved)} is neither true nor false: taken as false"
            self._builder.note(self._path, text)
        if resolved is not True:
            return None
        end = self._read("resolvedWhen")
        if end is None:
            times = [self._time(e) for e in self._entries if e.time]
            end = max((t for t in times if t), default=self.date)
            self._builder.note(
                self._path,
                "resolvedWhen: it does not say when it was over: its last entry was taken",
            )
        if end < self.date:
            self._builder.note(
                self._path, "resolvedWhen: it was over before it began: it lasted no time"
            )
        return min(max(end, self.date + TICK), max(self._now, self.date + TICK))

    def _updates(self, end: datetime | None) -> Iterator[Update]:
        """Its entries; the beginning and the end have one, without words where nobody wrote any."""
        ordinary = [n for n, e in enumerate(self._entries) if e.state is not State.POSTMORTEM]
        times = self._times(ordinary, end)
        if times and times[0] - self.date <= _AT_ITS_EDGE:
            times[0] = self.date
        else:
            yield self._update("begin", State.INVESTIGATING, self.date, {})
        state = State.INVESTIGATING
        closes = (
            bool(times) and end is not None and self._tells_of_the_end(ordinary, times[-1], end)
        )
        for number, at in zip(ordinary, times, strict=True):
            state = self._state(self._entries[number], state)
            if closes and number == ordinary[-1] and end is not None:
                yield self._update(str(number), State.RESOLVED, end, self._texts[number])
            else:
                yield self._update(str(number), state, at, self._texts[number])
        if end is None:
            return
        if not closes:
            yield self._update("end", State.RESOLVED, end, {})
        for number, entry in enumerate(self._entries):
            if entry.state is State.POSTMORTEM:
                at = self._time(entry) or end
                text = self._texts[number]
                yield self._update(str(number), State.POSTMORTEM, max(at, end + TICK), text)

    def _times(self, ordinary: Sequence[int], end: datetime | None) -> list[datetime]:
        """When each entry was told, within the incident; one without a time at its beginning, or at
        its end if it is the last of several."""
        last = end or self._now
        times: list[datetime] = []
        for number in ordinary:
            is_last = number == ordinary[-1] and len(ordinary) > 1
            at = self._time(self._entries[number]) or (last if is_last and end else self.date)
            if not self.date <= at <= last:
                self._builder.note(
                    self._path,
                    f"track: an entry is dated {at:%Y-%m-%d %H:%M} UTC, outside of it: moved inside",
                )
            times.append(min(max(at, self.date, *times[-1:]), last))
        return times

    def _tells_of_the_end(self, ordinary: Sequence[int], at: datetime, end: datetime) -> bool:
        """Whether the last entry is that of the end."""
        entry = self._entries[ordinary[-1]]
        if not entry.time:
            return len(ordinary) > 1
        return end - at <= _AT_ITS_EDGE and (entry.state is State.RESOLVED or len(ordinary) > 1)

    def _state(self, entry: IssueEntry, before: State) -> State:
        """The end is told by the front matter; an entry that says so earlier goes on watching."""
        state = entry.state or before
        return State.MONITORING if state is State.RESOLVED else state

    def _update(self, key: str, state: State, at: datetime, text: Mapping[str, str]) -> Update:
        return Update(stable_id("cstate.update", f"{self._name}:{key}"), state, at, text)

    # ------------------------------------------------------------------ planned work

    def _maintenance(self) -> Maintenance:
        if not self._fields.get("informational") and self._severity()[0] is not Impact.NONE:
            raise NotImported("date: it lies in the future")
        ends_at = self._read("resolvedWhen")
        if ends_at is None or ends_at <= self.date:
            raise NotImported("resolvedWhen: it lies in the future, and does not say when it ends")
        return Maintenance(
            id=stable_id("cstate.incident", self._name),
            title=self._titles,
            text=self._all_words(),
            starts_at=self.date,
            ends_at=ends_at,
            components=self._affected(),
            created_at=self._now,
            changed_at=self._now,
        )

    # ------------------------------------------------------------------ front matter

    def _severity(self) -> tuple[Impact, Condition | None]:
        given = text_of(self._fields.get("severity"))
        if given not in SEVERITIES:
            self._builder.note(self._path, f"severity: {quoted(given)} is none: taken as a notice")
        return SEVERITIES.get(given, SEVERITIES["notice"])

    def _affected(self) -> tuple[str, ...]:
        given = self._fields.get("affected")
        listed = given if isinstance(given, list) else [given]
        names = [text_of(name) for name in listed if text_of(name)]
        ids = (self._builder.component(n.casefold(), self.date, n) for n in names)
        return tuple(dict.fromkeys(ids))

    def _read(self, key: str) -> datetime | None:
        return self._builder.moments.read(self._fields.get(key), key)

    def _time(self, entry: IssueEntry) -> datetime | None:
        try:
            return self._builder.moments.read(entry.time, "track")
        except NotImported as reason:
            self._builder.note(self._path, f"{reason}: its entry counts as one without a time")
            return None
