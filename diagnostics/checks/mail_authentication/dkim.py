"""Check of DKIM keys at the selectors we know.

DNS cannot list selectors: not finding a key proves nothing, unless we know where it must stand.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from diagnostics.checks.mail.readings import sends_through_provider, txt_records
from diagnostics.checks.readings import unknown_finding
from diagnostics.evidence.keys import EXPECTED, HOSTING, MAIL
from diagnostics.evidence.mail_authentication import DKIM, Dkim, Selector
from diagnostics.model import Case, Check, Finding, FindingMessage, Severity
from kb.owners import Owner
from render.i18n import N_
from standards.dkim.key_record import (
    MIN_RSA_BITS,
    RECOMMENDED_RSA_BITS,
    DkimKey,
    is_key_record,
    is_same_key,
    parse_key_record,
    repair_key_record,
)
from standards.dns_types import Record
from standards.queries import join_strings

UNVERIFIED = N_("Receivers cannot verify your messages, and trust them less.")
SETTINGS = N_(
    "In the DNS settings, set the TXT record at {name} to the text of your mail provider."
)
MISSING = FindingMessage(
    id="mail.dkim.missing",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("The DKIM key of {domain} is not in the DNS"),
    seen=N_("Our servers sign mail of {domain}, and there is no key at {names:list}."),
    why=UNVERIFIED,
    steps=(
        N_("In your hosting panel, switch DKIM on for {domain}; it shows the record to set."),
        N_("Add that record in the DNS settings, and check again in an hour."),
    ),
)
DIFFERS = FindingMessage(
    id="mail.dkim.differs",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("The DKIM key of {domain} in the DNS is not the one that signs"),
    seen=N_("The key at {name} is another one than in the hosting panel."),
    why=N_("Every signature fails, and with a DMARC policy your messages are refused."),
    steps=(
        N_("In the DNS settings, replace the TXT record at {name} with the text below."),
        N_("Check again in an hour."),
    ),
)
DEAD_KEY = FindingMessage(
    id="mail.dkim.too_short",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("A DKIM key of {domain} is too short to count"),
    seen=N_(
        "The key at {name} has {bits:number} bits; receivers ignore less than 1024 (RFC 8301)."
    ),
    why=UNVERIFIED,
    steps=(
        N_("Make a new key with 2048 bits in your hosting panel or at your mail provider."),
        N_("Set the new record at a new selector, and let it sign with that one."),
    ),
)
WEAK_KEY = FindingMessage(
    id="mail.dkim.short",
    severity=Severity.NOTICE,
    owner=Owner.CUSTOMER,
    title=N_("A DKIM key of {domain} is short"),
    seen=N_("The key at {name} has {bits:number} bits; 2048 are recommended."),
    why=N_("It still works, but strong enough attackers can break keys of this size."),
    steps=(N_("When you next change the key, make one with 2048 bits."),),
)
REVOKED = FindingMessage(
    id="mail.dkim.revoked",
    severity=Severity.WARNING,
    owner=Owner.CUSTOMER,
    title=N_("The DKIM key with which {domain} should sign is revoked"),
    seen=N_("The record at {name} has an empty “p=”, which means: this key is no longer valid."),
    why=UNVERIFIED,
    steps=(SETTINGS,),
)
TESTING = FindingMessage(
    id="mail.dkim.testing",
    severity=Severity.NOTICE,
    owner=Owner.CUSTOMER,
    title=N_("A DKIM key of {domain} is still marked as a trial"),
    seen=N_("The record at {name} contains “t=y”: receivers may treat the mail as unsigned."),
    why=N_("You have the work of signing without its use."),
    steps=(N_("Take “t=y” out of the record at {name}."),),
)
UNREADABLE = FindingMessage(
    id="mail.dkim.unreadable",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("A DKIM record of {domain} cannot be used"),
    seen=N_("This is about the TXT record at {name}. {reason:said}"),
    why=UNVERIFIED,
    steps=(
        N_(
            "In the DNS settings, replace the TXT record at {name}; if a corrected text stands below, copy it."
        ),
        N_("Otherwise take the record anew from your mail provider, in one piece."),
    ),
)
MULTIPLE = FindingMessage(
    id="mail.dkim.multiple",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("There are several DKIM records at one selector of {domain}"),
    seen=N_("At {name} there are {count:number} TXT records; only one may stand there."),
    why=N_("Which one receivers take is a matter of luck, and signatures fail at random."),
    steps=(N_("In the DNS settings, delete all but the newest record at {name}."),),
)
NOWHERE = FindingMessage(
    id="mail.dkim.leads_nowhere",
    severity=Severity.ERROR,
    owner=Owner.CUSTOMER,
    title=N_("A DKIM record of {domain} leads nowhere"),
    seen=N_("{name} is an alias of {target}, and there is no key."),
    why=UNVERIFIED,
    steps=(
        N_("Compare the alias with the service's instructions, letter by letter."),
        N_("If you no longer use that service, delete the alias."),
    ),
)
WILDCARD = FindingMessage(
    id="mail.dkim.wildcard",
    severity=Severity.NOTICE,
    owner=Owner.CUSTOMER,
    title=N_("Every DKIM selector of {domain} answers"),
    seen=N_("Even {name}, which nobody uses, has a TXT record: a wildcard answers for all names."),
    why=N_("Nobody can tell your keys from it, and a mistyped selector is not noticed."),
    steps=(N_("Replace the wildcard record by single records for the selectors you use."),),
    hides=("mail.dkim.multiple", "mail.dkim.unreadable"),
)
REASONS: Mapping[str, str] = {
    "not_a_key": N_("Its text is no DKIM key."),
    "version": N_("It must begin with “v=DKIM1”."),
    "kind": N_("Its kind of key (k=) is none that receivers know."),
    "hash": N_("It allows no hash that receivers still accept; SHA-256 is needed."),
    "service": N_("By “s=” it is not meant for mail."),
    "missing": N_("The key itself (p=) is missing."),
    "encoding": N_("The key (p=) contains characters that do not belong there."),
    "broken": N_("The key (p=) is incomplete, or no key of the kind it says."),
}


def judge(case: Case) -> Iterable[Finding]:
    dkim = case.evidence[DKIM]
    wildcard = next((s for s in dkim.selectors if s.source == "probe" and s.values), None)
    if wildcard is not None:
        yield WILDCARD(evidence=("dkim",), domain=dkim.domain, name=_record_name(dkim, wildcard))
    panel_records = _panel_records(case)
    for selector in dkim.selectors:
        if selector.source == "probe" or (wildcard and selector.values == wildcard.values):
            continue
        yield from _selector_findings(dkim, selector, panel_records.get(selector.name, ""))
    yield from _missing_key_findings(case, dkim, panel_records)


def _panel_records(case: Case) -> dict[str, str]:
    """What the panel says should stand at each selector."""
    hosting = case.evidence.get(HOSTING)
    return {k.selector.lower(): k.record for k in hosting.dkim} if hosting else {}


def _record_name(dkim: Dkim, selector: Selector) -> str:
    return f"{selector.name}._domainkey.{dkim.domain}"


def _is_expected(selector: Selector) -> bool:
    """Is it a selector that somebody told us of, not one of the usual guesses?"""
    return selector.signs or selector.source != "usual"


def _selector_findings(dkim: Dkim, selector: Selector, expected_record: str) -> Iterator[Finding]:
    """What the records at one selector suffer from; nothing when there are none."""
    name = _record_name(dkim, selector)
    key_texts = [
        t for t in map(join_strings, selector.values) if is_key_record(t) or repair_key_record(t)
    ]
    if selector.alias and not selector.values and not selector.failed:
        yield NOWHERE(evidence=("dkim",), domain=dkim.domain, name=name, target=selector.alias)
    elif len(key_texts) > 1:
        corrected = txt_records(name, expected_record)
        yield MULTIPLE(
            evidence=("dkim",),
            records=corrected,
            domain=dkim.domain,
            name=name,
            count=len(key_texts),
        )
    elif key_texts or (selector.values and _is_expected(selector)):
        text = key_texts[0] if key_texts else join_strings(selector.values[0])
        yield from _key_findings(dkim, selector, name, text, expected_record)


def _key_findings(
    dkim: Dkim, selector: Selector, name: str, text: str, expected_record: str
) -> Iterator[Finding]:
    key = parse_key_record(text)
    if key.problem == "revoked":
        if _is_expected(selector):
            yield REVOKED(
                evidence=("dkim",),
                records=txt_records(name, expected_record),
                domain=dkim.domain,
                name=name,
            )
        return
    if expected_record and key.is_usable and not is_same_key(text, expected_record):
        yield DIFFERS(
            evidence=("dkim", "hosting"),
            records=txt_records(name, expected_record),
            domain=dkim.domain,
            name=name,
        )
        return
    if key.problem:
        yield UNREADABLE(
            evidence=("dkim",),
            records=_corrected_record(name, text, expected_record),
            domain=dkim.domain,
            name=name,
            reason=REASONS[key.problem],
        )
        return
    yield from _strength_findings(key, dkim.domain, name)


def _corrected_record(name: str, text: str, expected_record: str) -> tuple[Record, ...]:
    return txt_records(name, expected_record or repair_key_record(text))


def _strength_findings(key: DkimKey, domain: str, name: str) -> Iterator[Finding]:
    if key.kind == "rsa" and key.bits < MIN_RSA_BITS:
        yield DEAD_KEY(evidence=("dkim",), domain=domain, name=name, bits=key.bits)
    elif key.kind == "rsa" and key.bits < RECOMMENDED_RSA_BITS:
        yield WEAK_KEY(evidence=("dkim",), domain=domain, name=name, bits=key.bits)
    if key.testing:
        yield TESTING(evidence=("dkim",), domain=domain, name=name)


def _missing_key_findings(
    case: Case, dkim: Dkim, panel_records: Mapping[str, str]
) -> Iterator[Finding]:
    """A key we know of that is nowhere; only for domains whose mail our servers sign."""
    if not sends_through_provider(case.evidence):
        return
    signing_selectors = [s for s in dkim.selectors if s.signs or s.source == "provider"]
    expected_selectors = [s for s in signing_selectors if s.signs] or signing_selectors
    if any(s.values or s.alias for s in expected_selectors) or not expected_selectors:
        return
    if any(s.failed for s in expected_selectors):
        yield unknown_finding(CHECK.id, what="dkim")
        return
    names = [_record_name(dkim, s) for s in expected_selectors]
    records = tuple(
        r
        for s in expected_selectors
        for r in txt_records(_record_name(dkim, s), panel_records.get(s.name, ""))
    )
    yield MISSING(evidence=("dkim",), records=records, domain=dkim.domain, names=names)


CHECK = Check(
    id="mail.dkim",
    title=N_("Keys for signatures (DKIM), as far as we know where to look, are right"),
    needs=(DKIM,),
    tolerates=(HOSTING, EXPECTED, MAIL),
    messages=(
        *(MISSING, DIFFERS, DEAD_KEY, WEAK_KEY, REVOKED, TESTING),
        *(UNREADABLE, MULTIPLE, NOWHERE, WILDCARD),
    ),
    judge=judge,
)
