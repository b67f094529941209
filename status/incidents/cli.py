"""`app.py incident|maintenance|override|announce …`: telling the public from the terminal.

Takes already built parts; prints lines for people; answers an exit status.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta

from render.languages import DEFAULT
from status.incidents.forms import CHOICES, moment
from status.incidents.incidents import Backdating, IncidentEditor
from status.incidents.maintenance import Recurrence
from status.incidents.rules import AnnouncementText, NotFound, RuleViolation
from status.incidents.templates import IncidentTemplate, IncidentTemplates
from status.model import Condition, Incident, IncidentState, Maintenance, Update, localized
from status.state import maintenance_windows as work

FINE, PROBLEM = 0, 1
BY = "cli"
_TONGUE = "[LANG=]TEXT"
Args = argparse.Namespace


# ------------------------------------------------------------------ options, for the parser
def incident_options(to: argparse.ArgumentParser) -> None:
    """`incident open|update|resolve|postmortem|approve|discard|release|templates|show|list`."""
    inner = to.add_subparsers(dest="what", required=True)
    opened = inner.add_parser("open", help="tell the public that something is wrong")
    opened.add_argument("--title", action="append", default=[], metavar=_TONGUE)
    opened.add_argument("--started", default="", metavar="TIME", help="when it really began, UTC")
    opened.add_argument("--ended", default="", metavar="TIME", help="it was over then, UTC")
    opened.add_argument("--publish-at", default="", metavar="TIME", help="not before, UTC")
    opened.add_argument("--draft", action="store_true", help="readers see it once it is approved")
    updated = inner.add_parser("update", help="one more entry in the timeline")
    updated.add_argument("--at", default="", metavar="TIME", help="when it was so, UTC")
    updated.add_argument("--take-over", action="store_true", help="probes no longer change it")
    resolved = inner.add_parser("resolve", help="it is over; its services are well again")
    after = inner.add_parser("postmortem", help="what happened, for good on its page")
    approved = inner.add_parser("approve", help="publish a draft")
    discarded = inner.add_parser("discard", help="put a draft away; readers never see it")
    released = inner.add_parser("release", help="publish now what is scheduled for later")
    for one in (updated, resolved, after, approved, discarded, released):
        one.add_argument("id")
    for one in (opened, updated, resolved, after):
        one.add_argument("--text", action="append", default=[], metavar=_TONGUE)
        one.add_argument("--template", default="", metavar="ID", help="ready words to begin with")
    for one in (opened, updated):
        one.add_argument("--state", default="", choices=("", *(s.value for s in IncidentState)))
        one.add_argument("--on", action="append", default=[], metavar="COMPONENT=STATE")
    inner.add_parser("templates", help="ready words")
    inner.add_parser("show", help="one with its timeline").add_argument("id")
    inner.add_parser("list", help="open and recent incidents")
    _everywhere(inner)


def maintenance_options(to: argparse.ArgumentParser) -> None:
    """`maintenance plan|note|move|finish|show|list`."""
    inner = to.add_subparsers(dest="what", required=True)
    planned = inner.add_parser("plan", help="announce work")
    planned.add_argument("--title", action="append", required=True, metavar=_TONGUE)
    planned.add_argument("--text", action="append", required=True, metavar=_TONGUE)
    planned.add_argument("--on", action="append", required=True, metavar="COMPONENT")
    planned.add_argument("--rrule", default="", metavar="RULE", help="such as FREQ=WEEKLY;BYDAY=SU")
    planned.add_argument("--zone", default="UTC", help="whose wall clock the rule follows")
    noted = inner.add_parser("note", help="a word on it, or that its result is being checked")
    noted.add_argument("id")
    noted.add_argument("--text", action="append", required=True, metavar=_TONGUE)
    noted.add_argument("--state", default="", choices=("", *(s.value for s in work.RUNNING)))
    moved = inner.add_parser("move", help="another window, for one date of it too")
    moved.add_argument("id")
    for one in (planned, moved):
        one.add_argument("--from", dest="starts_at", required=True, metavar="TIME", help="UTC")
        one.add_argument("--until", dest="ends_at", required=True, metavar="TIME", help="UTC")
    finished = inner.add_parser("finish", help="end running work now, or cancel what is to come")
    shown = inner.add_parser("show", help="one with its timeline")
    for one in (finished, shown):
        one.add_argument("id")
    inner.add_parser("list", help="planned, running and recent work")
    _everywhere(inner)


def override_options(to: argparse.ArgumentParser) -> None:
    """`override set|clear|list`."""
    inner = to.add_subparsers(dest="what", required=True)
    chosen = inner.add_parser("set", help="your word on a component, until it expires")
    chosen.add_argument("--hours", type=float, default=4.0, help="how long it holds")
    chosen.add_argument("--reason", default="", help="for colleagues")
    cleared = inner.add_parser("clear", help="take it back")
    for one in (chosen, cleared):
        one.add_argument("component")
    chosen.add_argument("condition", choices=[c.value for c in CHOICES])
    inner.add_parser("list", help="what holds now")
    _everywhere(inner)


def announce_options(to: argparse.ArgumentParser) -> None:
    """`announce publish|withdraw|list`."""
    inner = to.add_subparsers(dest="what", required=True)
    news = inner.add_parser("publish", help="news that is no incident")
    news.add_argument("--title", action="append", required=True, metavar=_TONGUE)
    news.add_argument("--text", action="append", required=True, metavar=_TONGUE)
    news.add_argument("--from", dest="starts_at", default="", metavar="TIME", help="UTC")
    news.add_argument("--until", dest="ends_at", default="", metavar="TIME", help="UTC")
    gone = inner.add_parser("withdraw", help="take it off the pages")
    gone.add_argument("id")
    inner.add_parser("list", help="what is shown and what will be")
    _everywhere(inner)


def _everywhere(inner: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    for one in inner.choices.values():
        one.add_argument("--config", default=argparse.SUPPRESS, metavar="FILE")


# ------------------------------------------------------------------ acts
def _told(act: Callable[[], int], what: str) -> int:
    try:
        return act()
    except RuleViolation as refused:
        return _refuse(str(refused))
    except NotFound as unknown:
        return _refuse(f"there is no {what} {unknown}")


def incident(
    args: Args,
    incidents: IncidentEditor,
    lang: str = DEFAULT,
    wordings: IncidentTemplates | None = None,
) -> int:
    """Run an `incident` command. Raises DatabaseAway."""
    words = wordings or IncidentTemplates()
    return _told(lambda: _incident(args, incidents, lang, words), "incident")


def _incident(args: Args, incidents: IncidentEditor, lang: str, wordings: IncidentTemplates) -> int:
    if args.what == "list":
        return _list(incidents.all(), lang)
    if args.what == "show":
        return _show(incidents.get(args.id).updates, lang)
    if args.what == "templates":
        for one in wordings.offered:
            print(f"{one.id}\t{one.name}")
        return FINE
    deeds = {
        "approve": (incidents.approve, "is no draft"),
        "discard": (incidents.discard, "is no draft"),
        "release": (incidents.publish_now, "is not waiting for a time"),
    }
    if args.what in deeds:
        deed, why_not = deeds[args.what]
        return FINE if deed(args.id, BY) else _refuse(f"{args.id} {why_not}")
    made = _say(args, incidents, lang, wordings)
    print(f"{made.id}\t{made.state}\t{localized(made.title, lang)}")
    return FINE


def _say(args: Args, incidents: IncidentEditor, lang: str, wordings: IncidentTemplates) -> Incident:
    template = _template(args.template, wordings)
    on = told(getattr(args, "on", ()))
    names = [c.name for c in incidents.components if c.id in on]
    values: dict[str, object] = {"parts": names, "name": names[0] if names else ""}
    text = (template.in_languages(template.text, values) if template else {}) | tongues(
        args.text, lang
    )
    if args.what == "resolve":
        return incidents.resolve(args.id, text, BY)
    if args.what == "postmortem":
        return incidents.postmortem(args.id, text, BY)
    wished = args.state or (template.state if template else "")
    if args.what == "update":
        state = wished or incidents.get(args.id).state
        news = AnnouncementText(text, state, on, args.take_over)
        return incidents.update(args.id, news, BY, at=_at("--at", args.at))
    title = template.in_languages(template.title, values) if template else {}
    ended = _at("--ended", args.ended)
    first = IncidentState.RESOLVED if ended and not wished else IncidentState.INVESTIGATING
    when = Backdating(_at("--started", args.started), _at("--publish-at", args.publish_at), ended)
    news = AnnouncementText(text, wished or first, on)
    titles = title | tongues(args.title, lang)
    return incidents.open(titles, news, BY, when=when, draft=args.draft)


def _template(id: str, wordings: IncidentTemplates) -> IncidentTemplate | None:
    found = wordings.find(id) if id else None
    if id and found is None:
        known = ", ".join(t.id for t in wordings.offered)
        raise RuleViolation({"--template": f"{id!r} is not there; known: {known}"})
    return found


def _at(field: str, text: str) -> datetime | None:
    return moment(field, text) if text else None


def maintenance(args: Args, incidents: IncidentEditor, lang: str = DEFAULT) -> int:
    """Run a `maintenance` command. Raises DatabaseAway."""
    return _told(lambda: _maintenance(args, incidents, lang), "maintenance")


def _maintenance(args: Args, incidents: IncidentEditor, lang: str) -> int:
    if args.what == "list":
        return _works(incidents, lang)
    if args.what == "finish":
        incidents.finish(args.id, BY)
        return FINE
    if args.what == "show":
        found = incidents.work(args.id)
        _work(found, incidents.now(), lang)
        return _show(work.timeline(found, incidents.now()), lang)
    if args.what == "note":
        incidents.note(args.id, tongues(args.text, lang), args.state, BY)
        return FINE
    window = moment("--from", args.starts_at), moment("--until", args.ends_at)
    if args.what == "move":
        incidents.reschedule(args.id, window, BY)
        return FINE
    title, text = tongues(args.title, lang), tongues(args.text, lang)
    again = Recurrence(args.rrule, args.zone)
    made = incidents.plan(title, text, window, tuple(args.on), BY, again=again)
    print(f"{made.id}\t{localized(made.title, lang)}")
    return FINE


def override(args: Args, incidents: IncidentEditor) -> int:
    """Run an `override` command. Raises DatabaseAway."""

    def act() -> int:
        if args.what == "list":
            for one in incidents.overrides():
                end = f"{one.until:%Y-%m-%d %H:%M}"
                print(f"{one.component}\t{one.condition}\t{end}\t{one.by}\t{one.reason}")
            return FINE
        now = incidents.now()
        if args.what == "clear":
            incidents.override(args.component, Condition.OPERATIONAL, now, BY)
            return FINE
        if not args.hours > 0:
            return _refuse("--hours: say how long it holds, such as 2 or 0.5")
        until = now + timedelta(hours=min(args.hours, 1e4))
        condition = Condition(args.condition)
        made = incidents.override(args.component, condition, until, BY, args.reason)
        print(f"{made.component}\t{made.condition}\t{made.until:%Y-%m-%d %H:%M}")
        return FINE

    return _told(act, "component")


def announce(args: Args, incidents: IncidentEditor, lang: str = DEFAULT) -> int:
    """Run an `announce` command. Raises DatabaseAway."""

    def act() -> int:
        if args.what == "list":
            for one in incidents.announcements():
                print(f"{one.id}\t{one.starts_at:%Y-%m-%d %H:%M}\t{localized(one.title, lang)}")
            return FINE
        if args.what == "withdraw":
            incidents.withdraw(args.id, BY)
            return FINE
        starts, ends = _at("--from", args.starts_at), _at("--until", args.ends_at)
        title, text = tongues(args.title, lang), tongues(args.text, lang)
        made = incidents.announce(title, text, BY, starts_at=starts, ends_at=ends)
        print(f"{made.id}\t{localized(made.title, lang)}")
        return FINE

    return _told(act, "announcement")


# ------------------------------------------------------------------ reading and printing
def tongues(texts: Iterable[str], lang: str) -> dict[str, str]:
    """ "cs=Text" by its language; a text without a language is in the default one."""
    found = {}
    for text in texts:
        code, equals, rest = text.partition("=")
        known = bool(equals) and len(code) == 2 and code.isalpha() and code.islower()
        found[code if known else lang] = rest if known else text
    return found


def told(pairs: Iterable[str]) -> dict[str, Condition]:
    """ "mail=partial_outage" by component. Raises Refused."""
    found = {}
    for pair in pairs:
        component, _, condition = pair.partition("=")
        if condition not in CHOICES:
            raise RuleViolation({"--on": f"{pair!r}: a state is one of {', '.join(CHOICES)}"})
        found[component] = Condition(condition)
    return found


def _list(incidents: Iterable[Incident], lang: str) -> int:
    for one in incidents:
        state = "draft" if one.draft else "scheduled" if one.publish_at else one.state
        print(f"{one.id}\t{state}\t{one.started_at:%Y-%m-%d %H:%M}\t{localized(one.title, lang)}")
    return FINE


def _show(updates: Iterable[Update], lang: str) -> int:
    for one in updates:
        parts = ", ".join(f"{c}={condition}" for c, condition in one.components.items())
        print(f"{one.at:%Y-%m-%d %H:%M}\t{one.state}\t{parts}\t{localized(one.text, lang)}")
    return FINE


def _works(incidents: IncidentEditor, lang: str) -> int:
    for one in incidents.series():
        print(f"{one.id}\tevery {one.rrule} ({one.zone})\t\t{localized(one.title, lang)}")
    for one in incidents.maintenances():
        _work(one, incidents.now(), lang)
    return FINE


def _work(one: Maintenance, now: datetime, lang: str) -> None:
    window = f"{one.starts_at:%Y-%m-%d %H:%M} to {one.ends_at:%Y-%m-%d %H:%M}"
    print(f"{one.id}\t{work.state(one, now)}\t{window}\t{localized(one.title, lang)}")


def _refuse(why: str) -> int:
    print(why, file=sys.stderr)
    return PROBLEM
