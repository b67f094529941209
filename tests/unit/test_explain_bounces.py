"""Bounces known from other mail, and what decides about them: marks, words, codes, votes."""

from __future__ import annotations

import pytest

from explain.bounces import bounce, phrases
from explain.bounces.classification import classify_failure
from explain.bounces.message import parse_message
from explain.bounces.status_codes import find_codes, votes_of_status
from explain.model import DeliveryFailure

DATE = "Date: Thu, 15 Jan 2026 12:00:00 +0000"


MACHINES = [
    ("From: MAILER-DAEMON@x.net\n", True),
    ("From: mailer daemon\n", True),
    ("From: bounces@x.net\n", True),
    ("From: bounce-1@email-bounces.amazonses.com\n", True),
    ("From: x@y.net\nReturn-Path: <>\nSubject: Hi\n", False),
    ("From: x@y.net\nReturn-Path: <>\nSubject: Undelivered mail\n", True),
    ("From: x@y.net\nReturn-Path: <x@y.net>\nSubject: Undelivered mail\n", False),
    ("From: postmaster@x.net\nSubject: Hi\n", False),
    ("From: postmaster@x.net\nSubject: Mail delivery failed\n", True),
    ("From: jana@x.net\nX-Failed-Recipients: a@x.net\n", True),
    ("From: jana@x.net\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n", True),
    ('From: jana@x.net\nContent-Type: multipart/report; report-type="global-disposition"; boundary=b\n', True),
    ("From: <>\nSubject: failure notice\n", True),
    ("Subject: failure notice\nTo: x@y.net\n", True),
    ("Subject: lunch\nTo: x@y.net\n", False),
    ("From: jana@x.net\nReturn-Path: <>\nSubject: Hi\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\nFrom: s@y.net\nTo: a@x.net\n\nhi\n--b--", True),
    ("From: jana@x.net\nReturn-Path: <>\nSubject: Out of office\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\nFrom: s@y.net\nTo: a@x.net\n\nhi\n--b--", False),
    ("From: jana@x.net\nReturn-Path: <a@x.net>\nSubject: Hi\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: message/rfc822\n\nFrom: s@y.net\nTo: a@x.net\n\nhi\n--b--", False),
    ("Sender: mailer-daemon@x.net\nTo: y@x.net\n", True),
    ("Od: mailer-daemon@x.net\nTo: y@x.net\n", True),
    ("From: jana@x.net\nSender: mailer-daemon@x.net\n", False),
    ("From: x@y.net\nSubject: Nedoručitelná zpráva\n", False),
    ("From: Mail Delivery System <x@y.net>\n", True),
]  # fmt: skip


@pytest.mark.parametrize(("head", "machine"), MACHINES)
def test_reports_of_machines(head: str, machine: bool) -> None:  # noqa: FBT001
    message = parse_message(f"{DATE}\n{head}".encode())
    assert bounce.is_machine_report(message) is machine


def test_of_a_subject_only_the_beginning_counts() -> None:
    for length, machine in ((290, True), (291, False)):
        subject = f"Subject: {'x' * length} undeliver"
        message = parse_message(f"{DATE}\nFrom: Mail System <x@y.net>\n{subject}\n".encode())
        assert bounce.is_machine_report(message) is machine


PERSONAL = [
    ("Hello", True),
    ("thanks", True),
    ("a?", True),
    ("http://x/?a=b", False),
    ("x? y", True),
    ("Dobrý den", True),
    ("report", False),
    ("(ok?)", True),
]


@pytest.mark.parametrize(("text", "personal"), PERSONAL)
def test_words_of_people(text: str, personal: bool) -> None:  # noqa: FBT001
    assert bounce.is_personal(text) is personal
    assert bounce.is_personal(f"{'x ' * 250}{text}") is personal
    assert not bounce.is_personal(f"{'x ' * 300}{text}")


FailureRow = tuple[str, ...]
REPORTED = [  # recipient, action, reply, status, server, stage, words
    ("From: a@y.net\nSubject: Complaint about message from 192.0.9.1\nDATE\n\nThis is a complaint", [("", "delivered", "", "", "", "", "This is a complaint")]),
    ("From: a@y.net\nSubject: x\nContent-Type: multipart/report; boundary=b\nDATE\n\n--b\n\nwords\n--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\nOriginal-Rcpt-To: <a@x.net>\nRemoval-Recipient: b@x.net\nOriginal-Rcpt-To: a@x.net\n--b--", [("a@x.net", "delivered", "", "", "", "", "\nwords"), ("b@x.net", "delivered", "", "", "", "", "\nwords")]),
    ("From: a@y.net\nSubject: x\nContent-Type: multipart/report; boundary=b\nDATE\n\n--b\n\nwords\n--b\nContent-Type: message/disposition-notification\n\nFinal-Recipient: rfc822;a@x.net\n--b--", [("a@x.net", "delivered", "", "", "", "", "\nwords")]),
    ("This is an email abuse report for an email message from 192.0.9.1", [("", "delivered", "", "", "", "", "This is an email abuse report for an email message from 192.0.9.1")]),
    ("From: a@y.net\nSubject: x\nDATE\n\nThis is an email abuse report for", []),
    ("This is a report", []),
    ("From: a@y.net\nSubject: Abuse report\nDATE\n\nx", [("", "delivered", "", "", "", "", "x")]),
    ("To: a@x.net\nSubject: hi\nSent: today\nwas read on", [("a@x.net", "delivered", "", "", "", "", "To: a@x.net\nSubject: hi\nSent: today\nwas read on")]),
    ("Your message\n  To: a@x.net\n  Subject: hi\n  Sent: 1.1.2026\nwas read on 1.1.2026.", [("a@x.net", "delivered", "", "", "", "", "Your message\n To: a@x.net\n Subject: hi\n Sent: 1.1.2026\nwas read on 1.1.2026.")]),
    ("From: mailer-daemon@x.net\nSubject: Delivery status\nDATE\n\nYour message was successfully delivered to a@x.net", [("a@x.net", "delivered", "", "", "", "", "Your message was successfully delivered to a@x.net")]),
    ("From: mailer-daemon@x.net\nX-Failed-Recipients: a@x.net, b@x.net\nSubject: Delivery status\nDATE\n\nYour message was successfully delivered to c@x.net", [("a@x.net", "delivered", "", "", "", "", "Your message was successfully delivered to c@x.net")]),
    ("From: mailer-daemon@x.net\nX-Failed-Recipients: a@x.net\nSubject: x\nDATE\n\n550 5.1.1 no such user", [("a@x.net", "", "550", "5.1.1", "", "", "550 5.1.1 no such user")]),
    ("From: mailer-daemon@x.net\nSubject: Delayed mail\nDATE\n\nYour message to a@x.net is delayed, we will keep trying", [("a@x.net", "", "", "", "", "", "Your message to a@x.net is delayed, we will keep trying")]),
    ("From: mailer-daemon@x.net\nSubject: failure notice\nDATE\n\n<a@x.net>:\n192.0.9.1 does not like recipient.\nRemote host said: 550 no such user\nGiving up on 192.0.9.1.", [("a@x.net", "", "550", "", "", "rcpt", "<a@x.net>: 192.0.9.1 does not like recipient. Remote host said: 550 no such user Giving up on 192.0.9.1.")]),
    ("From: Jana <j@x.net>\nSubject: Out of office\nDATE\n\nI am out of the office", [("j@x.net", "delivered", "", "", "", "", "I am out of the office")]),
    ("I am out of the office until Monday.", [("", "delivered", "", "", "", "", "I am out of the office until Monday.")]),
    ("I am out of the office until Monday? x", []),
    ("From: Jana <j@x.net>\nSubject: Re: x\nAuto-Submitted: auto-replied\nDATE\n\nI am on vacation", [("j@x.net", "delivered", "", "", "", "", "I am on vacation")]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "read"), REPORTED)
def test_what_mail_reports(text: str, read: list[FailureRow]) -> None:
    failures = bounce.failures(parse_message(text.replace("DATE", DATE).encode()))
    assert [
        (f.recipient, f.action, f.reply, f.status, f.remote, f.stage, f.diagnostic)
        for f in failures
    ] == read


def test_of_what_was_delivered_the_beginning_is_shown() -> None:
    (read,) = bounce.failures(parse_message(f"I am out of the office. {'x' * 1000}".encode()))
    assert read.diagnostic == f"I am out of the office. {'x' * 476}"
    assert bounce.failures(parse_message(f"{'I am out of the office. ':x<1500}".encode())) == []
    (read,) = bounce.failures(parse_message(f"{'I am out of the office. ':x<1499}".encode()))
    assert read.action == "delivered"


VOTES = [
    ("mailbox full", {"mailbox_full": 5.2}),
    ("reverse DNS missing", {"ptr_missing": 5.5}),
    ("rejected", {"policy_or_spam": 1.2}),
    ("undeliverable mail", {"report": 1.2}),
    ("x@mailbox full", {"mailbox_full": 5.2}),
    ("https://a.b/?mailbox+full", {}),
    ("out of office", {"auto": 4.3}),
    ("mailbox.full", {}),
    ("user unknown and mailbox full", {"recipient_unknown": 4.8, "mailbox_full": 5.199}),
    ("mailbox full and user unknown", {"recipient_unknown": 4.799, "mailbox_full": 5.2}),
    ("host mx.x.net[192.0.9.1]: mailbox full (in reply to DATA)", {"mailbox_full": 5.2}),
]


@pytest.mark.parametrize(("text", "votes"), VOTES)
def test_votes_of_words(text: str, votes: dict[str, float]) -> None:
    read = phrases.match_phrases(text)
    assert {section: round(weight, 3) for section, weight in read.items()} == votes


def test_words_count_in_the_beginning_of_a_text() -> None:
    before = "x" * (phrases.MAX_TEXT - 13)
    assert phrases.match_phrases(f"{before} mailbox full") == {
        "mailbox_full": pytest.approx(4.9, abs=0.01)
    }
    assert phrases.match_phrases(f"{before}x mailbox full") == {}


CODES = [
    ("550 5.1.1 x", ("550", "5.1.1")),
    ("5.1.1", ("", "5.1.1")),
    ("550", ("550", "")),
    ("x 550-x 4.2.2", ("550", "4.2.2")),
    ("250 ok 5.0.0 5.1.1", ("250", "5.1.1")),
    ("5.0.0", ("", "5.0.0")),
    ("2.0.0", ("", "")),
    ("4.0.0 2.1.1", ("", "4.0.0")),
    ("550 (#5.1.1)", ("550", "5.1.1")),
    ("550,5.1.1", ("550", "5.1.1")),
    ("599 x", ("", "")),
    ("500 x: 550 y", ("500", "")),
    ("1550 x", ("", "")),
    ("x=550 y", ("550", "")),
    ("550", ("550", "")),
    ("550 5", ("", "")),
    ("550 a", ("550", "")),
    ("5.1.1.2", ("", "")),
    ("15.1.1", ("", "")),
    ("5.1.1234", ("", "")),
    ("", ("", "")),
]


@pytest.mark.parametrize(("text", "codes"), CODES)
def test_codes_of_a_text(text: str, codes: tuple[str, str]) -> None:
    assert find_codes(text) == codes


def test_codes_stand_in_the_beginning_of_a_text() -> None:
    assert find_codes("a" * 19_994 + " 5.1.1") == ("", "5.1.1")
    assert find_codes("a" * 19_995 + " 5.1.1") == ("", "")


STATUSES = [
    ("5.1.1", {"recipient_unknown": 3}),
    ("4.3.2", {"server_error": 2.2}),
    ("5.3.2", {"relay_denied": 2}),
    ("5.1.99", {"recipient_unknown": 1}),
    ("5.9.9", {}),
    ("2.1.5", {"recipient_unknown": 1}),
    ("5.0.0", {}),
    ("x", {}),
    ("4.7.25", {"ptr_missing": 3}),
    ("5.4.4", {"recipient_domain_unknown": 1, "network_or_timeout": 1.5}),
]


@pytest.mark.parametrize(("status", "votes"), STATUSES)
def test_votes_of_a_status(status: str, votes: dict[str, float]) -> None:
    assert dict(votes_of_status(status)) == votes


CLASSIFIED = [
    ({"stage": "mail", "reply": "550", "diagnostic": "domain not found"}, "policy_or_spam", False),
    ({"stage": "connect", "reply": "450", "diagnostic": "x"}, "unclear", None),
    ({"stage": "connect", "reply": "550", "diagnostic": "no such user"}, "policy_or_spam", False),
    ({"stage": "connect", "diagnostic": "550 go"}, "blocked_ip", False),
    ({"stage": "mail", "status": "5.1.1"}, "policy_or_spam", False),
    ({"status": "4.3.2"}, "server_error", False),
    ({"status": "5.3.2", "reply": "550"}, "relay_denied", True),
    ({"status": "5.4.4"}, "network_or_timeout", False),
    ({"status": "5.1.10", "diagnostic": "550 5.1.10"}, "recipient_unknown", True),
    ({"reply": "450", "diagnostic": "does not accept mail"}, "server_error", False),
    ({"reply": "550", "diagnostic": "does not accept mail"}, "relay_denied", True),
    ({"reply": "550", "diagnostic": "does not accept mail", "action": "failed"}, "relay_denied", True),
    ({"status": "5.2.2", "diagnostic": "mailbox full 5.1.1"}, "mailbox_full", False),
    ({"status": "5.1.1", "diagnostic": "x 5.2.2"}, "mailbox_full", False),
    ({"status": "5.1.1", "diagnostic": "x"}, "recipient_unknown", True),
    ({"reply": "550"}, "recipient_unknown", True),
    ({"reply": "421"}, "network_or_timeout", False),
    ({"reply": "450"}, "unclear", None),
    ({"reply": "503"}, "server_error", False),
    ({"diagnostic": "x", "around": "user unknown"}, "recipient_unknown", True),
    ({"diagnostic": "550 5.1.1 x", "around": "mailbox full"}, "recipient_unknown", True),
    ({"diagnostic": "still trying"}, "unclear", None),
    ({"around": "we will keep trying"}, "unclear", None),
    ({"action": "delayed", "status": "2.0.0"}, "network_or_timeout", False),
    ({"status": "2.0.0", "action": "failed", "diagnostic": "mailbox full"}, "mailbox_full", False),
    ({"remote": "gmail-smtp-in.l.google.com", "diagnostic": "550-5.2.1 The account is disabled https://support.google.com/mail/?p=DisabledUser"}, "account_disabled", False),
    ({"around": "https://support.google.com/mail/?p=NoSuchUser gsmtp"}, "recipient_unknown", True),
    ({"around": "https://support.google.com/mail/?p=NoSuchUser gsmtp", "status": "5.2.2"}, "mailbox_full", False),
    ({"remote": "mx.google.com", "reply": "550", "stage": "data", "diagnostic": "https://support.google.com/mail/?p=NoSuchUser gsmtp"}, "recipient_unknown", True),
    ({"stage": "data", "diagnostic": "blocked", "reply": "550"}, "policy_or_spam", False),
    ({"stage": "rcpt", "diagnostic": "blocked", "reply": "550"}, "blocked_ip", False),
    ({"diagnostic": "sender verify failed: no such user"}, "policy_or_spam", False),
    ({"status": "5.2.1", "diagnostic": "user unknown", "stage": "rcpt", "reply": "550"}, "recipient_unknown", True),
    ({"status": "5.1.1", "stage": "ahead", "reply": "550"}, "recipient_unknown", True),
    ({"status": "5.1.3", "stage": "ahead", "reply": "550"}, "recipient_unknown", False),
    ({"status": "5.1.1", "stage": "data", "reply": "550"}, "recipient_unknown", False),
    ({"status": "4.1.1", "action": "failed"}, "recipient_unknown", True),
    ({"status": "4.1.1", "reply": "450"}, "recipient_unknown", False),
    ({"status": "5.1.1", "action": "delayed"}, "recipient_unknown", False),
    ({"status": "5.1.2"}, "recipient_domain_unknown", True),
    ({"reply": "556"}, "relay_denied", False),
    ({"reply": "535"}, "relay_denied", False),
    ({"status": "5.7.1", "diagnostic": "relay denied, user unknown"}, "relay_denied", False),
    ({"reply": "552"}, "mailbox_full", False),
    ({"diagnostic": "552 5.2.2"}, "mailbox_full", False),
    ({"status": "5.7.1"}, "policy_or_spam", False),
    ({"status": "5.7.1", "diagnostic": "mailbox full"}, "mailbox_full", False),
]  # fmt: skip


@pytest.mark.parametrize(("failure", "reason", "permanent"), CLASSIFIED)
def test_classes_of_failures(failure: dict[str, str], reason: str, permanent: bool | None) -> None:  # noqa: FBT001
    reading = classify_failure(DeliveryFailure(**failure))
    assert (reading.reason, reading.permanent) == (reason, permanent)
