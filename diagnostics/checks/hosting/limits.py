"""Check of resource limits of the hosting (CPU, memory, processes) and the errors they cause.

Faults count, not the momentary usage. Which limit shows as which error is as CloudLinux documents
it: processor and disk speed only slow down, memory and processes give 500 or 503, entry processes
give 508.
"""

from __future__ import annotations

from collections.abc import Iterable

from diagnostics.checks.readings import has_response
from diagnostics.checks.web.site import SLOW_AFTER
from diagnostics.evidence.keys import HOSTING
from diagnostics.evidence.web import WEB
from diagnostics.model import Case, Check, Finding, FindingMessage, Severity
from hosting.model import ResourceLimit
from kb.owners import Owner
from render.i18n import N_
from render.message_format import Argument

HIT = FindingMessage(
    id="hosting.limit.hit",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("Your hosting has been running into one of its limits"),
    seen=N_(
        "The limit for {limit:said} was hit; the count is {faults:number} since "
        "{since:datetime} (as of {as_of:datetime}). {effect:said}"
    ),
    why=N_("What asks for more than a limit allows is slowed down or refused for that moment."),
    steps=(
        N_("Turn off website plugins and tasks that you do not need, and turn on a page cache."),
        N_("See in the visitor statistics whether a robot asks for very many pages; block it."),
        N_("If the site simply has many visitors, a larger plan is the cure."),
    ),
)
CAUSES = FindingMessage(
    id="hosting.limit.causes_error",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("A limit of your hosting causes the error you see"),
    seen=N_(
        "The limit for {limit:said} was hit; the count is {faults:number} since "
        "{since:datetime} (as of {as_of:datetime}). {effect:said} {now:said}"
    ),
    why=N_("The site itself may be fine; it is stopped because it asks for more than is allowed."),
    steps=(
        N_("Wait a few minutes and check again; such an error often passes by itself."),
        N_("Turn off website plugins and tasks that you do not need, and turn on a page cache."),
        N_("See in the visitor statistics whether a robot asks for very many pages; block it."),
        N_("If it comes back, ask us for a larger plan or for the list of what was stopped."),
    ),
    hides=(
        "web.site.database_error",
        "web.site.program_error",
        "web.site.server_error",
        "web.site.unavailable",
        "web.site.limit_reached",
        "web.site.slow",
        "hosting.limit.hit",
    ),
)
SLOWS = FindingMessage(
    id="hosting.limit.slows_site",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("A limit of your hosting makes your site slow"),
    seen=CAUSES.seen,
    why=N_("The site itself may be fine; it waits because it asks for more than is allowed."),
    steps=(
        N_("Turn off website plugins and tasks that you do not need, and turn on a page cache."),
        N_("See in the visitor statistics whether a robot asks for very many pages; block it."),
        N_("If the site simply has many visitors, a larger plan is the cure."),
    ),
    hides=("web.site.slow", "hosting.limit.hit"),
)

NAMES = {
    "cpu": N_("processor time"),
    "memory": N_("memory"),
    "io": N_("disk speed"),
    "iops": N_("disk operations"),
    "entry_processes": N_("pages served at the same time"),
    "processes": N_("running programs"),
    "connections": N_("connections"),
    "queries": N_("database queries"),
}
OTHER_LIMIT = N_("something your plan counts")
SLOWS_DOWN = N_("This makes the site slow, without an error.")
ERROR_500 = N_("This shows as error 500 or 503.")
ERROR_508 = N_("This shows as error 508, “Resource limit is reached”.")
ERROR_DB = N_("This shows as a database error, or as error 500 or 503.")
EFFECTS: dict[str, tuple[str, frozenset[int]]] = {
    "cpu": (SLOWS_DOWN, frozenset()),
    "io": (SLOWS_DOWN, frozenset()),
    "iops": (SLOWS_DOWN, frozenset()),
    "memory": (ERROR_500, frozenset((500, 503))),
    "processes": (ERROR_500, frozenset((500, 503))),
    "entry_processes": (ERROR_508, frozenset((508,))),
    "connections": (ERROR_500, frozenset((500, 503))),
    "queries": (ERROR_DB, frozenset((500, 503))),
}
# As CloudLinux's own tools spell them, in the order of the names above.
SPELLINGS = {
    "cpu": ("speed", "ncpu"),
    "memory": ("mem", "vmem", "pmem", "physicalmemory", "virtualmemory"),
    "entry_processes": ("ep", "entryprocs", "entryprocesses", "maxentryprocs"),
    "processes": ("nproc", "numberofprocesses"),
}
CANONICAL_NAMES = {name.replace("_", ""): name for name in NAMES} | {
    spelling: name for name, spellings in SPELLINGS.items() for spelling in spellings
}
NOW_ERROR = N_("Right now the site answers with error {status:code}.")
NOW_SLOW = N_("Right now the site takes {waited:duration} to answer.")


def judge(case: Case) -> Iterable[Finding]:
    statuses, longest_wait = _observed_answers(case)
    for limit in case.evidence[HOSTING].limits:
        if limit.faults <= 0:
            continue
        name = canonical_name(limit.name)
        effect, error_statuses = EFFECTS.get(name, ("", frozenset()))
        args = _limit_args(limit, name, effect)
        keys = ("hosting", "web")
        if shown_errors := sorted(error_statuses & statuses):
            yield Finding(
                CAUSES.id, args | {"now": NOW_ERROR, "status": str(shown_errors[0])}, keys
            )
        elif effect is SLOWS_DOWN and longest_wait >= SLOW_AFTER.total_seconds():
            yield Finding(SLOWS.id, args | {"now": NOW_SLOW, "waited": longest_wait}, keys)
        else:
            yield Finding(HIT.id, args, keys[:1])


def canonical_name(name: str) -> str:
    """Our name of a limit that a panel may spell its own way ("EP", "lve_nproc"); else unchanged."""
    plain = "".join(filter(str.isalnum, name.lower())).removeprefix("lve")
    return CANONICAL_NAMES.get(plain, name)


def _limit_args(limit: ResourceLimit, name: str, effect: str) -> dict[str, Argument]:
    return {
        "limit": NAMES.get(name, OTHER_LIMIT),
        "faults": limit.faults,
        "since": limit.since.isoformat(),
        "as_of": limit.as_of.isoformat(),
        "effect": effect,
    }


def _observed_answers(case: Case) -> tuple[frozenset[int], float]:
    """The statuses met and the longest wait for a first byte, in seconds."""
    web = case.evidence.get(WEB)
    hops = [hop for chain in (web.chains if web else ()) for hop in chain.hops if has_response(hop)]
    first_byte_waits = [hop.phases.first_byte.total_seconds() for hop in hops]
    return frozenset(hop.status for hop in hops), round(max(first_byte_waits, default=0.0), 1)


CHECK = Check(
    id="hosting.limit",
    title=N_("No limit of the hosting was hit"),
    needs=(HOSTING,),
    tolerates=(WEB,),
    messages=(CAUSES, SLOWS, HIT),
    judge=judge,
    refuted_by=("web.site.limit_reached",),
)
