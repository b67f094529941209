"""The public view: what anyone who holds a link may see of a run. Pure.

It is made before judging, so nothing private can come through a finding's words.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from diagnostics.evidence.keys import (
    DKIM,
    EXPECTED,
    HOSTING,
    INSTRUCTED,
    KNOWN,
    MAIL,
    REGISTRATION,
    WEB,
    MailServers,
    WebWalks,
)
from diagnostics.evidence.mail import (
    BLOCKLISTS,
    MAILBOX,
    PORTS,
    REVERSE,
    SIGN_IN,
    Blocklists,
    ReverseNames,
)
from diagnostics.evidence.mail_authentication import Dkim
from diagnostics.model import NOT_MEANT, Evidence, Item, Key, Missing, Run, Scope
from facts import Exchange, RedirectChain, Registration
from subject import Subject, SubjectKind

T = TypeVar("T")
HIDDEN_HEADERS = frozenset({"set-cookie", "cookie", "authorization", "www-authenticate"})


def public_run(run: Run) -> Run:
    """The run without who asked, for which account, and what they typed beyond the name."""
    return replace(
        run,
        subject=public_subject(run.subject),
        scope=Scope.PUBLIC,
        account="",
        person="",
        invite="",
        session="",
        answers={},
    )


def public_subject(subject: Subject) -> Subject:
    """The name alone: no mailbox, no path, no query, not the typed text."""
    kind = SubjectKind.DOMAIN if subject.host == subject.domain else SubjectKind.HOST
    return Subject(kind, subject.host, subject.host, subject.domain, caution=subject.caution)


def public_evidence(run: Run, evidence: Evidence) -> Evidence:
    """What a run in public scope could have gathered, as far as this one did."""
    items = dict(evidence.items)
    private = (HOSTING, EXPECTED, KNOWN, PORTS, MAILBOX, SIGN_IN)
    accounts = private if run.scope is not Scope.PUBLIC else ()
    for key in (*accounts, INSTRUCTED):  # the last holds what the asker pasted
        if key.name in items and items[key.name].detail != NOT_MEANT:
            at = items[key.name].at
            items[key.name] = Item(key.name, None, at, missing=Missing.WITHHELD)
    kept = Evidence(items)
    kept = _changed(kept, MAIL, _without_dialogues)
    kept = _changed(kept, REVERSE, _without_senders)
    kept = _changed(kept, BLOCKLISTS, _without_addresses)
    kept = _changed(kept, DKIM, _without_panel)
    kept = _changed(kept, WEB, lambda web: _without_typed(web, run.subject.url))
    return _changed(kept, REGISTRATION, _without_raw)


def _changed(evidence: Evidence, key: Key[T], change: Callable[[T], T]) -> Evidence:
    value = evidence.get(key)
    if value is None:
        return evidence
    item = replace(evidence.items[key.name], value=change(value))
    return Evidence({**evidence.items, key.name: item})


def _without_dialogues(mail: MailServers) -> MailServers:
    hosts = tuple(replace(host, dialogue=None) for host in mail.hosts)
    return replace(mail, hosts=hosts, unasked="withheld", reference=None)


def _without_senders(names: ReverseNames) -> ReverseNames:
    return replace(names, outgoing=(), greetings=())


def _without_addresses(lists: Blocklists) -> Blocklists:
    """Only what the lists say of the domain."""
    tests = tuple(t for t in lists.tests if t.sort == "domain")
    return replace(
        lists, tests=tests, listings=tuple(x for x in lists.listings if x.sort == "domain")
    )


def _without_raw(answer: Registration) -> Registration:
    """Without contact lines, and without the date that the operator entered for customers."""
    return replace(answer, raw="", entered_expires=None)


def _without_panel(dkim: Dkim) -> Dkim:
    """Only selectors that anybody would be asked about, and not which of them the panel signs with."""
    kept = tuple(replace(s, panel=False) for s in dkim.selectors if s.source != "panel")
    kept = tuple(s for s in kept if s.values or s.alias or s.failed or s.source != "usual")
    names = {f"{s.name}._domainkey.{dkim.domain}" for s in kept}
    return replace(dkim, selectors=kept, lookups=tuple(x for x in dkim.lookups if x.name in names))


def _without_typed(web: WebWalks, url: str) -> WebWalks:
    """Without the walk from the very address that was typed: its path or query may be a secret."""
    kept = (chain for chain in web.chains if not url or chain.start != url)
    return WebWalks(
        tuple(RedirectChain(c.start, tuple(map(_hop, c.hops)), c.outcome) for c in kept)
    )


def _hop(hop: Exchange) -> Exchange:
    return replace(hop, headers=tuple(h for h in hop.headers if h[0] not in HIDDEN_HEADERS))
