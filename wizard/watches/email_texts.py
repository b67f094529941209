"""E-mails of a watch, in the reader's language, as plain text. Pure.

Mailboxes are read by others too: a letter names only what anybody may see of the report, and counts
the rest. Addresses that open something stand in it as marks until it leaves.
"""

from __future__ import annotations

from collections.abc import Sequence

from messages import OutgoingEmail
from render.i18n import N_
from render.message_format import sentence
from web.site import Site
from wizard.watches.model import Watch

MAX_TITLES = 6


def page_mark(watch: Watch) -> str:
    """Stands for the address of the watch's own page."""
    return f"[[watch:{watch.id}]]"


def report_mark(watch: Watch) -> str:
    """Stands for the address of the last look's report."""
    return f"[[watch-report:{watch.look_name}]]"


def confirm(watch: Watch, site: Site) -> OutgoingEmail:
    """Please say yes: nothing is looked at before that."""
    return _email(
        watch,
        site,
        "confirm",
        N_("{site}: shall we watch {domain} for you?"),
        (
            N_("Somebody, hopefully you, asked us to watch {domain} until it is well again."),
            N_("If it was you, confirm it here:"),
            "{page}",
            N_("If not, do nothing: without your yes nothing is watched, and you hear no more."),
        ),
    )


def begun(watch: Watch, site: Site) -> OutgoingEmail:
    """We are watching; how to stop it."""
    return _email(
        watch,
        site,
        "begun",
        N_("{site}: we are watching {domain}"),
        (
            N_("We look at {domain} again and again until it is well, with growing pauses."),
            N_(
                "You will hear from us once: when it is well, or on {until:datetime} at the latest."
            ),
            N_("See how it stands, or stop it:"),
            "{page}",
        ),
        until=watch.until,
    )


def well(watch: Watch, site: Site, fixed: Sequence[str], more: int) -> OutgoingEmail:
    """It is well; what has changed."""
    return _email(
        watch,
        site,
        "well",
        N_("{site}: {domain} is well again"),
        (
            N_("You asked us to watch {domain}. It is well: we looked twice to be sure."),
            *_titled_list(N_("Gone since you asked:"), fixed),
            *_account_remark(more),
            N_("The report of the last look:"),
            "{report}",
            N_("The watch has ended; nothing more is sent."),
        ),
        more=more,
    )


def gave_up(
    watch: Watch, site: Site, still: Sequence[str], more: int, help_url: str
) -> OutgoingEmail:
    """We stop; what still stands, and the way to a person."""
    return _email(
        watch,
        site,
        "gave_up",
        N_("{site}: {domain} is not well yet"),
        (
            N_("You asked us to watch {domain}. We looked many times and stop now."),
            *_titled_list(N_("What still stood at the last look:"), still),
            *_account_remark(more),
            N_("The report of the last look says what to do:"),
            "{report}",
            N_("A person helps you here:"),
            "{help}",
            N_("The watch has ended; nothing more is sent."),
        ),
        more=more,
        help=help_url,
    )


def _titled_list(heading: str, titles: Sequence[str]) -> tuple[str, ...]:
    rows = "\n".join(f"- {_without_markup(title)}" for title in titles[:MAX_TITLES])
    return (heading, rows) if rows else ()


def _without_markup(title: str) -> str:
    """A finished title that cannot be taken for a template or a mark."""
    return title.replace("{", "(").replace("}", ")").replace("[[", "(").replace("]]", ")")


def _account_remark(more: int) -> tuple[str, ...]:
    if not more:
        return ()
    return (
        N_(
            "Besides, in your hosting account: {more:number}. The report names it once you sign in."
        ),
    )


def _email(
    watch: Watch,
    site: Site,
    kind: str,
    subject: str,
    parts: Sequence[str],
    **args: object,
) -> OutgoingEmail:
    values = {
        "site": site.name,
        "domain": watch.domain,
        "page": page_mark(watch),
        "report": report_mark(watch),
        **args,
    }
    paragraphs = [sentence(watch.lang, part, values, site.time_zone) for part in parts]
    heading = " ".join(sentence(watch.lang, subject, values, site.time_zone).split())
    key = f"watch:{watch.id}:{kind}"
    return OutgoingEmail(
        key, watch.email, heading[:200], "\n\n".join(s for s in paragraphs if s) + "\n"
    )
