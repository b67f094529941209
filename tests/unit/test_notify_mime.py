"""Letters as Internet messages: what they may be addressed to, and what they carry."""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clock import ManualClock
from db.engine import connect
from db.schema_status import upgrade
from jobs.database_queue import DatabaseQueue, DatabaseSender
from jobs.model import ClaimLimit, Retry
from jobs.worker import pause
from messages import SEND_EMAIL, EmailRef, OutgoingEmail, RefusalReason, email_job
from notify.channel import ChannelError
from notify.email_delivery import EmailSender
from notify.mime import is_deliverable, message
from notify.store import Deliveries


class Away:
    """A mail server that takes nothing, and what it was shown."""

    name = "away"

    def __init__(self):
        self.emails = []

    def send(self, email):
        self.emails.append(email)
        raise ChannelError("away")

    def ping(self):
        raise ChannelError("away")


@pytest.fixture
def database(tmp_path):
    db = connect(f"sqlite:///{tmp_path / 'jasno.db'}", clock=ManualClock())
    upgrade(db)
    yield db
    db.close()


MISTYPED = [
    "a@b..example", "a@.example", "a@b.example.", "a@", "@b.example", "a b@c.example",
    "a@\u010d..example", "a..b@c.example", "a@b@c.example",
]  # fmt: skip
NOT_FOR_STRANGERS = [
    "a@[", "a@b.example,c", "a@b.example;c", "a@b.example (c)", "<a@b.example>", '"a"@b.example',
    "Mara <a@b.example>", "root@localhost", "x@127.0.0.1", "x@[127.0.0.1]", "x%a@b.example",
    "a!x@b.example", "x@mail", "x@printer.local", "x@db.internal", "x@host.localdomain", "",
    "x@1.0.0.127.in-addr.arpa", "a@b.example\r\nBcc: c@d.example",
]  # fmt: skip


@pytest.mark.parametrize("address", MISTYPED)
def test_a_mistyped_address_is_refused_for_good_and_never_breaks(address):
    assert not is_deliverable(address)
    with pytest.raises(ChannelError) as refusal:
        message(OutgoingEmail("k", address, "S", "T"), "support@host.example")
    assert refusal.value.permanent
    assert refusal.value.reason is RefusalReason.ADDRESS


@pytest.mark.parametrize("address", NOT_FOR_STRANGERS)
def test_strangers_name_one_plain_address_on_the_public_internet(address):
    assert not is_deliverable(address)


@pytest.mark.parametrize(
    "address", ["mara@bakery.example", "m.a+news_1@mail.bakery.co.uk", "o'neil@xn--ubun-7va.cz"]
)
def test_addresses_of_people_are_taken(address):
    assert is_deliverable(address)


@given(st.text('a.@<>()[],;:\\" \u010d=?-_\t%!1', max_size=14))
def test_no_words_break_the_judgement(text):
    assert is_deliverable(text) in (True, False)


def test_a_letter_is_dated_by_when_it_was_asked_for_however_often_it_is_tried(database):
    channel = Away()
    with database.write() as conn:
        job = email_job(EmailRef("k", "test", {}), database.clock.now())
        DatabaseSender().enqueue(conn, job)
    asked_at = database.clock.now()
    queue = DatabaseQueue(database)
    renderers = {"test": lambda ref: OutgoingEmail(ref.key, "mara@bakery.example", "S", "T")}
    sender = EmailSender(channel, Deliveries(database, database.clock), renderers)
    for _ in range(3):
        (claim,) = queue.claim({SEND_EMAIL: ClaimLimit(timedelta(minutes=1))}, "test")
        with pytest.raises(Retry):
            sender.send(claim.job)
        queue.retry(claim, pause(claim.job.attempts), "away")
        database.clock.advance(pause(claim.job.attempts) + timedelta(hours=1))
    dates = {message(email, "support@host.example")["Date"] for email in channel.emails}
    assert len(channel.emails) == 3
    assert dates == {format_datetime(asked_at)}
    assert next(iter(dates)).endswith(" +0000")


def test_a_letter_is_seven_bits_for_servers_that_take_no_more():
    email = OutgoingEmail("k", "mara@people.example", "Dotaz ěšč", "Žluťoučký kůň.\n" * 3)
    raw = message(email, "support@sunny.example").as_bytes()
    assert raw.isascii()
    assert b"Content-Transfer-Encoding: 8bit" not in raw
    content = message(email, "support@sunny.example").get_content()
    assert content.splitlines() == email.text.splitlines()


def test_absence_notes_are_not_asked_for_and_failures_are():
    email = OutgoingEmail("k", "mara@people.example", "News", "All is well.\n")
    letter = message(email, "support@sunny.example")
    assert letter["Auto-Submitted"] == "auto-generated"
    suppressed = letter["X-Auto-Response-Suppress"].split(", ")
    assert {"OOF", "AutoReply"} <= set(suppressed)
    assert "NDR" not in suppressed
    assert "All" not in suppressed


@pytest.mark.parametrize(
    ("to", "header"),
    [
        ("jana@háčkyčárky.cz", "jana@xn--hkyrky-ptac70bc.cz"),
        ("jana@mail.Bücher.example", "jana@mail.xn--bcher-kva.example"),
        ("jana@firma.cz", "jana@firma.cz"),
    ],
)
def test_a_domain_with_accents_is_written_so_that_mail_servers_know_it(to, header):
    assert is_deliverable(to)
    mime_message = message(OutgoingEmail("k", to, "Hi", "x"), "Žofie <help@příklad.example>")
    assert mime_message["To"] == header
    raw = mime_message.as_bytes()
    assert f"To: {header}\r\n".encode() in raw
    assert b"<help@xn--pklad-zsa96e.example>" in raw
    assert b"@xn--pklad-zsa96e.example>\r\n" in raw.partition(b"Message-ID:")[2]


@pytest.mark.parametrize("to", ["jana@há čky.cz", "jana@-háčky.cz", "jana@háčky", "jana@há_čky.cz"])
def test_what_is_no_domain_with_accents_is_no_address(to):
    assert not is_deliverable(to)
