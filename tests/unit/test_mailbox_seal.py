"""Seals open to their own key, for their own run, in their own time; refusals are read rightly."""

from __future__ import annotations

from base64 import b64encode
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.metadata import metadata
from diagnostics.collectors.hosting.sign_in import without_password
from explain.sign_in_refusals import SignInRefusal, classify_refusal
from facts import DialogueLine, MailboxDialogue, SmtpDialogue
from observe.mail.mailbox import NOT_AUTHENTICATED, NOT_ENCRYPTED, SignIn
from wizard.mailbox_test.sealing import MAX_LENGTH, KeyPair, TooLong, seal

UNTIL = datetime(2026, 1, 15, 12, 1, tzinfo=UTC)
OPENER = KeyPair()


@given(st.text(max_size=60))
def test_what_was_sealed_opens_again(text):
    box = seal(OPENER.public, text, "r1", UNTIL)
    assert OPENER.open(box, "r1", UNTIL) == text
    assert len(box) == len(seal(OPENER.public, "", "r1", UNTIL)), "the length tells nothing"


def test_for_nobody_else_and_nothing_else():
    box = seal(OPENER.public, "secret", "r1", UNTIL)
    assert KeyPair().open(box, "r1", UNTIL) is None
    assert OPENER.open(box, "r2", UNTIL) is None
    assert OPENER.open(box, "r1", UNTIL + timedelta(seconds=1)) is None
    for place in range(0, len(box), 37):
        touched = box[:place] + bytes([box[place] ^ 1]) + box[place + 1 :]
        assert OPENER.open(touched, "r1", UNTIL) is None
    assert OPENER.open(b"", "r1", UNTIL) is None
    assert OPENER.open(box[:20], "r1", UNTIL) is None


def test_the_same_text_is_never_sealed_alike():
    assert seal(OPENER.public, "x", "r", UNTIL) != seal(OPENER.public, "x", "r", UNTIL)


def test_no_password_is_that_long():
    with pytest.raises(TooLong):
        seal(OPENER.public, "x" * (MAX_LENGTH + 1), "r1", UNTIL)


def test_the_key_does_not_show_itself():
    assert repr(OPENER) == "Opener(…)"


def test_what_lives_a_minute_is_marked_as_no_part_of_a_backup():
    fleeting = {t.name for t in metadata.tables.values() if t.info.get("fleeting")}
    assert fleeting == {"diagnostics_engine_keys", "diagnostics_sealed"}


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        ("a3 NO [AUTHENTICATIONFAILED] Authentication failed.", SignInRefusal.WRONG),
        ("a3 NO LOGIN failed.", SignInRefusal.WRONG),
        ("-ERR [AUTH] Authentication failed.", SignInRefusal.WRONG),
        ("535 5.7.8 Error: authentication failed: (reason unavailable)", SignInRefusal.WRONG),
        ("535 Incorrect authentication data", SignInRefusal.WRONG),
        ("535 5.7.3 Authentication unsuccessful", SignInRefusal.WRONG),
        ("534 5.7.9 Application-specific password required.", SignInRefusal.APP_PASSWORD),
        ("535 5.7.139 Authentication unsuccessful, basic authentication is disabled.",
         SignInRefusal.APP_PASSWORD),
        ("a3 NO [ALERT] Application-specific password required: https://x", SignInRefusal.APP_PASSWORD),
        ("a3 NO [LIMIT] Maximum number of connections from user+IP exceeded", SignInRefusal.TOO_MANY),
        ("421 4.7.0 Too many concurrent connections", SignInRefusal.TOO_MANY),
        ("a3 NO [ALERT] Too many simultaneous connections. (Failure)", SignInRefusal.TOO_MANY),
        ("a3 NO [PRIVACYREQUIRED] Plaintext authentication disallowed on non-secure connections.",
         SignInRefusal.NEEDS_TLS),
        ("530 5.7.0 Must issue a STARTTLS command first", SignInRefusal.NEEDS_TLS),
        ("538 5.7.11 Encryption required for requested authentication mechanism", SignInRefusal.NEEDS_TLS),
        ("a3 NO [UNAVAILABLE] Temporary authentication failure. [mx1:2026]", SignInRefusal.UNAVAILABLE),
        ("454 4.7.0 Temporary authentication failure: Connection lost", SignInRefusal.UNAVAILABLE),
        ("a3 NO Account is locked due to inactivity", SignInRefusal.DISABLED),
        ("525 5.7.13 User account disabled", SignInRefusal.DISABLED),
        ("a3 NO [CONTACTADMIN] see us", SignInRefusal.DISABLED),
        ("550 5.2.1 Mailbox disabled", SignInRefusal.DISABLED),
        ("a3 NO Too many failed logins, temporarily blocked", SignInRefusal.FIREWALL),
        ("* BYE Your IP has been banned", SignInRefusal.FIREWALL),
        ("a3 NO computer says no", SignInRefusal.OTHER),
        (NOT_AUTHENTICATED, SignInRefusal.NOT_TRIED),
        (NOT_ENCRYPTED, SignInRefusal.NOT_TRIED),
    ],
)  # fmt: skip
def test_refusals_in_the_words_of_servers(reply, why):
    assert classify_refusal(reply) is why


def test_a_server_that_repeats_the_password_does_not_put_it_into_a_fact():
    who = SignIn("m@cafe.example", "hunter2 hush")
    wire = b64encode(b"\0m@cafe.example\0hunter2 hush").decode()
    reply = 'a3 NO LOGIN "m@cafe.example" "hunter2 hush" failed'
    read = MailboxDialogue(
        "imap",
        "imap.host.example",
        "192.0.2.1",
        993,
        UNTIL,
        refused=reply,
        lines=(DialogueLine(False, reply),),
    )
    sent = SmtpDialogue(
        "smtp.host.example", "192.0.2.1", 465, UNTIL, refused=f"535 {wire} is wrong"
    )
    assert "hunter2" not in repr(without_password(who, read))
    assert wire not in repr(without_password(who, sent))
    assert without_password(who, read).refused == 'a3 NO LOGIN "m@cafe.example" "…" failed'
    assert without_password(who, None) is None
