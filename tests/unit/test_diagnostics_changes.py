"""What a report calls new, solved, still there or not seen beside earlier ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from diagnostics.model import FindingStatus, Missing, Severity
from tests.cases.checks_dns import second_soa
from tests.checks_fixtures import GIGABYTE, NS2, Scene
from tests.checks_parts import OTHER, QUIET, ends, full_disk
from tickets.invites.staff_notes import comparison_sentences
from wizard.reports.changes import compare_reports

FULL = "hosting.disk.over"


def loud_ids(judged):
    """Ids without the quiet notes that every scene has."""
    return [j.finding.id for j in judged if j.finding.id not in QUIET]


def test_changes_between_two_reports() -> None:
    before, after = Scene(), Scene()
    full_disk(before)
    ends(before, 15)
    ends(after, 14)
    after.zone = {k: v for k, v in after.zone.items() if k[1] != "MX"}
    changes = compare_reports(before.report(), after.report())
    ids = {m: loud_ids(getattr(changes, m)) for m in ("fixed", "changed", "still")}
    assert ids == {
        "fixed": [FULL],
        "changed": ["domain.expiry.soon", "service.domain.expiring"],
        "still": [],
    }
    assert "mail.mx.missing" in [j.finding.id for j in changes.new]
    assert [
        changes.mark(j) for j in after.report().findings if j.finding.id == "mail.mx.missing"
    ] == ["new"]


def test_what_could_not_be_seen_again_is_not_called_fixed() -> None:
    before, after = Scene(), Scene()
    full_disk(before)
    after.missing["hosting"] = Missing.TROUBLE
    changes = compare_reports(before.report(), after.report())
    assert changes.fixed == ()
    assert [j.finding.id for j in changes.unseen] == [FULL]


def test_a_check_is_compared_with_the_last_report_where_it_could_look() -> None:
    first, signed_out, after = Scene(), Scene(), Scene()
    full_disk(first)
    full_disk(after)
    signed_out.missing["hosting"] = Missing.WITHHELD
    between, last = signed_out.report(), after.report()
    changes = compare_reports(between, last, first.report())
    assert FULL in loud_ids(changes.still)
    assert loud_ids(changes.new) == []
    alone = compare_reports(between, last)
    assert FULL in loud_ids(alone.first_seen)
    assert loud_ids(alone.new) == []
    full = next(j for j in last.findings if j.finding.id == FULL)
    assert (changes.mark(full), alone.mark(full)) == ("still", "")
    gone = compare_reports(between, Scene().report(), first.report())
    assert FULL in loud_ids(gone.fixed)
    unseen = compare_reports(between, between, first.report())
    assert loud_ids(unseen.unseen) == [FULL]


def test_a_check_that_saw_a_part_of_it_calls_nothing_solved_or_new() -> None:
    first, later = Scene(), Scene()
    full_disk(first)
    full_disk(later, 9 * GIGABYTE)
    before, after = (
        partly_unseen(scene.report(), FULL[: FULL.rindex(".")]) for scene in (first, later)
    )
    assert FULL not in loud_ids(compare_reports(first.report(), after).fixed)
    assert FULL in loud_ids(compare_reports(first.report(), after).unseen)
    assert "hosting.disk.near" in loud_ids(compare_reports(before, later.report()).first_seen)
    assert loud_ids(compare_reports(before, later.report()).new) == []


def test_what_is_gone_is_solved_though_another_finding_keeps_its_check_from_being_clean() -> None:
    before, after = Scene(), Scene()
    for scene in (before, after):
        scene.odd[NS2] = {(scene.domain, "A"): (OTHER,)}  # no same version of the zone
    second_soa(value="ns1.host.example. h. 2026011400 1 1 1 1")(before)
    changes = compare_reports(before.report(), after.report())
    assert loud_ids(changes.fixed) == ["dns.soa.serial_differs"]
    assert loud_ids(changes.still) == ["dns.records.differ"]


def partly_unseen(report, check):
    """The report as it was if one look of a check had failed."""
    judged = next(j for j in report.findings if j.check == check)
    finding = replace(judged.finding, id=f"{check}.unknown")
    unknown = replace(judged, finding=finding, status=FindingStatus.UNKNOWN)
    return replace(report, findings=(*report.findings, unknown))


def test_the_same_twice_is_no_change() -> None:
    first, two = Scene(), Scene()
    full_disk(first)
    full_disk(two)
    two.usage = tuple(replace(u, as_of=u.as_of + timedelta(minutes=20)) for u in two.usage)
    changes = compare_reports(first.report(), two.report())
    assert not changes  # counted anew by the panel, and the same
    assert loud_ids(changes.still) == [FULL]


def test_a_fault_that_became_graver_is_not_the_same() -> None:
    scene = Scene()
    full_disk(scene)
    after = scene.report()
    softer = [
        replace(j, severity=Severity.WARNING) if j.finding.id == FULL else j for j in after.findings
    ]
    changes = compare_reports(replace(after, findings=tuple(softer)), after)
    assert loud_ids(changes.changed) == [FULL]
    assert comparison_sentences(changes, {FULL: "The disk is full"}, "en")[0] == (
        "Still there, but no longer as it was: The disk is full"
    )
    assert not any("Nothing has changed" in s for s in comparison_sentences(changes, {}, "en"))
    same = comparison_sentences(compare_reports(after, after), {FULL: "The disk is full"}, "en")
    assert same[0] == "Nothing has changed since the last report."
    assert "The disk is full" in same[1]
