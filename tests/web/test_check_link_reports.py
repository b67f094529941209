"""What a check that was run by a link tells the ticket's customers, and how its report leads back to
the ticket."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from diagnostics.model import FindingStatus
from tests.desk_fixtures import judged


def ran_by_link(fort, name):
    """The address of the report that somebody is led to."""
    return fort.browser(name).post(f"/invite/{fort.invite}", {"consent": "1"}).location


def finish(fort, place):
    store = fort.rooms.wizard.runs
    run = store.by_token(place.removeprefix("/r/"))
    store.claim(run.id)
    store.finish(run.id)


def back_link(fort):
    return f'href="/tickets/{fort.ticket}"'


def test_the_report_leads_its_runner_back_to_the_ticket(fort):
    place, mara = ran_by_link(fort, "mara"), fort.browser("mara")
    number = fort.rooms.tickets.store.ticket(fort.ticket).number
    while_it_runs = mara.get(place).text
    assert back_link(fort) in while_it_runs
    assert f"The result of this check goes to request {number}." in while_it_runs
    finish(fort, place)
    report = mara.get(place).text
    assert report.count(back_link(fort)) == 2, "above, and instead of writing to support anew"
    assert "Send to support" not in report
    assert "Support gets this report with your message" not in report, "it has it already"
    assert back_link(fort) in fort.browser("ben").get(place).text


def test_who_may_not_read_the_ticket_learns_nothing_of_it(fort):
    place = ran_by_link(fort, "")
    finish(fort, place)
    for name in ("", "zed", "vera"):
        report = fort.browser(name).get(place).text
        assert fort.ticket not in report, name
        assert ("Send to support" in report) is bool(name), name


def test_who_is_not_signed_in_sees_all_of_the_check_that_they_ran(fort):
    place = ran_by_link(fort, "")
    finish(fort, place)
    report = fort.browser("").get(place).text
    assert "The result of this check goes to our support." in report
    assert "Check again" in report
    assert "Send to support" not in report, "that would be a second request about the same"
    assert "Sign in to see your request" in report
    assert f'href="/sign-in?next={place}"' in report
    assert "You see the public part of this report" not in report
    assert "goes to our support" not in fort.browser("zed").get(place).text


def test_a_check_without_a_link_is_of_no_ticket(fort):
    report = fort.browser("mara").get(f"/r/{fort.run_token}").text
    assert "The result of this check goes to" not in report
    assert "Send to support" in report


def run_by_link(house, ticket_id, name):
    """Somebody runs the check that Ben asked for; the run."""
    _, token = house.invites.create(
        ticket_id, "shop.example", "site_down", by="ben", valid=timedelta(days=1), runs=1
    )
    assert house.browser(name).post(f"/invite/{token}", {"consent": "1"}).status_code == 303
    run = f"r{len(house.diagnoses.runs)}"
    house.finished(run, judged("quota.disk.full"))
    return run


def test_the_ticket_tells_the_customer_of_the_check_and_leads_to_its_report(house):
    ticket_id = house.ticket_of()
    report = f"/tickets/{ticket_id}/checks/{run_by_link(house, ticket_id, 'mara')}"
    mara = house.browser("mara")
    seen = mara.get(f"/tickets/{ticket_id}").text
    assert "Mara ran the check that we asked for." in seen
    assert "<p>The disk is full</p>" in seen, "the report's first sentence"
    assert f'href="{report}"' in seen
    assert "The disk is full" in mara.get(report).text
    assert f'href="/tickets/{ticket_id}"' in mara.get(report).text
    assert house.browser("ben").get(report).location == "/desk/runs/r2"


def test_customers_see_of_checks_what_their_scope_allows(house):
    ticket_id, ben = house.ticket_of(), house.browser("ben")
    own = {"subject": "shop.example", "symptom": "site_down"}
    ben.post(f"/desk/tickets/{ticket_id}/check", own)
    house.finished("r2", judged("quota.disk.full"))
    by_tomas, by_zed = (run_by_link(house, ticket_id, name) for name in ("tomas", "zed"))
    tried_by_ben = run_by_link(house, ticket_id, "ben")
    mara = house.browser("mara")
    seen = mara.get(f"/tickets/{ticket_id}").text
    assert seen.count("Result of a check") == 2
    assert "Tomas ran the check that we asked for." in seen
    assert "Somebody who held its link ran the check that we asked for." in seen
    for told_to_staff in ("Zed", "support, signed in", "Still there", "Ben ran"):
        assert told_to_staff not in seen
    for run, status in ((by_tomas, 200), (by_zed, 200), (tried_by_ben, 404), ("r2", 404)):
        assert mara.get(f"/tickets/{ticket_id}/checks/{run}").status_code == status, run
    for name in ("vera", "zed"):
        answer = house.browser(name).get(f"/tickets/{ticket_id}/checks/{by_tomas}")
        assert answer.status_code == 404, name


def test_a_check_of_another_account_says_only_that_it_ran(house):
    ticket_id = house.ticket_of()
    run = run_by_link(house, ticket_id, "tomas")
    house.diagnoses.runs[run] = replace(house.diagnoses.runs[run], account="A-9")
    mara = house.browser("mara")
    seen = mara.get(f"/tickets/{ticket_id}").text
    assert "Tomas ran the check that we asked for." in seen
    assert "The disk is full" not in seen
    assert mara.get(f"/tickets/{ticket_id}/checks/{run}").status_code == 404


def test_a_look_without_signing_in_makes_nothing_new(house):
    ticket = house.ticket_of("mara", judged("quota.disk.full"))
    ben = house.browser("ben")
    for run, status in (("r2", FindingStatus.UNKNOWN), ("r3", FindingStatus.FAIL)):
        form = {"subject": "shop.example", "symptom": "site_down"}
        ben.post(f"/desk/tickets/{ticket}/check", form)
        house.finished(run, judged("quota.disk.full", status))
    desk = ben.get(f"/desk/tickets/{ticket}").text
    assert "Could not be looked at this time: The disk is full" in desk
    assert "Still there: The disk is full" in desk
    assert "New since the last report" not in desk


def test_a_result_is_in_the_language_of_whoever_reads_it(house):
    ticket = house.ticket_of("mara", judged("quota.disk.full"))
    ben = house.browser("ben")
    form = {"subject": "shop.example", "symptom": "site_down"}
    ben.post(f"/desk/tickets/{ticket}/check", form)
    house.finished("r2", judged("quota.disk.full"))
    assert "Still there: The disk is full" in ben.get(f"/desk/tickets/{ticket}").text
    czech = ben.get(f"/desk/tickets/{ticket}", headers={"Accept-Language": "cs"}).text
    assert "Stále trvá" in czech
    assert "Still there" not in czech


def test_the_words_that_went_with_a_link_stay_in_the_conversation(house, clock):
    ticket, ben = house.ticket_of("mara"), house.browser("ben")
    words = "Please run it after <cleaning>\n\nThank you"
    ben.post(f"/desk/tickets/{ticket}/invite", {"subject": "shop.example", "message": words})
    clock.advance(timedelta(days=40))
    for name, place in (("mara", "tickets"), ("ben", "desk/tickets")):
        page = house.browser(name).get(f"/{place}/{ticket}", headers={"Accept-Language": "cs"}).text
        thread = page[page.index('class="thread"') :]
        assert "Please run it after &lt;cleaning&gt;" in thread, name
        assert "Thank you" in thread, name
        assert "A check link was sent." not in thread, name
