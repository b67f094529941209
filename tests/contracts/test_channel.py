"""What every channel must do, and letters from job to mail server."""

from __future__ import annotations

import email
import email.policy
import socket
import socketserver
import stat
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from jobs.model import TRIES_FOR_DAYS, Retry
from messages import SEND_EMAIL, EmailRef, EmailRefusal, OutgoingEmail, RefusalReason, email_job
from notify.channel import ChannelError
from notify.channels import CHANNELS
from notify.channels.outbox import Outbox
from notify.channels.smtp import IDLE, LETTERS, MailRelay, Smtp
from notify.email_delivery import handlers
from notify.room import configured_mail
from notify.store import Deliveries
from settings import SettingsError, schema

LETTER = OutgoingEmail(
    "t1:reply:1", "mara@people.example", "Odpověď: žluťoučký", "Dobrý den,\n.\n‹b›\n"
)


class ChannelContract:
    """Inherit it and give a `channel` and `received(channel)` as parsed messages."""

    def received(self, channel):
        raise NotImplementedError

    def test_a_letter_arrives_as_it_was_written(self, channel):
        channel.send(LETTER)
        (message,) = self.received(channel)
        assert message["To"] == "mara@people.example"
        assert message["Subject"] == "Odpověď: žluťoučký"
        assert message.get_content().replace("\r\n", "\n") == LETTER.text
        assert message["Auto-Submitted"] == "auto-generated"

    def test_twice_is_recognisable_as_the_same(self, channel):
        channel.send(LETTER)
        channel.send(LETTER)
        assert len({m["Message-ID"] for m in self.received(channel)}) == 1

    @pytest.mark.parametrize("to", ["", "nobody", "a@b@c", "x@y.example\r\nBcc: z@y.example"])
    def test_an_impossible_address_is_refused_for_good(self, channel, to):
        with pytest.raises(ChannelError) as refused:
            channel.send(OutgoingEmail("k", to, "Subject", "Text"))
        assert refused.value.permanent
        assert self.received(channel) == []

    def test_a_heading_cannot_smuggle_headers(self, channel):
        channel.send(
            OutgoingEmail("k", "mara@people.example", "Hi\r\nBcc: zed@other.example", "Text")
        )
        (message,) = self.received(channel)
        assert message["Bcc"] is None
        assert message["Subject"] == "Hi Bcc: zed@other.example"

    def test_it_answers(self, channel):
        channel.ping()


class TestOutbox(ChannelContract):
    @pytest.fixture
    def channel(self, tmp_path):
        return Outbox(tmp_path / "outbox", "Support <support@host.example>")

    def received(self, channel):
        files = sorted(channel._folder.glob("*")) if channel._folder.exists() else []
        return [_parsed(f.read_bytes()) for f in files]

    def test_the_same_letter_is_the_same_file(self, channel):
        channel.send(LETTER)
        channel.send(LETTER)
        assert len(self.received(channel)) == 1

    def test_nobody_else_reads_a_letter(self, channel):
        """They hold links that open accounts."""
        channel._folder.mkdir(mode=0o755)
        channel.send(LETTER)
        (path,) = channel._folder.iterdir()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(channel._folder.stat().st_mode) == 0o700

    def test_a_folder_that_cannot_be_says_so(self, tmp_path):
        (tmp_path / "file").write_text("in the way")
        channel = Outbox(tmp_path / "file" / "outbox")
        for ask in (channel.ping, lambda: channel.send(LETTER)):
            with pytest.raises(ChannelError, match="cannot write"):
                ask()


class _Session(socketserver.StreamRequestHandler):
    """Just enough of RFC 5321 to take or refuse a letter."""

    def handle(self):
        self.server.connections.append(self.connection)
        self.wfile.write(b"220 mail.test\r\n")
        while line := self.rfile.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                self._take()
                self.wfile.write(b"250 taken\r\n")
            elif verb == b"RCPT":
                self.wfile.write(self.server.rcpt.encode() + b"\r\n")
            elif verb == b"QUIT":
                self.server.quits += 1
                self.wfile.write(b"221 bye\r\n")
                return
            else:
                self.wfile.write(b"250 ok\r\n")

    def _take(self):
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        self.server.letters.append(b"".join(lines))


@pytest.fixture
def mail_server():
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Session)
    server.letters, server.rcpt, server.connections, server.quits = [], "250 ok", [], 0
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


class TestSmtp(ChannelContract):
    @pytest.fixture
    def channel(self, mail_server):
        self.server = mail_server
        return Smtp(
            MailRelay(
                "127.0.0.1",
                mail_server.server_address[1],
                security="none",
                sender="Support <support@host.example>",
            )
        )

    def received(self, channel):
        return [_parsed(raw) for raw in self.server.letters]

    @pytest.mark.parametrize(
        ("answer", "permanent"),
        [("550 5.1.1 no such", True), ("550 no such", True), ("451 later", False)],
    )
    def test_a_refusal_is_final_only_when_the_server_says_so(self, channel, answer, permanent):
        self.server.rcpt = answer
        with pytest.raises(ChannelError) as refused:
            channel.send(LETTER)
        assert refused.value.permanent is permanent
        assert refused.value.reason is RefusalReason.RECIPIENT
        assert refused.value.reply == answer.partition(" no")[0].partition(" later")[0]
        assert self.received(channel) == []

    def test_letters_that_follow_each_other_share_a_connection(self, channel):
        for _ in range(LETTERS + 2):
            channel.send(LETTER)
        assert len(self.received(channel)) == LETTERS + 2
        assert len(self.server.connections) == 2

    def test_a_refusal_keeps_no_other_letter_from_going(self, channel):
        channel.send(LETTER)
        self.server.rcpt = "550 5.1.1 no such"
        with pytest.raises(ChannelError):
            channel.send(LETTER)
        self.server.rcpt = "250 ok"
        channel.send(LETTER)
        assert len(self.received(channel)) == 2

    def test_a_server_that_went_meanwhile_is_called_again(self, channel):
        channel.send(LETTER)
        self.server.connections[0].shutdown(socket.SHUT_RDWR)
        channel.send(LETTER)
        assert (len(self.received(channel)), len(self.server.connections)) == (2, 2)

    def test_an_idle_connection_is_ended(self, channel):
        channel.send(LETTER)
        begun = time.monotonic()
        while self.server.quits == 0:
            assert time.monotonic() < begun + IDLE * 4
            time.sleep(0.1)
        channel.send(LETTER)
        assert len(self.server.connections) == 2

    def test_nobody_there_is_not_final(self):
        channel = Smtp(MailRelay("127.0.0.1", 1, security="none", password="hidden"))
        with pytest.raises(ChannelError) as refused:
            channel.send(LETTER)
        assert not refused.value.permanent
        assert "hidden" not in repr(channel._server)


@pytest.mark.parametrize("kind", CHANNELS, ids=lambda kind: kind.name)
def test_a_kind_that_settings_name_is_the_one_that_is_used(kind, tmp_path):
    channel = configured_mail(schema.MailSection(kind=kind.name), tmp_path)
    assert isinstance(channel, kind)
    assert channel.name == kind.name


@pytest.mark.parametrize("name", ["pigeon", "apprise", ""])
def test_an_unknown_kind_is_refused_and_not_taken_for_another(name, tmp_path):
    with pytest.raises(
        SettingsError, match=rf'\[mail\] kind is "{name}".* Allowed: .*outbox.*smtp'
    ):
        configured_mail(schema.MailSection(kind=name), tmp_path)


class Failing:
    name = "failing"

    def __init__(self, error=None):
        self.error, self.letters = error, []

    def send(self, letter):
        if self.error:
            raise self.error
        self.letters.append(letter)

    def ping(self):
        pass


def job(letter=LETTER, attempts=1):
    """A job that asks for a letter by reference, as every sender does."""
    ref = EmailRef(letter.key, "test.letter", {})
    return replace(email_job(ref, datetime(2026, 1, 1, tzinfo=UTC)), attempts=attempts)


@pytest.fixture
def deliveries(database, clock):
    return Deliveries(database, clock)


def sender(channel, deliveries, letter=LETTER, **more):
    """The handler, with one writer that always writes this letter."""
    return handlers(channel, deliveries, {"test.letter": lambda ref: letter}, **more)[
        SEND_EMAIL
    ].run


def test_a_letter_leaves_once_however_often_the_job_runs(deliveries):
    channel = Failing(ChannelError("away"))
    send = sender(channel, deliveries)
    with pytest.raises(Retry):
        send(job())
    channel.error = None
    send(job())
    send(job())
    assert len(channel.letters) == 1
    assert deliveries.is_sent(LETTER.key)


def test_a_letter_that_nobody_wants_any_more_does_not_leave(deliveries):
    channel = Failing()
    sender(channel, deliveries, None)(job())
    sender(channel, deliveries, finish=lambda email: None)(job())
    assert (channel.letters, deliveries.is_sent(LETTER.key)) == ([], False)


def test_what_is_not_stored_is_put_in_at_the_last_moment(deliveries):
    channel = Failing()
    letter = OutgoingEmail("k", "x@y.example", "s", "see [[x]]")
    fill = lambda email: replace(email, text=email.text.replace("[[x]]", "T"))  # noqa: E731
    sender(channel, deliveries, letter, finish=fill)(job(letter))
    assert channel.letters[0].text == "see T"


def test_a_refusal_for_good_is_remembered_until_the_letter_goes_out(deliveries, clock):
    why = ChannelError("no", permanent=True, reason=RefusalReason.RECIPIENT, reply="550 5.1.1")
    channel = Failing(why)
    send = sender(channel, deliveries)
    send(job())  # no error: it is not to be tried again
    refusals = deliveries.refusals([LETTER.key, "another"])
    assert refusals == {LETTER.key: EmailRefusal(RefusalReason.RECIPIENT, "550 5.1.1", clock.now())}
    assert deliveries.last_sent("failing") is None
    channel.error = None
    send(job())  # an operator had it tried again
    assert deliveries.refusals([LETTER.key]) == {}
    assert deliveries.last_sent("failing") == clock.now()


def test_a_letter_that_no_try_could_send_is_told_too(deliveries):
    send = sender(Failing(ChannelError("away")), deliveries)
    with pytest.raises(Retry):
        send(job(attempts=TRIES_FOR_DAYS - 1))
    assert deliveries.refusals([LETTER.key]) == {}
    with pytest.raises(Retry):
        send(job(attempts=TRIES_FOR_DAYS))
    assert deliveries.refusals([LETTER.key])[LETTER.key].reason is RefusalReason.GIVEN_UP


def _parsed(raw):
    return email.message_from_bytes(raw, policy=email.policy.default)
