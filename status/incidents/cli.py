"""`app.py incident|maintenance|override|announce …`: editing incidents and maintenance from the terminal.

Takes already built parts; prints lines for people; answers an exit status.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from exit_status import FINE, refuse
from render.i18n import FilledText
from render.languages import DEFAULT, localized
from render.message_format import sentence
from status.incidents.corrections import Wording
from status.incidents.forms import CHOICES, parse_conditions, parse_moment, parse_texts
from status.incidents.incident_editing import Backdating, IncidentEditor
from status.incidents.maintenance_editing import Recurrence
from status.incidents.templates import IncidentTemplate, IncidentTemplates
from status.incidents.validation import AnnouncementText, NotFound, RuleViolation, option_lines
from status.model import Condition, Incident, IncidentState, Maintenance, Update
from status.state import maintenance_windows as work

BY = "cli"
_TEXT_METAVAR = "[LANG=]TEXT"
Args = argparse.Namespace
Concerns = Callable[[Incident | None, Incident], Iterable[FilledText]]  # of before and after


# ------------------------------------------------------------------ options, for the parser
def incident_options(to: argparse.ArgumentParser) -> None:
    """`incident open|update|resolve|postmortem|correct|approve|discard|release|templates|show|list`."""
    inner = to.add_subparsers(dest="what", required=True)
    opened = inner.add_parser("open", help="tell the public that something is wrong")
    opened.add_argument("--title", action="append", default=[], metavar=_TEXT_METAVAR)
    opened.add_argument("--started", default="", metavar="TIME", help="when it really began")
    opened.add_argument("--ended", default="", metavar="TIME", help="when it was over")
    opened.add_argument("--publish-at", default="", metavar="TIME", help="not seen before")
    opened.add_argument("--draft", action="store_true", help="readers see it once it is approved")
    updated = inner.add_parser("update", help="add an entry to the timeline")
    updated.add_argument("--at", default="", metavar="TIME", help="when it was so, if not now")
    updated.add_argument("--take-over", action="store_true", help="probes no longer change it")
    resolved = inner.add_parser("resolve", help="say that it is over; its services are well again")
    after = inner.add_parser("postmortem", help="write what happened, for good on its page")
    approved = inner.add_parser("approve", help="publish a draft")
    discarded = inner.add_parser("discard", help="put a draft away; readers never see it")
    released = inner.add_parser("release", help="publish now what is scheduled for later")
    for subcommand in (updated, resolved, after, approved, discarded, released):
        subcommand.add_argument("id")
    for subcommand in (opened, updated, resolved, after):
        subcommand.add_argument("--text", action="append", default=[], metavar=_TEXT_METAVAR)
        subcommand.add_argument(
            "--template",
            default="",
            metavar="ID",
            help="ready words to begin with",
        )
    for subcommand in (opened, updated):
        subcommand.add_argument(
            "--state", default="", choices=("", *(s.value for s in IncidentState))
        )
        subcommand.add_argument("--on", action="append", default=[], metavar="COMPONENT=STATE")
    _add_correct_option(inner, entries=True)
    inner.add_parser("templates", help="list ready words")
    inner.add_parser("show", help="show one with its timeline").add_argument("id")
    inner.add_parser("list", help="list open and recent incidents")
    _add_zone_option(inner)


def maintenance_options(to: argparse.ArgumentParser) -> None:
    """`maintenance plan|note|move|correct|finish|show|list`."""
    inner = to.add_subparsers(dest="what", required=True)
    planned = inner.add_parser("plan", help="announce work")
    planned.add_argument("--title", action="append", required=True, metavar=_TEXT_METAVAR)
    planned.add_argument("--text", action="append", required=True, metavar=_TEXT_METAVAR)
    planned.add_argument("--on", action="append", required=True, metavar="COMPONENT")
    planned.add_argument(
        "--rrule",
        default="",
        metavar="RULE",
        help="such as FREQ=WEEKLY;BYDAY=SU",
    )
    noted = inner.add_parser("note", help="add a word, or that the result is being checked")
    noted.add_argument("id")
    noted.add_argument("--text", action="append", required=True, metavar=_TEXT_METAVAR)
    noted.add_argument("--state", default="", choices=("", *(s.value for s in work.RUNNING)))
    moved = inner.add_parser("move", help="give it another window; one date of a series too")
    moved.add_argument("id")
    for subcommand in (planned, moved):
        subcommand.add_argument("--from", dest="starts_at", required=True, metavar="TIME")
        subcommand.add_argument("--until", dest="ends_at", required=True, metavar="TIME")
    finished = inner.add_parser("finish", help="end running work now, or cancel what is to come")
    show_parser = inner.add_parser("show", help="show one with its timeline")
    for subcommand in (finished, show_parser):
        subcommand.add_argument("id")
    _add_correct_option(inner, entries=True)
    inner.add_parser("list", help="list planned, running and recent work")
    _add_zone_option(inner)


def override_options(to: argparse.ArgumentParser) -> None:
    """`override set|clear|list`."""
    inner = to.add_subparsers(dest="what", required=True)
    chosen = inner.add_parser("set", help="set the state of a component, until it expires")
    chosen.add_argument("--hours", type=float, default=4.0, help="how long it holds; 4 when absent")
    chosen.add_argument("--reason", default="", metavar="TEXT", help="why, for colleagues")
    cleared = inner.add_parser("clear", help="take it back")
    for subcommand in (chosen, cleared):
        subcommand.add_argument("component")
    chosen.add_argument("condition", choices=[c.value for c in CHOICES])
    inner.add_parser("list", help="list what holds now")
    _add_zone_option(inner)


def announce_options(to: argparse.ArgumentParser) -> None:
    """`announce publish|correct|withdraw|list`."""
    inner = to.add_subparsers(dest="what", required=True)
    news = inner.add_parser("publish", help="publish news that is no incident")
    news.add_argument("--title", action="append", required=True, metavar=_TEXT_METAVAR)
    news.add_argument("--text", action="append", required=True, metavar=_TEXT_METAVAR)
    news.add_argument("--from", dest="starts_at", default="", metavar="TIME")
    news.add_argument("--until", dest="ends_at", default="", metavar="TIME")
    gone = inner.add_parser("withdraw", help="take it off the pages")
    gone.add_argument("id")
    _add_correct_option(inner)
    inner.add_parser("list", help="list what is shown and what will be")
    _add_zone_option(inner)


def _add_correct_option(
    inner: argparse._SubParsersAction[argparse.ArgumentParser], *, entries: bool = False
) -> None:
    corrected = inner.add_parser("correct", help="put published words right; nobody is written to")
    corrected.add_argument("id")
    corrected.add_argument("--title", action="append", default=[], metavar=_TEXT_METAVAR)
    corrected.add_argument("--text", action="append", default=[], metavar=_TEXT_METAVAR)
    if entries:
        corrected.add_argument(
            "--entry",
            default="",
            metavar="ID",
            help="an entry of its timeline, as `show` lists them",
        )


def _add_zone_option(inner: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    for subcommand in inner.choices.values():
        subcommand.add_argument("--zone", default="")


# ------------------------------------------------------------------ acts
def _or_refuse(action: Callable[[], int], kind: str, incidents: IncidentEditor) -> int:
    """The exit code of an action; a refusal, or that there is no such thing of a kind, is told."""
    try:
        return action()
    except RuleViolation as refused:
        components = incidents.component_ids
        is_override = kind == "component"
        return refuse(option_lines(refused.fields, is_override=is_override, components=components))
    except NotFound as unknown:
        return refuse(f"there is no {kind} {unknown}")


def incident(
    args: Args,
    incidents: IncidentEditor,
    lang: str = DEFAULT,
    wordings: IncidentTemplates | None = None,
    concerns: Concerns | None = None,
) -> int:
    """Run an `incident` command. Raises DatabaseAway."""
    more = (wordings or IncidentTemplates(), concerns)
    return _or_refuse(lambda: _incident(args, incidents, lang, *more), "incident", incidents)


def _incident(
    args: Args,
    incidents: IncidentEditor,
    lang: str,
    templates: IncidentTemplates,
    concerns: Concerns | None,
) -> int:
    if args.what == "list":
        return _print_incidents(args, incidents.all(), lang)
    if args.what == "show":
        return _print_updates(args, incidents.get(args.id).updates, lang)
    if args.what == "templates":
        for template in templates.offered:
            print(f"{template.id}\t{template.name}")
        return FINE
    if args.what in ("approve", "discard", "release"):
        return _act_on_waiting(args, incidents, concerns)
    before = incidents.get(args.id) if args.what != "open" else None
    if args.what == "correct":
        saved = incidents.correct(args.id, _wording(args, lang), BY, entry=args.entry)
    else:
        saved = _write_entry(args, incidents, lang, templates)
    print(f"{saved.id}\t{saved.state}\t{localized(saved.title, lang)}")
    _print_notes(args, concerns(before, saved) if concerns else ())
    return FINE


def _act_on_waiting(args: Args, incidents: IncidentEditor, concerns: Concerns | None) -> int:
    """Show readers what waits, or put it away."""
    actions = {
        "approve": (incidents.approve, "is no draft"),
        "discard": (incidents.discard, "is no draft"),
        "release": (incidents.publish_now, "is not waiting for a time"),
    }
    action, why_not = actions[args.what]
    waiting = incidents.get(args.id)
    if not action(args.id, BY):
        return refuse(f"{args.id} {why_not}")
    _print_notes(args, concerns(waiting, incidents.get(args.id)) if concerns else ())
    return FINE


def _write_entry(
    args: Args, incidents: IncidentEditor, lang: str, templates: IncidentTemplates
) -> Incident:
    template = _template(args.template, templates)
    conditions = parse_conditions(getattr(args, "on", ()))
    text = template.unfilled(template.text, incidents.languages) if template else {}
    text |= parse_texts(args.text, lang)
    if args.what == "resolve":
        return incidents.resolve(args.id, text, BY)
    if args.what == "postmortem":
        return incidents.postmortem(args.id, text, BY)
    requested_state = args.state or (template.state if template else "")
    if args.what == "update":
        state = requested_state or incidents.get(args.id).state
        entry = AnnouncementText(text, state, conditions, args.take_over)
        return incidents.update(args.id, entry, BY, at=_at(args, "--at", args.at))
    title = template.unfilled(template.title, incidents.languages) if template else {}
    ended = _at(args, "--ended", args.ended)
    initial_state = (
        IncidentState.RESOLVED if ended and not requested_state else IncidentState.INVESTIGATING
    )
    when = Backdating(
        _at(args, "--started", args.started), _at(args, "--publish-at", args.publish_at), ended
    )
    entry = AnnouncementText(text, requested_state or initial_state, conditions)
    titles = title | parse_texts(args.title, lang)
    return incidents.open(titles, entry, BY, when=when, draft=args.draft)


def _template(id: str, templates: IncidentTemplates) -> IncidentTemplate | None:
    template = templates.find(id) if id else None
    if id and template is None:
        available = ", ".join(t.id for t in templates.offered)
        raise RuleViolation({"--template": f"{id!r} is not there; known: {available}"})
    return template


def _at(args: Args, field: str, text: str) -> datetime | None:
    return _moment(args, field, text) if text else None


def _moment(args: Args, field: str, text: str) -> datetime:
    return parse_moment(field, text, args.zone or "UTC")


def _clock(args: Args, at: datetime) -> str:
    return f"{at.astimezone(ZoneInfo(args.zone or 'UTC')):%Y-%m-%d %H:%M %Z}"


def maintenance(args: Args, incidents: IncidentEditor, lang: str = DEFAULT) -> int:
    """Run a `maintenance` command. Raises DatabaseAway."""
    return _or_refuse(lambda: _maintenance(args, incidents, lang), "maintenance", incidents)


def _maintenance(args: Args, incidents: IncidentEditor, lang: str) -> int:
    if args.what == "list":
        return _list_maintenances(args, incidents, lang)
    if args.what == "show":
        planned = incidents.get_maintenance(args.id)
        _print_maintenance(args, planned, incidents.now(), lang)
        return _print_updates(args, work.timeline(planned, incidents.now()), lang)
    if args.what in ("finish", "note", "correct"):
        return _change_words_or_end(args, incidents, lang)
    window = _moment(args, "--from", args.starts_at), _moment(args, "--until", args.ends_at)
    if args.what == "move":
        incidents.reschedule(args.id, window, BY)
        return FINE
    title, text = parse_texts(args.title, lang), parse_texts(args.text, lang)
    recurrence = Recurrence(args.rrule, args.zone or "UTC")
    saved = incidents.plan(title, text, window, tuple(args.on), BY, recurrence=recurrence)
    print(f"{saved.id}\t{localized(saved.title, lang)}")
    return FINE


def _change_words_or_end(args: Args, incidents: IncidentEditor, lang: str) -> int:
    if args.what == "finish":
        incidents.finish(args.id, BY)
    elif args.what == "note":
        incidents.note(args.id, parse_texts(args.text, lang), args.state, BY)
    else:
        incidents.correct_maintenance(args.id, _wording(args, lang), BY, entry=args.entry)
    return FINE


def override(args: Args, incidents: IncidentEditor) -> int:
    """Run an `override` command. Raises DatabaseAway."""

    def act() -> int:
        if args.what == "list":
            for entry in incidents.overrides():
                until_text = _clock(args, entry.until)
                print(
                    f"{entry.component}\t{entry.condition}\t{until_text}\t{entry.by}\t{entry.reason}"
                )
            return FINE
        now = incidents.now()
        if args.what == "clear":
            incidents.override(args.component, Condition.OPERATIONAL, now, BY)
            return FINE
        if not args.hours > 0:
            return refuse("--hours: say how long it holds, such as 2 or 0.5")
        until = now + timedelta(hours=min(args.hours, 1e4))
        condition = Condition(args.condition)
        saved = incidents.override(args.component, condition, until, BY, args.reason)
        print(f"{saved.component}\t{saved.condition}\t{_clock(args, saved.until)}")
        return FINE

    return _or_refuse(act, "component", incidents)


def announce(args: Args, incidents: IncidentEditor, lang: str = DEFAULT) -> int:
    """Run an `announce` command. Raises DatabaseAway."""

    def act() -> int:
        if args.what == "list":
            for announcement in incidents.announcements():
                print(
                    f"{announcement.id}\t{_clock(args, announcement.starts_at)}\t{localized(announcement.title, lang)}"
                )
            return FINE
        if args.what == "withdraw":
            incidents.withdraw(args.id, BY)
            return FINE
        if args.what == "correct":
            incidents.correct_announcement(args.id, _wording(args, lang), BY)
            return FINE
        starts, ends = _at(args, "--from", args.starts_at), _at(args, "--until", args.ends_at)
        title, text = parse_texts(args.title, lang), parse_texts(args.text, lang)
        saved = incidents.announce(title, text, BY, starts_at=starts, ends_at=ends)
        print(f"{saved.id}\t{localized(saved.title, lang)}")
        return FINE

    return _or_refuse(act, "announcement", incidents)


# ------------------------------------------------------------------ reading and printing
def _wording(args: Args, lang: str) -> Wording:
    return Wording(
        parse_texts(args.title, lang) if args.title else None,
        parse_texts(args.text, lang) if args.text else None,
    )


def _print_notes(args: Args, notes: Iterable[FilledText]) -> None:
    for note in notes:
        print(f"note: {sentence(DEFAULT, note, zone=args.zone or 'UTC')}", file=sys.stderr)


def _print_incidents(args: Args, incidents: Iterable[Incident], lang: str) -> int:
    for listed in incidents:
        state = "draft" if listed.draft else "scheduled" if listed.publish_at else listed.state
        print(
            f"{listed.id}\t{state}\t{_clock(args, listed.started_at)}\t{localized(listed.title, lang)}"
        )
    return FINE


def _print_updates(args: Args, updates: Iterable[Update], lang: str) -> int:
    for update in updates:
        parts = ", ".join(f"{c}={condition}" for c, condition in update.components.items())
        print(
            f"{_clock(args, update.at)}\t{update.state}\t{parts}\t"
            f"{localized(update.text, lang)}\t{update.id if update.text else ''}"
        )
    return FINE


def _list_maintenances(args: Args, incidents: IncidentEditor, lang: str) -> int:
    for planned in incidents.series():
        rule = f"every {planned.rrule} ({planned.zone})"
        print(f"{planned.id}\t{rule}\t\t{localized(planned.title, lang)}")
    for planned in incidents.maintenances():
        _print_maintenance(args, planned, incidents.now(), lang)
    return FINE


def _print_maintenance(args: Args, planned: Maintenance, now: datetime, lang: str) -> None:
    window = f"{_clock(args, planned.starts_at)} to {_clock(args, planned.ends_at)}"
    print(f"{planned.id}\t{work.state(planned, now)}\t{window}\t{localized(planned.title, lang)}")
