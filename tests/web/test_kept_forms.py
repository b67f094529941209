"""What somebody writes after their session has ended: shown, kept over signing in, sent then."""

from __future__ import annotations

import html
import re
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.desk_fixtures import SECRET
from tickets.model import TicketState
from web.forms.kept_forms import KEEPING_LIMIT, is_words
from web.forms.kept_forms import SECRET as UNKEPT

TEMPLATES = Path(__file__).parents[2] / "templates"
WRITTEN = "It stopped <again> & “today”:\nháčky"
FROM_HERE = {"Origin": "http://localhost"}
TICKET = {"filled": "1", "category": "web", "service": "shop.example", "text": "An error"}


def signed_out(house, name):
    """A browser whose owner has signed out in another tab."""
    browser = house.browser(name)
    assert browser.post("/sign-out").status_code == 303
    return browser


def sign_in_link(answer):
    return html.unescape(
        re.search(r'class="button button--primary" href="([^"]+)"', answer.text)[1]
    )


def signed_in_again(browser, name, link):
    target = re.search(r'name="next" value="([^"]*)"', browser.get(link).text)[1]
    email = f"{name}@people.example"
    form = {"email": email, "password": SECRET, "next": html.unescape(target)}
    return browser.get(browser.post("/sign-in", form).location)


def fields_of(page):
    """The fields of the form that a kept form's page offers to send."""
    form = re.search(
        r'<form method="post" action="/(?:tickets|desk|ops).*?</form>', page, re.DOTALL
    )[0]
    hidden = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form)
    areas = re.findall(r'<textarea[^>]* name="([^"]+)"[^>]*>(.*?)</textarea>', form, re.DOTALL)
    pressed = re.findall(r'<button[^>]* name="([^"]+)" value="([^"]*)"', form)[:1]
    fields = {name: html.unescape(value) for name, value in (*hidden, *areas, *pressed)}
    return re.search(r'action="([^"]+)"', form)[1], fields


@pytest.mark.parametrize(
    ("name", "path", "kind"),
    [("mara", "", "customer"), ("ben", "/reply", "reply"), ("ben", "/reply", "internal")],
)
def test_what_was_written_after_the_session_ended_comes_back(house, name, path, kind):
    ticket = house.ticket_of("mara")
    browser = signed_out(house, name)
    url = f"/{'desk/' if name == 'ben' else ''}tickets/{ticket}{path}"
    sent = {"text": WRITTEN, "key": "a" * 24, "go": "note" if kind == "internal" else "reply"}
    refused = browser.post(url, sent)
    assert refused.status_code == 401
    assert html.escape(WRITTEN, quote=False) in refused.text
    assert "has not been sent" in refused.text
    assert len(house.tickets.thread(ticket, internal=True)) == 1

    words = "What you wrote is kept and waits for you behind this page."
    assert words in browser.get(sign_in_link(refused)).text
    back = signed_in_again(browser, name, sign_in_link(refused))
    assert back.status_code == 200
    action, fields = fields_of(back.text)
    assert fields["text"].replace("\r\n", "\n") == WRITTEN
    assert browser.post(action, fields).status_code == 303
    note = house.tickets.thread(ticket, internal=True)[-1]
    assert (note.author, note.kind) == (name, kind)
    assert note.text == WRITTEN


def kept_path(answer):
    """Where a kept form waits behind signing in."""
    query = parse_qs(urlsplit(sign_in_link(answer)).query)
    assert query["next"][0].startswith("/kept?kept=")
    return query["next"][0]


def test_a_kept_form_comes_back_to_nobody_else(house):
    ticket = house.ticket_of("mara")
    zed, olu = signed_out(house, "zed"), house.browser("olu")
    refused = zed.post(f"/desk/tickets/{ticket}/reply", {"text": "Send me money", "go": "reply"})
    path = kept_path(refused)
    assert olu.get(path).status_code == 404
    assert zed.get(path).status_code == 303, "he is asked to sign in"
    assert house.browser("mara").get("/kept?kept=nothing").status_code == 404


def test_a_kept_form_is_not_the_next_persons_at_the_same_browser(house):
    ticket = house.ticket_of("mara")
    browser = signed_out(house, "mara")
    refused = browser.post(f"/tickets/{ticket}", {"text": WRITTEN, "key": "a" * 24})
    zed = {"email": "zed@people.example", "password": SECRET}
    assert browser.post("/sign-in", zed).status_code == 303
    assert browser.get(kept_path(refused)).status_code == 404


def test_nothing_is_kept_for_a_browser_cookie_that_we_did_not_make(house):
    ticket, zed = house.ticket_of("mara"), house.browser()
    real = signed_out(house, "zed").client.get_cookie("jasno_browser").value
    nonce, seal, person = real.split(".")
    for forged in ("1", f"{nonce}.{seal}", f"{nonce}.{seal}.mara", f".{seal}.{person}", "a.b.mara"):
        zed.client.set_cookie("jasno_browser", forged)
        refused = zed.post(f"/tickets/{ticket}", {"text": "words of a stranger"})
        assert "could not be kept" in refused.text, forged


def test_a_form_without_words_leads_to_signing_in_and_back_to_its_page(house):
    ticket = house.ticket_of("mara")
    ben, page = signed_out(house, "ben"), f"/desk/tickets/{ticket}"
    sent_from = {"Referer": f"http://localhost{page}"}
    refused = ben.post(f"{page}/hand-over", {"key": "a" * 24}, headers=sent_from)
    assert refused.status_code == 401
    assert "What you wrote" not in refused.text
    assert signed_in_again(ben, "ben", sign_in_link(refused)).request.path == page


def test_no_more_is_kept_than_of_new_tickets_and_nothing_of_strangers(house):
    ticket, zed = house.ticket_of("mara"), house.browser()
    refused = zed.post(f"/tickets/{ticket}", {"text": "words of a stranger"})
    assert "Please copy it before you sign in" in refused.text
    zed = signed_out(house, "zed")
    for n in range(KEEPING_LIMIT.count - 1):
        refused = zed.post(f"/tickets/{ticket}", {"text": f"words {n}"})
        assert "It is kept for a day" in refused.text
    refused = zed.post(f"/tickets/{ticket}", {"text": "one more"})
    assert "Please copy it before you sign in" in refused.text
    assert "one more" in refused.text
    assert "kept" not in sign_in_link(refused)


def test_no_password_is_kept_or_shown():
    texts = [path.read_text() for path in TEMPLATES.rglob("*.html")]
    names = {
        name for text in texts for name in re.findall(r'"([\w-]+)", [^\n]*type="password"', text)
    }
    assert "password" in names
    assert names <= UNKEPT


def test_every_field_to_write_in_is_known_to_hold_words():
    rooms = ("tickets", "portal", "status/operator_pages")
    texts = [path.read_text() for room in rooms for path in (TEMPLATES / room).glob("*.html")]
    names = [name for text in texts for name in re.findall(r'ui\.area\("([\w-]+)"', text)]
    assert {"text", "message", "text-"} <= set(names)
    assert [name for name in names if not is_words(name)] == []


def test_without_any_cookie_the_words_are_shown_to_be_copied(house):
    """Whoever deleted their cookies has neither a session nor the form's own cookie."""
    ticket = house.ticket_of("mara")
    client = house.app.test_client()
    page = {"Origin": "http://localhost", "Referer": f"http://localhost/tickets/{ticket}"}
    form = {"text": WRITTEN, "key": "a" * 24, "csrf": "of a cookie that is gone"}
    refused = client.post(f"/tickets/{ticket}", data=form, headers=page)
    assert refused.status_code == 403
    assert html.escape(WRITTEN, quote=False) in refused.text
    assert f'href="/tickets/{ticket}"' in refused.text
    assert "please copy them" in refused.text
    assert len(house.tickets.thread(ticket, internal=True)) == 1
    for foreign in ({}, {"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = client.post(f"/tickets/{ticket}", data=form, headers=foreign)
        assert answer.status_code == 403
        assert "It stopped" not in answer.text, foreign


def test_a_kept_form_names_its_fields_and_its_button_as_the_form_does(house):
    olu = signed_out(house, "olu")
    fields = {"title-en": "Disk", "text-cs": "Pracujeme na tom", "state": "identified"}
    refused = olu.post("/desk/tickets/x/reply", fields | {"go": "draft"})
    page = signed_in_again(olu, "olu", sign_in_link(refused)).text
    assert "Headline (English)" in page
    assert "What you wrote (Čeština)" in page
    assert 'name="state" value="identified"' in page
    offered = re.findall(r'name="go" value="(\w+)">([^<]+)', page)
    assert offered == [("draft", "Keep as a draft"), ("preview", "Preview")]
    ben = signed_out(house, "ben")
    refused = ben.post("/desk/tickets/x/reply", {"text": "She is in a hurry", "go": "note"})
    page = signed_in_again(ben, "ben", sign_in_link(refused)).text
    assert re.findall(r'name="go" value="(\w+)">([^<]+)', page) == [
        ("note", "Keep as internal note")
    ]


def kept_again(house, name, url, form):
    """A browser signed in once more, with the page of its kept form."""
    browser = signed_out(house, name)
    refused = browser.post(url, form)
    return browser, signed_in_again(browser, name, sign_in_link(refused))


@pytest.mark.parametrize(("name", "path"), [("mara", ""), ("ben", "/reply")])
def test_a_kept_form_is_sent_once_and_changed_words_are_given_back(house, name, path):
    ticket = house.ticket_of("mara")
    url = f"/{'desk/' if name == 'ben' else ''}tickets/{ticket}{path}"
    form = {"text": WRITTEN, "key": "a" * 24, "go": "reply"}
    browser, page = kept_again(house, name, url, form)
    action, fields = fields_of(page.text)
    assert browser.post(action, fields).status_code == 303
    again = browser.post(action, {**fields, "text": "Quite other words"}, headers=FROM_HERE)
    assert again.status_code == 404
    assert "This form is kept no longer" in again.text
    assert '<p class="typed" dir="auto">Quite other words</p>' in again.text
    assert len(house.tickets.thread(ticket, internal=True)) == 2
    assert "This form is kept no longer" in browser.get(page.request.full_path).text
    for elsewhere in ("//evil.example", "/\t/evil.example", "https://evil.example/"):
        again = browser.post(action, {**fields, "kept_page": elsewhere}, headers=FROM_HERE)
        assert "evil.example" not in again.text, elsewhere


def test_a_kept_form_that_was_refused_is_kept_on(house):
    ticket = house.ticket_of("mara")
    form = {"text": WRITTEN, "key": "a" * 24}
    mara, page = kept_again(house, "mara", f"/tickets/{ticket}", form)
    action, fields = fields_of(page.text)
    refused = mara.post(action, {**fields, "text": "x" * 20_001})
    assert refused.status_code == 422
    assert f'name="kept_form" value="{fields["kept_form"]}"' in refused.text
    assert mara.get(page.request.full_path).status_code == 200
    assert mara.post(action, fields).status_code == 303
    assert mara.get(page.request.full_path).status_code == 404


@pytest.mark.parametrize(("name", "path"), [("mara", ""), ("ben", "/reply"), ("ben", "/note")])
def test_changed_words_of_a_form_that_was_sent_are_not_dropped(house, name, path):
    ticket, browser = house.ticket_of("mara"), house.browser(name)
    url = f"/{'desk/' if name == 'ben' else ''}tickets/{ticket}{path.replace('/note', '/reply')}"
    form = {"text": WRITTEN, "key": "a" * 24, "go": path.strip("/")}
    for _ in range(2):
        assert browser.post(url, form).status_code == 303
    again = browser.post(url, {**form, "text": "Quite other words"})
    assert again.status_code == 422
    assert "This form was sent before, with other words" in again.text
    assert "Quite other words</textarea>" in again.text
    assert len(house.tickets.thread(ticket, internal=True)) == 2


def test_an_incident_that_waited_for_a_sign_in_is_published_once(fort):
    olu, publishing = fort.browser("olu"), "/ops/incidents/new"
    form = {"title-en": "Disk", "text-en": "We look.", "state": "investigating", "go": "publish"}
    assert olu.post("/sign-out").status_code == 303
    refused = olu.post(publishing, form)
    olu.sign_in("olu")
    page = olu.get(kept_path(refused))
    token = re.search(r'name="kept_form" value="([^"]+)"', page.text)[1]
    kept = {**form, "kept_form": token}
    preview = olu.post(publishing, {**kept, "go": "preview"})
    assert f'name="kept_form" value="{token}"' in preview.text
    sent = [olu.post(publishing, kept).status_code for _ in range(3)]
    assert sent == [303, 404, 404]
    titles = [i.title["en"] for i in fort.rooms.status.store.statements().incidents]
    assert titles.count("Disk") == 1


def test_a_request_kept_over_the_sign_in_is_sent_once(house):
    """Twice from the same page is once; other words are given back."""
    browser = house.browser()
    token = browser.post("/tickets/new", TICKET).location.rpartition("kept%3D")[2]
    mara, fields = house.browser("mara"), {**TICKET, "go": "new", "kept": token}
    assert f'name="kept" value="{token}"' in mara.get(f"/tickets/new?kept={token}").text
    sent = mara.post("/tickets/new", fields)
    assert mara.post("/tickets/new", fields).location == sent.location
    other = mara.post(
        "/tickets/new",
        {**fields, "text": "Quite other words"},
        headers=FROM_HERE,
    )
    assert other.status_code == 404
    assert '<p class="typed" dir="auto">Quite other words</p>' in other.text
    assert len(house.tickets.queue(TicketState)) == 1
    gone = mara.get(f"/tickets/new?kept={token}")
    assert gone.status_code == 404, "an empty form would look as if the words had been lost"
    assert "This form is kept no longer" in gone.text
