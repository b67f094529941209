"""Check of where the SPF record leads: too many look-ups, broken includes and redirects.

RFC 7208, 4.6.4, as standards/spf/lookup_tree.py counts. Only breakage: whatever is told here makes receivers give the record up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from diagnostics.checks.mail.readings import is_spf_readable, mx_addresses, txt_records
from diagnostics.checks.readings import unknown_finding
from diagnostics.evidence.keys import MAIL, SPF
from diagnostics.evidence.mail_authentication import Spf
from diagnostics.model import Case, Check, Finding, FindingMessage, Severity
from kb.owners import Owner
from render.i18n import N_
from standards.spf.correction import remove_terms
from standards.spf.flattening import flatten_record
from standards.spf.lookup_tree import MAX_LOOKUPS, MAX_VOID_LOOKUPS, RecordNode

GIVEN_UP = N_("Receivers then give the record up, and your mail may land in spam or come back.")
SENDER_FINDINGS = ("mail.spf_sender.", "mail.spf.ours_refused", "mail.spf.ours_doubtful")
TOO_MANY = FindingMessage(
    id="mail.spf.too_many_lookups",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("The SPF record of {domain} needs too many look-ups"),
    seen=N_(
        "It takes {count:number} look-ups in the DNS; {limit:number} are allowed. Most are taken by {costly:list}."
    ),
    why=GIVEN_UP,
    steps=(
        N_("Leave out services through which you no longer send."),
        N_("Ask the others for a shorter record, or let them send from a subdomain of its own."),
        N_("If a corrected record stands below, it allows the same servers; copy it as it is."),
    ),
    hides=("mail.spf.near_limit",),
)
NEAR = FindingMessage(
    id="mail.spf.near_limit",
    severity=Severity.INFO,
    owner=Owner.CUSTOMER,
    title=N_("The SPF record of {domain} has no room for another service"),
    seen=N_("It takes {count:number} of {limit:number} allowed look-ups in the DNS."),
    why=N_("One more include, also inside of somebody else's record, would break it."),
    steps=(N_("Before you add a service, leave out one that you no longer use."),),
)
TOO_VOID = FindingMessage(
    id="mail.spf.too_many_void",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("The SPF record of {domain} names too many things that do not exist"),
    seen=N_(
        "{terms:list}: for {count:number} names there is no answer; {limit:number} are allowed."
    ),
    why=GIVEN_UP,
    steps=(N_("Take these parts out of the record; they let nobody send."),),
)
LOOP = FindingMessage(
    id="mail.spf.include_loop",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("The SPF record of {domain} includes itself"),
    seen=N_("{path:list} lead round in a circle."),
    why=GIVEN_UP,
    steps=(N_("Take “{term}” out of the record of {holder}."),),
    hides=("mail.spf.too_many_lookups", "mail.spf.near_limit", *SENDER_FINDINGS),
)
NOTHING = FindingMessage(
    id="mail.spf.include_nothing",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("The SPF record of {domain} includes a name without an SPF record"),
    seen=N_("“{term}” stands in the record of {holder}, and there is no SPF record at {target}."),
    why=GIVEN_UP,
    steps=(
        N_("Look for a typing error in “{term}”; compare it with the service's instructions."),
        N_("If you no longer use that service, take the part out."),
    ),
    hides=SENDER_FINDINGS,
)
BROKEN = FindingMessage(
    id="mail.spf.include_broken",
    severity=Severity.ERROR,
    owner=Owner.MAIL_OPERATOR,
    title=N_("The SPF record of {domain} leads to a broken one"),
    seen=N_("The record of {target} cannot be used. {reason:said}"),
    why=GIVEN_UP,
    steps=(
        N_("Tell the service behind {target} that its SPF record is broken."),
        N_("Until it is repaired, take “{via}” out, if you can do without that service."),
    ),
    hides=SENDER_FINDINGS,
)
REDIRECT = FindingMessage(
    id="mail.spf.redirect_nothing",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("The SPF record of {domain} hands over to a name without one"),
    seen=N_("“{term}” stands in the record of {holder}, and there is no SPF record at {target}."),
    why=GIVEN_UP,
    steps=(N_("Correct the name, or write the record out instead of handing over."),),
    hides=SENDER_FINDINGS,
)
HOSTS = FindingMessage(
    id="mail.spf.too_many_mx",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("A part of the SPF record of {domain} stands for too many mail servers"),
    seen=N_("“{term}” in the record of {holder} leads to more than 10 mail servers."),
    why=GIVEN_UP,
    steps=(N_("Write the networks of the sending servers instead of “{term}”."),),
    hides=SENDER_FINDINGS,
)
TWO = N_("It has more than one SPF record.")
PART = N_("Its part “{term}” is not valid.")


def judge(case: Case) -> Iterable[Finding]:
    spf = case.evidence[SPF]
    if not spf.tree.is_readable:
        return
    findings = [*_broken_term_findings(spf), *_limit_findings(case, spf)]
    yield from findings
    if not findings and any(b.problem == "unseen" for b in spf.tree.records()):
        yield unknown_finding(CHECK.id, what="spf")


def _limit_findings(case: Case, spf: Spf) -> Iterator[Finding]:
    tree, domain = spf.tree, spf.domain
    if tree.lookups > MAX_LOOKUPS:
        costly_terms = sorted(tree.twigs, key=lambda t: -t.lookups)[:3]
        yield TOO_MANY(
            evidence=("spf",),
            records=txt_records(domain, flatten_record(tree, mx_addresses(case))),
            domain=domain,
            count=tree.lookups,
            limit=MAX_LOOKUPS,
            costly=[t.term[:100] for t in costly_terms if t.lookups],
        )
    elif tree.lookups >= MAX_LOOKUPS - 1:
        yield NEAR(evidence=("spf",), domain=domain, count=tree.lookups, limit=MAX_LOOKUPS)
    if tree.voids > MAX_VOID_LOOKUPS:
        void_terms = [t.term for _, t in tree.all_terms() if t.note == "void"]
        own_void_terms = {t.term for t in tree.twigs if t.note == "void"}
        yield TOO_VOID(
            evidence=("spf",),
            records=txt_records(
                domain, remove_terms(tree.record, own_void_terms) if own_void_terms else ""
            ),
            domain=domain,
            terms=[t[:100] for t in void_terms[:6]],
            count=tree.voids,
            limit=MAX_VOID_LOOKUPS,
        )


def _broken_term_findings(spf: Spf) -> Iterator[Finding]:
    """Every place of the tree that ends the evaluation, each target once."""
    reported: set[tuple[str, str]] = set()
    for holder, twig in spf.tree.all_terms():
        included = twig.inside
        if twig.note == "many_hosts":
            yield HOSTS(
                evidence=("spf",), domain=spf.domain, term=twig.term[:100], holder=holder.domain
            )
        if (
            included is None
            or not included.problem
            or (included.domain, included.problem) in reported
        ):
            continue
        reported.add((included.domain, included.problem))
        yield from _include_findings(spf, holder, twig.term, included)


def _include_findings(
    spf: Spf, holder: RecordNode, term: str, included: RecordNode
) -> Iterator[Finding]:
    corrected = txt_records(
        spf.domain, remove_terms(holder.record, {term}) if holder is spf.tree else ""
    )
    domain, target, shown_term = spf.domain, included.domain, term[:100]
    if included.problem == "loop":
        path = list(dict.fromkeys((domain, holder.domain, target)))
        yield LOOP(
            evidence=("spf",),
            records=corrected,
            domain=domain,
            path=path,
            term=shown_term,
            holder=holder.domain,
        )
    elif included.problem == "nothing":
        message = REDIRECT if term.lower().startswith("redirect=") else NOTHING
        yield message(
            evidence=("spf",),
            records=corrected,
            domain=domain,
            term=shown_term,
            holder=holder.domain,
            target=target,
        )
    elif included.problem in ("many", "syntax"):
        yield BROKEN(
            evidence=("spf",),
            domain=domain,
            target=target,
            reason=TWO if included.problem == "many" else PART,
            term=included.term[:100] or shown_term,
            via=shown_term,
        )


CHECK = Check(
    id="mail.spf_tree",
    title=N_("Everything in the SPF record can be followed"),
    needs=(SPF,),
    tolerates=(MAIL,),
    messages=(TOO_MANY, NEAR, TOO_VOID, LOOP, NOTHING, BROKEN, REDIRECT, HOSTS),
    judge=judge,
    seen=is_spf_readable,
)
