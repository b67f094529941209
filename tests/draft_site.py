"""Every door of a site in English and German, German being a draft: what readers see and hear, and
what operators and programs may write. `unit/test_draft_language.py` runs it in a checkout that has
such a draft; elsewhere there is none, and pytest does not gather it."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from accounts.api_tokens.model import ApiTokenRole
from commands.main import parser
from jobs.model import ClaimLimit
from notify import news_messages
from notify.model import Preferences, Subscriber, SubscriberKind, SubscriberState
from render.languages import LANGUAGES, NAMES
from status.events import CHANGED, StatusChanged
from status.model import Snapshot
from status.publishing.publisher import Publisher
from tests.hostile_fixtures import CONFIG, fort_in
from tests.ops_client import Client, Described

ROOT = Path(__file__).resolve().parent.parent
SITE = (
    CONFIG.replace("[[component]]", 'languages = ["en", "de"]\n[[component]]', 1)
    + """
[[channel]]
id = "chat"
url = "json://127.0.0.1:9/"
lang = "de"
[[template]]
id = "disk"
title = {de = "Platte voll"}
text = {de = "Wir schaffen Platz."}
"""
)
TITLE, TEXT = "Der Speicher ist kaputt", "Wir tauschen ihn aus."


@pytest.fixture(scope="module")
def fort(_sqlite_template, tmp_path_factory):
    with fort_in(tmp_path_factory.mktemp("site"), _sqlite_template, SITE) as new_fort:
        yield new_fort


@pytest.fixture(scope="module")
def opened(fort) -> str:
    """An incident that Olu wrote in German alone; its id."""
    form = {"title-de": TITLE, "text-de": TEXT, "state": "investigating", "on-web1": "major_outage"}
    answer = fort.browser("olu").post("/ops/incidents/new", form)
    assert answer.status_code == 303
    return answer.headers["Location"].split("/")[-1]


@pytest.fixture(scope="module")
def news(fort, opened):
    """What subscribers hear of it."""
    queue = fort.rooms.ctx.jobs
    claimed = queue.claim({CHANGED: ClaimLimit(timedelta(minutes=1), 50)}, "test")
    changes = [msgspec.json.decode(c.job.payload, type=StatusChanged) for c in claimed]
    return next(fort.rooms.notify.read_news(c) for c in changes if c.id == opened)


@pytest.fixture(scope="module")
def public(fort, opened):
    """The published pages by path."""
    status, ctx, now = fort.rooms.status, fort.rooms.ctx, fort.clock.now()
    incident = status.store.incident(opened)
    publisher = Publisher(status.published, ctx.site, ctx.pages)
    publisher.publish(Snapshot(now, now, (), (incident,), ()))
    folder = status.published / "public"
    return lambda path: (folder / path).read_text("utf-8")


@pytest.fixture(scope="module")
def client(fort):
    token = fort.rooms.accounts.tokens.add("a program", ApiTokenRole.OPERATOR, "olu")[1]
    return Client(Described(fort.app), token)


def reader(kind: SubscriberKind, lang: str) -> Subscriber:
    return Subscriber(
        id="s1",
        kind=kind,
        address="https://ziel.example/",
        owner="mara@people.example",
        state=SubscriberState.ACTIVE,
        preferences=Preferences(lang=lang),
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
    )


def command(fort, *args: str, text: str = "") -> subprocess.CompletedProcess[str]:
    loaded = fort.rooms.ctx.loaded
    env = {"JASNO_VAR": str(loaded.var), "JASNO_DATABASE_URL": loaded.database_url, "PATH": ""}
    return subprocess.run(
        [sys.executable, "app.py", *args, "--config", str(loaded.config)],
        cwd=ROOT, env=env, input=text, capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip


def test_german_is_a_draft_here() -> None:
    assert ("de" in NAMES, "de" in LANGUAGES) == (True, False)


# ------------------------------------------------------------------ what operators write
def test_forms_offer_the_languages_of_the_site(fort) -> None:
    for path in ("/ops/incidents/new", "/ops/maintenance/new", "/ops/announcements"):
        page = fort.browser("olu").get(path).text
        assert ('name="text-de"' in page, 'name="text-cs"' in page) == (True, False), path


def test_ready_words_are_written_in_it(fort) -> None:
    page = fort.browser("olu").get("/ops/incidents/new?template=outage").text
    assert "Ausfall: [services]" in page
    own = fort.browser("olu").get("/ops/incidents/new?template=disk").text
    assert "Platte voll" in own


def test_a_preview_shows_it_and_what_it_falls_back_to(fort) -> None:
    form = {"title-en": "Disk", "text-en": "We look.", "state": "investigating", "go": "preview"}
    page = fort.browser("olu").post("/ops/incidents/new", form).text
    assert "Deutsch · shown in English" in page
    assert "Čeština" not in page


def test_probes_speak_it(fort) -> None:
    title = fort.rooms.status.templates.title("auto-open", {"name": "Web"})
    assert title == {"en": "Trouble with Web", "de": "Störung bei Web"}


def test_the_api_takes_and_describes_it(fort, client) -> None:
    described = Described(fort.app).document["components"]["schemas"]["Language"]
    assert described["enum"] == ["en", "de"]
    body = {"title": {"de": TITLE}, "text": {"de": TEXT}, "draft": True}
    status, incident = client("POST", "/api/ops/incidents", body)
    assert (status, incident["title"]) == (201, {"de": TITLE})
    czech = {"title": {"cs": "Disk"}, "text": {"cs": "Hledáme."}}
    status, problem = client("POST", "/api/ops/incidents", czech, wrong=True)
    assert (status, {e["field"] for e in problem["errors"]}) == (422, {"title.cs", "text.cs"})
    outage = next(t for t in client("GET", "/api/ops/templates")[1] if t["id"] == "outage")
    assert set(outage["title"]) == {"en", "de"}


def test_the_command_line_takes_it(fort) -> None:
    words = ("--title", f"de={TITLE}", "--text", f"de={TEXT}", "--draft")
    done = command(fort, "incident", "open", *words)
    assert (done.returncode, done.stderr) == (0, "")
    line = "552 5.2.2 mailbox full"
    assert "Postfach" in command(fort, "explain", "--lang", "de", text=line).stdout
    refused = command(fort, "user", "add", "cs@x.example", "C", "--lang", "cs")
    assert (refused.returncode, "Allowed: de, en" in refused.stderr) == (2, True)


def with_lang(parser: argparse.ArgumentParser, name: str = "") -> Iterator[tuple[str, object]]:
    """Every command that takes --lang, with what it allows."""
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for word, inner in action.choices.items():
                yield from with_lang(inner, f"{name} {word}")
        elif "--lang" in action.option_strings:
            yield name.strip(), action.choices


def test_no_command_refuses_it() -> None:
    commands = dict(with_lang(parser()))
    assert {"diagnose", "judge", "explain", "sla", "kb search", "user add"} <= set(commands)
    assert [n for n, allowed in commands.items() if allowed and "de" not in allowed] == []


# ------------------------------------------------------------------ what readers get
def test_a_webhook_in_it_is_whole(news) -> None:
    body = json.loads(
        news_messages.webhook_body(news, reader(SubscriberKind.WEBHOOK, "de"), "http://x")
    )
    assert body["incident"]["name"] == TITLE
    assert body["incident"]["incident_updates"][0]["body"] == TEXT


def test_who_chose_a_language_that_has_left_the_site_hears_in_another(news) -> None:
    body = json.loads(
        news_messages.webhook_body(news, reader(SubscriberKind.WEBHOOK, "cs"), "http://x")
    )
    assert body["incident"]["name"] == TITLE
    assert body["jasno"]["lang"] == "en"
    letter = news_messages.news_email(
        news, reader(SubscriberKind.EMAIL, "cs"), "k", "Sunny", "http://x"
    )
    assert f"http://x/en{news.path}" in letter.text


def test_letters_and_channels_speak_it(fort, news) -> None:
    letter = news_messages.news_email(
        news, reader(SubscriberKind.EMAIL, "de"), "k", "Sunny", "http://x"
    )
    assert letter.subject == f"Sunny: Störung: {TITLE}"
    assert TEXT in letter.text
    assert fort.rooms.notify.channel_subscriptions["chat"].preferences.lang == "de"


def test_pages_and_feeds_speak_it(public, opened) -> None:
    assert TITLE in public(f"de/incidents/{opened}/index.html")
    assert '<html lang="de"' in public("de/index.html")
    assert TITLE in public("de/history.atom")
    assert TITLE in public("de/history.rss")
    with pytest.raises(FileNotFoundError):
        public("cs/index.html")


def test_the_portal_speaks_it(fort) -> None:
    assert '<html lang="de"' in fort.app.test_client().get("/check?lang=de").text
    for wish, lang in (("de", "de"), ("cs", "en")):
        query = {"q": "spf", "lang": wish}
        answer = fort.app.test_client().get("/kb/search.json", query_string=query)
        assert answer.json["lang"] == lang


def test_who_subscribes_may_choose_it(fort) -> None:
    page = fort.browser().get("/subscribe").text
    assert ('value="de"' in page, 'value="cs"' in page) == (True, False)
