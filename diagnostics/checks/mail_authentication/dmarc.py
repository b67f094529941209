"""Checks of the DMARC record and its policy.

RFC 9989, with a remark where receivers that still follow RFC 7489 decide otherwise.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from diagnostics.checks.mail.mx import has_null_mx
from diagnostics.checks.mail.readings import NO_MAIL, txt_records
from diagnostics.evidence.keys import DMARC, MAIL, SPF
from diagnostics.evidence.mail_authentication import Dmarc
from diagnostics.model import Case, Check, Finding, FindingMessage, Severity
from kb.owners import Owner
from render.i18n import N_
from standards.dmarc.alignment import organisational_domain_by_list
from standards.dmarc.record import DmarcRecord, RecordFault
from standards.dmarc.tree_walk import TreeNode

FOLLOWERS = ("mail.dmarc_policy.", "mail.dmarc_reports.")
MISSING = FindingMessage(
    id="mail.dmarc.missing",
    severity=Severity.NOTICE,
    owner=Owner.CUSTOMER,
    title=N_("{domain} does not say what to do with forgeries of its mail"),
    seen=N_("There is no DMARC record at _dmarc.{domain}, nor above it."),
    why=N_("Large mail services expect one, and trust mail from domains without it less."),
    steps=(
        N_("In the DNS settings, add the TXT record below. It changes nothing about delivery yet."),
        N_("When SPF and DKIM work for all your senders, change it to “p=quarantine”."),
    ),
    hides=FOLLOWERS,
)
MULTIPLE = FindingMessage(
    id="mail.dmarc.multiple",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("{domain} has more than one DMARC record"),
    seen=N_("At {name} there are {count:number} of them; receivers then take none."),
    why=N_("Forgeries are treated as if you had no DMARC record at all."),
    steps=(N_("In the DNS settings, delete all but one TXT record at {name}."),),
    hides=(*FOLLOWERS, "mail.dmarc.missing"),
)
UNREAD = FindingMessage(
    id="mail.dmarc.not_recognised",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("The DMARC record of {domain} is not recognised as one"),
    seen=N_("The TXT record at {name} is “{record}”. It must begin with “v=DMARC1;”, in capitals."),
    why=N_("Forgeries are treated as if you had no DMARC record at all."),
    steps=(N_("In the DNS settings, correct the beginning of the TXT record at {name}."),),
    hides=(*FOLLOWERS, "mail.dmarc.missing"),
)
MISPLACED = FindingMessage(
    id="mail.dmarc.misplaced",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("The DMARC record of {domain} stands at the wrong name"),
    seen=N_("It is at {name}; receivers look for it at _dmarc.{domain} only."),
    why=N_("Forgeries are treated as if you had no DMARC record at all."),
    steps=(
        N_("In the DNS settings, add the text below as a TXT record at _dmarc.{domain}."),
        N_("If the editor adds the domain by itself, type only “_dmarc” as the name."),
        N_("Delete the one at {name}."),
    ),
    hides=(*FOLLOWERS, "mail.dmarc.missing"),
)
SYNTAX = FindingMessage(
    id="mail.dmarc.syntax",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("A part of the DMARC record of {domain} cannot be read"),
    seen=N_("In the record at {name}, “{part}” is not valid. {effect:said}"),
    why=N_("Receivers do something else than you believe."),
    steps=(N_("Correct this part of the TXT record at {name}."),),
)
MINOR = FindingMessage(
    id="mail.dmarc.ignored_part",
    severity=Severity.NOTICE,
    owner=Owner.CUSTOMER,
    title=N_("A part of the DMARC record of {domain} is passed over"),
    seen=N_("In the record at {name}, “{part}” is not valid, and receivers pass over it."),
    why=N_("The rest of the record counts, but this wish of yours does not."),
    steps=(N_("Correct this part of the TXT record at {name}."),),
)
NO_POLICY = N_("Because nobody would get reports either, receivers pass over the whole record.")
AS_NONE = N_("Receivers act as if it said “p=none”: forgeries are let through.")
POLICY_NONE = FindingMessage(
    id="mail.dmarc.policy_none",
    severity=Severity.INFO,
    owner=Owner.CUSTOMER,
    title=N_("{domain} only watches forgeries of its mail"),
    seen=N_("Its DMARC record says “p=none”: receivers report, and deliver as always."),
    why=N_("That is the right beginning. The protection comes with the next step."),
    steps=(
        N_("Read the reports for some weeks, until all your own senders pass."),
        N_("Then change “p=none” to “p=quarantine”, and later to “p=reject”."),
    ),
)
TESTING = FindingMessage(
    id="mail.dmarc.testing",
    severity=Severity.INFO,
    owner=Owner.CUSTOMER,
    title=N_("The DMARC policy of {domain} is marked as a trial"),
    seen=N_("Its record asks for “{wanted}”, and with “t=y” for one step less: “{applied}”."),
    why=N_("Receivers that follow RFC 9989 apply “{applied}”; older ones “{wanted}” already."),
    steps=(N_("When the trial has gone well, take “t=y” out."),),
)
HISTORIC = FindingMessage(
    id="mail.dmarc.historic_tags",
    severity=Severity.INFO,
    owner=Owner.CUSTOMER,
    title=N_("The DMARC record of {domain} contains parts that have been abolished"),
    seen=N_("{tags:list}: RFC 9989 no longer knows them. {effect:said}"),
    why=N_("Old and new receivers treat the same message differently."),
    steps=(N_("Take them out of the record when you next change it."),),
)
PARTLY = N_("Older receivers apply the policy to a part of the messages only, newer ones to all.")
NO_EFFECT = N_("They have no effect on delivery.")
BY_RECEIVER = FindingMessage(
    id="mail.dmarc.depends_on_receiver",
    severity=Severity.INFO,
    owner=Owner.CUSTOMER,
    title=N_("Whether DMARC protects {domain} depends on the receiver"),
    seen=N_(
        "The record that applies stands at {holder}. Receivers of the old rules (RFC 7489) look at {old} instead."
    ),
    why=N_("They treat forgeries as if there were no such record."),
    steps=(N_("Set a DMARC record at _dmarc.{domain} itself; then all receivers agree."),),
)


def judge(case: Case) -> Iterable[Finding]:
    dmarc = case.evidence[DMARC]
    tree = dmarc.tree
    own_node = tree.places[0] if tree.places else TreeNode(dmarc.domain)
    unusable = [*_unusable_record_findings(dmarc, own_node)]
    yield from unusable
    unusable_node = next((p for p in tree.places if p.policy and not p.policy.is_usable), None)
    policy = tree.policy or (unusable_node.policy if unusable_node else None)
    if policy is None:
        if not unusable:
            yield MISSING(
                evidence=("dmarc",),
                records=txt_records(f"_dmarc.{dmarc.domain}", _starting_record(case)),
                domain=dmarc.domain,
            )
        return
    holder = tree.holder or (unusable_node.domain if unusable_node else dmarc.domain)
    yield from _syntax_findings(dmarc, policy, f"_dmarc.{holder}")


def _unusable_record_findings(dmarc: Dmarc, own_node: TreeNode) -> Iterator[Finding]:
    """Records that were meant, and that no receiver takes."""
    domain, name = dmarc.domain, f"_dmarc.{dmarc.domain}"
    if own_node.many:
        yield MULTIPLE(evidence=("dmarc",), domain=domain, name=name, count=len(own_node.texts))
    elif own_node.texts and own_node.policy is None:
        yield UNREAD(
            evidence=("dmarc",),
            records=txt_records(name, _with_correct_prefix(own_node.texts[0])),
            domain=domain,
            name=name,
            record=own_node.texts[0][:200],
        )
    elif dmarc.strays and own_node.policy is None:
        stray = dmarc.strays[0]
        yield MISPLACED(
            evidence=("dmarc",),
            records=txt_records(name, stray.text),
            domain=domain,
            name=stray.name,
        )


def _with_correct_prefix(text: str) -> str:
    """The record with the beginning that receivers want."""
    unquoted = text.strip().strip("\"'").strip()
    start = unquoted.lower().find("dmarc")
    policy_part = unquoted[start + 5 :].lstrip(" 1").lstrip(" ;,:").strip()
    return f"v=DMARC1; {policy_part}" if policy_part.lower().startswith(("p=", "p ")) else ""


def _starting_record(case: Case) -> str:
    """The record to begin with; a domain that sends nothing can go all the way at once."""
    spf, mail = case.evidence.get(SPF), case.evidence.get(MAIL)
    is_silent = spf is not None and spf.tree.record.lower().split() == NO_MAIL.split()
    is_idle = mail is not None and (has_null_mx(mail) or not mail.hosts)
    return "v=DMARC1; p=reject" if is_silent and is_idle else "v=DMARC1; p=none"


def _syntax_findings(dmarc: Dmarc, policy: DmarcRecord, name: str) -> Iterator[Finding]:
    deciding = [f for f in policy.faults if f.tag in ("p", "sp", "np")]
    others = [f for f in policy.faults if f not in deciding]
    if deciding:
        effect = AS_NONE if policy.is_usable else NO_POLICY
        part = _fault_text(deciding[0])
        yield SYNTAX(evidence=("dmarc",), domain=dmarc.domain, name=name, part=part, effect=effect)
    if others:
        part = _fault_text(others[0])
        yield MINOR(evidence=("dmarc",), domain=dmarc.domain, name=name, part=part)


def _fault_text(fault: RecordFault) -> str:
    return f"{fault.tag}={fault.value}" if fault.value else fault.tag


def judge_policy(case: Case) -> Iterable[Finding]:
    dmarc = case.evidence[DMARC]
    tree, policy = dmarc.tree, dmarc.tree.policy
    if policy is None:
        return
    is_invalid = any(f.tag in ("p", "sp", "np") for f in policy.faults)
    if tree.wanted == "none" and not is_invalid:
        yield POLICY_NONE(evidence=("dmarc",), domain=dmarc.domain)
    elif tree.testing:
        yield TESTING(
            evidence=("dmarc",),
            domain=dmarc.domain,
            wanted=tree.wanted,
            applied=tree.effective_policy,
        )
    if policy.historic:
        partial_tags = [t for t in policy.historic if t.startswith("pct=") and t != "pct=100"]
        effect = PARTLY if partial_tags and tree.wanted != "none" else NO_EFFECT
        yield HISTORIC(
            evidence=("dmarc",), domain=dmarc.domain, tags=list(policy.historic), effect=effect
        )
    list_organisation = organisational_domain_by_list(dmarc.domain)
    if tree.holder not in (dmarc.domain, list_organisation) and tree.wanted != "none":
        yield BY_RECEIVER(
            evidence=("dmarc",), domain=dmarc.domain, holder=tree.holder, old=list_organisation
        )


def _has_policy(case: Case) -> bool:
    return case.evidence[DMARC].tree.policy is not None


CHECK = Check(
    id="mail.dmarc",
    title=N_("The domain says what to do with forgeries (DMARC)"),
    needs=(DMARC,),
    tolerates=(SPF, MAIL),
    messages=(MISSING, MULTIPLE, UNREAD, MISPLACED, SYNTAX, MINOR),
    judge=judge,
)
POLICY = Check(
    id="mail.dmarc_policy",
    title=N_("The DMARC policy protects the domain"),
    needs=(DMARC,),
    messages=(POLICY_NONE, TESTING, HISTORIC, BY_RECEIVER),
    judge=judge_policy,
    seen=_has_policy,
    refuted_by=("mail.dmarc.syntax",),
)
