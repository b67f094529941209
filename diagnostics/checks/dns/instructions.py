"""Check of another provider's instructions against current DNS: what is left to set, what it breaks.

Runs only when the run brings instructions. Exact values come from the text; nothing is invented.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from diagnostics.checks.readings import alias_target, is_within, majority_values, normalise_name
from diagnostics.evidence.keys import EXPECTED, INSTRUCTED, InstructedRecords, Records
from diagnostics.model import Case, Check, Finding, FindingMessage, Severity
from diagnostics.symptoms.instructions import QUESTION
from hosting.model import Expectations
from instructions.change_plan import ChangePlan, compare
from instructions.model import ChangeStep, Conflict, RecordChange, WantedRecord
from kb.owners import Owner
from render.i18n import N_
from standards.dns_types import Record

TTL = 3600
APEX_ALIAS = FindingMessage(
    id="instructions.records.apex_alias",
    severity=Severity.ERROR,
    owner=Owner.SENDER,
    title=N_("{domain} itself cannot be made an alias"),
    seen=N_("The instructions want a CNAME record at {domain}, to {target:list}."),
    why=N_(
        "The rules of DNS do not allow it there: a domain's own name must keep its name servers and "
        "mail. Set all the same, it would stop mail for the domain."
    ),
    steps=(
        N_("Ask the other provider for an IP address (A record) to use for {domain} instead."),
        N_("Or use www.{domain} for the alias and let {domain} lead there by a redirect."),
    ),
)
ALIAS = FindingMessage(
    id="instructions.records.alias",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("An alias (CNAME) tolerates no other record at its name"),
    seen=N_("At {names:list} there is a CNAME record together with others, or there would be."),
    why=N_("Only one of the two can stand. What is removed stops working: look before you agree."),
    steps=(
        N_("Check in the list below what would be removed, and whether you still need it."),
        N_("If mail is received at that name, do not set the alias; ask the other provider."),
    ),
)
TWO_SPF = FindingMessage(
    id="instructions.records.two_spf",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("The new SPF record must be merged with the one you have"),
    seen=N_(
        "There is an SPF record at {names:list} already, and the instructions bring another one."
    ),
    why=N_(
        "Two SPF records make receivers ignore both, and your mail may land in spam or come back."
    ),
    steps=(
        N_("Do not add a second record. Replace the present one with the merged record below."),
        N_("Leave out a sender only when you are sure that nobody sends through it any more."),
    ),
)
TWO_DMARC = FindingMessage(
    id="instructions.records.two_dmarc",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("You already have a DMARC record"),
    seen=N_(
        "There is a DMARC record at {names:list} already, and the instructions bring another one."
    ),
    why=N_("With two of them receivers ignore both, and nobody is protected from forged mail."),
    steps=(
        N_(
            "Never have both. Where a merged record stands below, put it in place of the present one: "
            "it keeps the stricter wish of the two and all addresses for reports."
        ),
        N_(
            "Where none stands there, the present record does all that is asked: leave it as it is."
        ),
    ),
)
OTHER_FAMILY = FindingMessage(
    id="instructions.records.other_family",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("Visitors over IPv6 would stay at the old server"),
    seen=N_(
        "At {names:list} there is an AAAA record too, and the instructions change the A record only."
    ),
    why=N_("Whoever comes over IPv6 would go on seeing what stands there now."),
    steps=(
        N_("Ask the other provider for an IPv6 address, and set it in place of the present one."),
        N_("If there is none, remove the AAAA record together with the change of the A record."),
    ),
)
MAIL_MOVES = FindingMessage(
    id="instructions.records.mail_moves",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("New mail for {domain} would go to another place"),
    seen=N_("Mail goes to {before:list} now; the instructions want {after:list}. {here:said}"),
    why=N_(
        "From the change on, messages arrive only at the new place. What is in the present mailboxes "
        "stays there and does not move by itself."
    ),
    steps=(
        N_("Create every mailbox and alias at the new provider before the change."),
        N_("Remove the old MX records; with both, mail arrives now here, now there."),
        N_("Copy older mail over IMAP, and keep the present mailboxes for at least a week."),
    ),
)
HERE = N_("The present mailboxes are with us.")
ELSEWHERE = N_("The present mailboxes are not with us.")
ZONE_MOVES = FindingMessage(
    id="instructions.records.zone_moves",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("Other name servers mean that the whole DNS of {domain} moves"),
    seen=N_(
        "The name servers are {before:list} now; the instructions want {after:list}. All records "
        "would then be kept there, not only those that the instructions speak of."
    ),
    why=N_(
        "What is not set up there before the change stops at once: website, mail, subdomains, proofs."
    ),
    steps=(
        N_("Ask the other provider whether single records (A or CNAME) would do; they often do."),
        N_("If it must be the name servers, copy every present record there first."),
        N_("If DNSSEC is on, have it switched off at the registrar a day before."),
        N_("Then set the name servers at the registrar of the domain."),
    ),
)
OTHER_DOMAIN = FindingMessage(
    id="instructions.records.other_domain",
    severity=Severity.NOTICE,
    owner=Owner.CUSTOMER,
    title=N_("A part of the instructions speaks of another domain"),
    seen=N_("Not inside {domain}, and so left out: {names:list}."),
    why=N_("Set at the wrong domain, a record does nothing, or does harm."),
    steps=(
        N_("If these are examples in the instructions, put your own domain in their place."),
        N_("If they belong to another domain of yours, check that domain on its own."),
    ),
)
UNFILLED = FindingMessage(
    id="instructions.records.unfilled",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("A value in the instructions is still to be filled in"),
    seen=N_("The record at {names:list} holds a placeholder: {values:list}."),
    why=N_("Set as it stands, it proves nothing, and the other provider will not accept it."),
    steps=(
        N_("Copy the value from your account at the other provider; it is made for you alone."),
    ),
)
TO_SET = FindingMessage(
    id="instructions.records.to_set",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("Records from the instructions are still to be set"),
    seen=N_("In the DNS of {domain}, this is not as the instructions want it: {what:list}."),
    why=N_("Until it is set, the other provider's service does not work with your domain."),
    steps=(
        N_("Set the records below where the DNS of {domain} is managed, exactly as they stand."),
        N_("Or ask us to do it: the request with the values before and after is ready."),
        N_("Check again afterwards; resolvers may remember the old values for some time."),
    ),
)
DONE = FindingMessage(
    id="instructions.records.done",
    severity=Severity.INFO,
    owner=Owner.NOBODY,
    title=N_("The records of the instructions are set"),
    seen=N_("Every name server says what the instructions want for {names:list}."),
    why=N_(
        "If the other provider does not see it yet, it only needs time: an hour, at most a day."
    ),
    steps=(),
)
CLASH = FindingMessage(
    id="instructions.records.contradiction",
    severity=Severity.ERROR,
    owner=Owner.SENDER,
    title=N_("The instructions contradict themselves"),
    seen=N_("For {names:list} they want an alias (CNAME) and other records at the same time."),
    why=N_("The rules of DNS do not allow both, so it cannot be set as it is written."),
    steps=(N_("Ask the other provider which of the two is meant, and send them this report."),),
)


def plan_changes(instructed: InstructedRecords) -> ChangePlan:
    """The instructions against what most name servers say."""
    records = Records(instructed.zone, instructed.lookups)

    def current(name: str, kind: str) -> tuple[str, ...] | None:
        if kind != "CNAME" and alias_target(records, name):
            return ()  # what an answer holds beyond the alias belongs to its target
        return majority_values(records, name, kind)

    return compare(instructed.asked.records, instructed.zone, current)


def judge(case: Case) -> Iterable[Finding]:
    instructed = case.evidence[INSTRUCTED]
    plan = plan_changes(instructed)
    yield from _impossible_requests(instructed, plan)
    yield from _moved_services(instructed, plan, case.evidence.get(EXPECTED))
    yield from _shared_names(instructed, plan)
    yield from _pending_changes(instructed, plan)
    yield from _skipped_records(instructed)


def _impossible_requests(instructed: InstructedRecords, plan: ChangePlan) -> Iterator[Finding]:
    if Conflict.APEX_ALIAS in plan.conflicts:
        apex = [
            w.value
            for w in instructed.asked.records
            if (w.name, w.type) == (instructed.zone, "CNAME")
        ]
        yield _instruction_finding(APEX_ALIAS, domain=instructed.zone, target=apex)
    contradictory = plan.conflicts.get(Conflict.CONTRADICTION)
    if contradictory:
        yield _instruction_finding(CLASH, names=list(contradictory))


def _moved_services(
    instructed: InstructedRecords, plan: ChangePlan, expected: Expectations | None
) -> Iterator[Finding]:
    for change in plan.due:
        if change.reason == Conflict.ZONE_MOVES:
            yield _instruction_finding(
                ZONE_MOVES,
                domain=instructed.zone,
                before=list(change.before),
                after=list(change.after),
            )
        if change.reason == Conflict.MAIL_MOVES:
            before = [v.split()[-1] for v in change.before]
            is_here = bool(
                expected
                and set(map(normalise_name, before)) & set(map(normalise_name, expected.mail_hosts))
            )
            after = [v.split()[-1] for v in change.after]
            here = HERE if is_here else ELSEWHERE
            yield _instruction_finding(
                MAIL_MOVES, domain=instructed.zone, before=before, after=after, here=here
            )


def _shared_names(instructed: InstructedRecords, plan: ChangePlan) -> Iterator[Finding]:
    for conflict, message in (
        (Conflict.ALIAS, ALIAS),
        (Conflict.TWO_SPF, TWO_SPF),
        (Conflict.TWO_DMARC, TWO_DMARC),
        (Conflict.OTHER_FAMILY, OTHER_FAMILY),
    ):
        if names := plan.conflicts.get(conflict):
            merged = [c for c in plan.due if c.reason == conflict is not Conflict.ALIAS]
            yield _instruction_finding(
                message,
                records=_records_to_enter(merged),
                domain=instructed.zone,
                names=list(names),
            )


def _pending_changes(instructed: InstructedRecords, plan: ChangePlan) -> Iterator[Finding]:
    due_changes = [c for c in plan.due if c.reason != Conflict.ZONE_MOVES]  # set at the registrar
    if due_changes:
        yield _instruction_finding(
            TO_SET,
            records=_records_to_enter(due_changes),
            domain=instructed.zone,
            what=_record_sets(due_changes),
        )
    unchanged = [c for c in plan.changes if c.step is ChangeStep.SAME]
    settled_sets = _record_sets(c for c in unchanged if not c.reason)
    if settled_sets and len(unchanged) == len(plan.changes):
        yield _instruction_finding(DONE, names=settled_sets)
    if any(c.step is ChangeStep.UNKNOWN for c in plan.changes):
        yield Finding("instructions.records.unknown", {"what": "records"})


def _record_sets(changes: Iterable[RecordChange]) -> list[str]:
    """The record sets, each once: “shop.example A”."""
    return list(dict.fromkeys(f"{c.name} {c.type}" for c in changes))


def _skipped_records(instructed: InstructedRecords) -> Iterator[Finding]:
    if instructed.asked.unfilled:
        names, values = (
            _record_names(instructed.asked.unfilled),
            [w.value for w in instructed.asked.unfilled],
        )
        yield _instruction_finding(UNFILLED, names=names, values=values)
    foreign_records = [
        w for w in instructed.asked.foreign if not is_within(w.name, instructed.zone)
    ]
    if foreign_records:
        yield _instruction_finding(
            OTHER_DOMAIN, domain=instructed.zone, names=_record_names(foreign_records)
        )


def _record_names(records: Iterable[WantedRecord]) -> list[str]:
    return list(dict.fromkeys(w.name for w in records))


def _records_to_enter(changes: Iterable[RecordChange]) -> tuple[Record, ...]:
    """What to enter: of a record set, the values that are not there yet."""
    return tuple(
        Record(c.name, c.type, TTL, value)
        for c in changes
        for value in c.after
        if value not in c.before
    )


def _instruction_finding(
    message: FindingMessage, *, records: tuple[Record, ...] = (), **args: str | list[str]
) -> Finding:
    return message(evidence=("instructed",), records=records, **args)


CHECK = Check(
    id="instructions.records",
    title=N_("The instructions of the other provider"),
    needs=(INSTRUCTED,),
    messages=(
        *(APEX_ALIAS, CLASH, ZONE_MOVES, MAIL_MOVES, ALIAS),
        *(TWO_SPF, TWO_DMARC, OTHER_FAMILY, TO_SET, DONE, UNFILLED, OTHER_DOMAIN),
    ),
    judge=judge,
    tolerates=(EXPECTED,),
    asks=(QUESTION.id,),
)
