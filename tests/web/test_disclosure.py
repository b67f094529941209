"""Evidence of every kind, full of marks: no page, document, share link or feed tells a private one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from diagnostics.disclosure import Audience
from diagnostics.evidence.keys import KEYS
from diagnostics.model import Item, Scope
from subject import parse_subject
from tests.hostile_fixtures import ACCOUNT, DOMAIN
from tests.planted_evidence import Planter, marked
from tests.run_places import FIRST

PRIVATE = (Audience.ACCOUNT, Audience.ASKER, Audience.RUN_SCOPE)
WITHHELD = ("mail.hosts.dialogue", "mail.reference", "mail_names.outgoing", "mail_names.greetings")
WITHHELD += ("web.families", "web.contact", "registration.raw", "blocklists")
HIDDEN = (*(f"{key.name}." for key in KEYS if key.seen_by in PRIVATE), *WITHHELD)
PUBLISHED = ("/", "/history", "/history.atom", "/history.rss", "/maintenance.ics")
PUBLISHED += ("/api/v2/summary.json", "/freshness.json")


def plant(fort, scope):
    """A finished run of Mara's with every key planted: its token, a share's, and the marks."""
    planter = Planter()
    run, token = fort.rooms.wizard.runs.create(
        parse_subject(DOMAIN), scope, "site_down", account=ACCOUNT, person="mara", place=FIRST
    )
    fort.rooms.wizard.runs.claim(run.id)
    for key in KEYS:
        value = planter.value(key.type, key.name)
        fort.rooms.wizard.runs.save_item(run.id, Item(key.name, value, fort.clock.now()))
    fort.rooms.wizard.runs.finish(run.id)
    _, share = fort.rooms.wizard.runs.share(run.id, timedelta(days=7))
    return token, share, planter.marks


@pytest.mark.parametrize("scope", [Scope.CONTACT, Scope.STAFF])
@pytest.mark.parametrize("name", ["", "zed"], ids=["nobody", "zed"])
def test_no_page_document_or_feed_tells_what_is_private(fort, name, scope) -> None:
    token, share, marks = plant(fort, scope)
    browser = fort.browser(name)
    fort.run_token = token
    paths = [fort.fill(rule) for method, rule in fort.routes() if method == "GET"]
    paths += [path.replace(token, share) for path in paths if token in path]
    seen = {}
    for path in (*paths, *PUBLISHED):
        leaks = marked(browser.get(path).text, marks)
        seen[path] = [where for where in leaks if where.startswith(HIDDEN)]
    assert {path: leaks for path, leaks in seen.items() if leaks} == {}
    # The marks are seen where they may be: by strangers in public fields, by Mara in all.
    assert marked(browser.get(f"/r/{share}.json").text, marks)
    whole = marked(fort.browser("mara").get(f"/r/{token}.json").text, marks)
    assert [where for where in whole if where.startswith("hosting.")]
