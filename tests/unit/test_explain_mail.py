"""Pasted mail: what came back, for whom, why, and whose move it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from diagnostics.checks import CHECKS
from explain import explain
from explain.bounces.advice import ADVICE
from explain.errors.site_advice import SITE_ADVICE
from explain.errors.site_signatures import FAMILY_BY_STATUS, SITE_SIGNATURES
from explain.masking import redact_protocol_passwords
from explain.model import ExplanationKind, Reason

ROOT = Path(__file__).resolve().parents[2]
CASES = ROOT / "tests" / "cases" / "explain"


def case(name):
    return explain((CASES / name).read_bytes())


def only(text):
    (item,) = explain(text)
    return item


# ---------------------------------------------------------------- one line without a code
@pytest.mark.parametrize(
    ("line", "reason", "permanent"),
    [
        (
            (
                "Host or domain name not found. Name service error for name=shopp.test type=MX: "
                "Host not found"
            ),
            Reason.RECIPIENT_DOMAIN_UNKNOWN,
            True,
        ),
        (
            "connect to mx.shop.test[192.0.9.1]:25: Connection timed out",
            "network_or_timeout",
            False,
        ),
        ("connect to mx.shop.test[192.0.9.1]:25: Connection refused", "network_or_timeout", False),
        (
            "all relevant MX records point to non-existent hosts",
            Reason.RECIPIENT_DOMAIN_UNKNOWN,
            True,
        ),
        ("jana@shop.test: retry timeout exceeded", "network_or_timeout", False),
        (
            (
                "550 5.7.708 Service unavailable. Access denied, traffic not accepted from this IP. "
                "AS(7230)"
            ),
            "blocked_ip",
            False,
        ),
    ],
)
def test_a_mail_servers_own_line_is_read(line: str, reason: str, permanent: bool) -> None:  # noqa: FBT001 - a table
    item = only(line)
    assert (item.kind, item.reason, item.permanent) == (ExplanationKind.SMTP, reason, permanent)


def test_a_browsers_time_out_stays_a_browsers() -> None:
    assert only("connect to shop.test:443: Connection timed out").kind is not ExplanationKind.SMTP


# ---------------------------------------------------------------- whole reports
def test_each_recipient_of_a_report_gets_an_answer() -> None:
    full, unknown = case("postfix_full.eml")
    assert (full.kind, full.reason, full.permanent) == (
        ExplanationKind.BOUNCE,
        "mailbox_full",
        False,
    )
    assert (full.recipient, full.reply, full.status) == ("petr@shop.test", "552", "5.2.2")
    assert (full.remote, full.owner) == ("mx.shop.test", "recipient")
    assert (unknown.reason, unknown.permanent) == ("recipient_unknown", True)
    assert (unknown.recipient, unknown.owner) == ("jana@shop.test", "sender")
    assert "mail-comes-back" in unknown.articles


def test_the_returned_message_is_never_repeated() -> None:
    texts = " ".join(item.text for item in case("postfix_full.eml"))
    assert "hunter22" not in texts
    assert "Secret" not in texts


def test_forwarded_quoting_is_read_through() -> None:
    (item,) = case("forwarded_exim.txt")
    assert (item.kind, item.reason) == (ExplanationKind.BOUNCE, "auth_failed")
    assert (item.recipient, item.remote, item.status) == (
        "petr@shop.test",
        "mx.shop.test",
        "5.7.26",
    )
    assert item.permanent is False


def test_a_report_copied_as_markup_is_read_without_style_and_script() -> None:
    (item,) = case("outlook_html.html")
    assert (item.kind, item.reason, item.recipient) == (
        ExplanationKind.BOUNCE,
        "too_big",
        "petr@shop.test",
    )
    assert "<" not in item.text


def test_a_czech_report_is_understood_with_and_without_accents() -> None:
    text = (CASES / "czech_webmail.txt").read_text("utf-8")
    plain = text.translate(str.maketrans("áčďéěíňóřšťúůýž", "acdeeinorstuuyz"))
    for pasted in (text, plain):
        item = only(pasted)
        assert (item.kind, item.reason, item.recipient) == (
            ExplanationKind.BOUNCE,
            "recipient_unknown",
            "petr@shop.test",
        )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Vašu správu sa nepodarilo doručiť: petr@shop.test\nSchránka príjemcu je plná", "mailbox_full"),
        ("Nie można dostarczyć wiadomości do petr@shop.test\nUżytkownik nie istnieje", "recipient_unknown"),
        ("Vaša poruka nije mogla biti isporučena: petr@shop.test\nSandučić je pun", "mailbox_full"),
        ("Ihre Nachricht konnte nicht zugestellt werden: petr@shop.test\nEmpfänger unbekannt", "recipient_unknown"),
        ("Votre message n'a pas pu être remis à petr@shop.test\nutilisateur inconnu", "recipient_unknown"),
    ],
)  # fmt: skip
def test_our_readers_languages(text, reason) -> None:
    item = only(text)
    assert (item.kind, item.reason, item.recipient) == (
        ExplanationKind.BOUNCE,
        reason,
        "petr@shop.test",
    )


def test_an_answer_from_a_holiday_is_no_failure() -> None:
    (item,) = case("vacation.eml")
    assert (item.reason, item.owner, item.permanent) == ("not_a_failure", "nobody", False)


# ---------------------------------------------------------------- one line
@pytest.mark.parametrize(
    ("line", "reason", "permanent"),
    [
        ("550 5.1.1 <jan@shop.test>: no such user", "recipient_unknown", True),
        ("550-5.7.26 This mail is unauthenticated; SPF did not pass", "auth_failed", False),
        ("450 4.7.25 Client host rejected: cannot find your hostname, [192.0.2.9]", "ptr_missing", False),
        ("554 5.7.1 Service unavailable; Client host [192.0.2.9] blocked using zen.spamhaus.org", "blocked_ip", False),
        ("552 5.3.4 Message size exceeds fixed limit", "too_big", False),
        ("535 5.7.8 Error: authentication failed: wrong password", "relay_denied", False),
        ("454 4.7.0 TLS not available due to local problem", "tls_required", False),
        ("550 5.4.1 Recipient address rejected: Access denied. [x.prod.protection.outlook.com]", "recipient_unknown", True),
        ("421 4.7.28 Gmail has detected an unusual rate of mail https://support.google.com/mail/?p=UnsolicitedRateLimitError", "rate_limited", False),
        ("550 5.2.1 The account is disabled. https://support.google.com/mail/?p=DisabledUser", "account_disabled", False),
        ("556 5.1.10 Recipient address has null MX", "relay_denied", True),
        ("550 5.1.8 Sender address rejected: Domain not found", "policy_or_spam", False),
        ("[OVERQUOTA] Quota exceeded (mailbox for user is full)", "mailbox_full", False),
        ("[AUTHENTICATIONFAILED] Authentication failed.", "relay_denied", False),
        ("Poštovní server odpověděl: 554 5.7.1 <a@shop.test>: Relay access denied", "relay_denied", False),
    ],
)  # fmt: skip
def test_one_line_of_a_server_or_a_mail_program(line, reason, permanent) -> None:
    item = only(line)
    assert (item.kind, item.reason, item.permanent) == (ExplanationKind.SMTP, reason, permanent)


# ---------------------------------------------------------------- people
@pytest.mark.parametrize(
    "text",
    [
        "ne radi mi mail",
        "nefunguje mi web",
        "Dobrý den, vrátil se mi e-mail s hláškou schránka je plná, co s tím?",
        "Ahoj, posílám fakturu za 550 Kč, splatnost 5.1.1 roku. Pavel",
        "Hi, I can't send mail since yesterday, my password is not working, what should I do?",
        "Dzień dobry, nie działa mi poczta, proszę o pomoc",
        "Our meeting was delivered to room 404, see you there. Thanks",
        "",
        " \n\t",
    ],
)
def test_a_letter_is_no_bounce_and_has_a_way_on(text) -> None:
    item = only(text)
    assert (item.kind, item.reason, item.permanent) == (ExplanationKind.UNCLEAR, "unclear", None)
    assert item.articles
    assert item.next


def test_a_support_request_with_headers_is_no_bounce() -> None:
    (item,) = case("letter_support.eml")
    assert item.kind is ExplanationKind.UNCLEAR
    assert "invoice" not in item.text


# ---------------------------------------------------------------- headers
def test_pasted_headers_tell_alignment_and_delays() -> None:
    (item,) = case("headers.txt")
    assert (item.kind, item.reason) == (ExplanationKind.SMTP, "auth_failed")
    seen = item.headers
    assert seen is not None
    assert seen.author_domain == "shop.test"
    verdicts = {v.method: (v.result, v.aligned) for v in seen.verdicts}
    assert verdicts == {"spf": ("pass", False), "dkim": ("pass", False), "dmarc": ("fail", True)}
    assert [h.server for h in seen.hops] == [
        "out.mailer.test",
        "mx.hosting.example",
        "store.hosting.example",
    ]
    delays = [h.delay.total_seconds() if h.delay is not None else None for h in seen.hops]
    assert delays == [None, 3720.0, 5.0]
    assert seen.queue_ids == ("AAA111222", "BBB333444", "CCC555666")


# ---------------------------------------------------------------- privacy
def test_other_peoples_addresses_and_secrets_are_hidden() -> None:
    item = only("550 5.1.1 <jan@shop.test>: unknown user; tell boss@other.test password=tajne123")
    assert "jan@shop.test" in item.text
    assert "boss@" not in item.text
    assert "tajne123" not in item.text


@pytest.mark.parametrize(
    "reply",
    [
        "535 5.7.8 authentication failed AUTH PLAIN AG1hcmEAVGFqbmUxMjM=",
        "C: AUTH LOGIN\nS: 334 VXNlcm5hbWU6\nC: bWFyYQ==\nS: 334 UGFzc3dvcmQ6\nC: VGFqbmUxMjM=\nS: 535 5.7.8 no",
        "Command: USER web\nCommand: PASS Tajne123\nResponse: 530 Login incorrect",
        "a1 LOGIN mara@shop.test Tajne123\na1 NO [AUTHENTICATIONFAILED] Authentication failed.",
    ],
)  # fmt: skip
def test_a_password_said_to_a_server_is_hidden(reply: str) -> None:
    for pasted in (reply, reply.replace("\n", "\r\n")):
        for item in explain(pasted):
            assert "***" in item.text
            for secret in ("tajne123", "vgfqbmuxmjm", "ag1hcmeavgfq"):
                assert secret not in item.text.lower()


def test_what_is_no_password_stays() -> None:
    for plain in ("535 AUTH LOGIN Mechanism not supported", "SPF: PASS with IP 192.0.2.1"):
        assert redact_protocol_passwords(plain.encode()) == plain.encode()


# ---------------------------------------------------------------- the data
def test_advice_names_checks_and_articles_that_exist() -> None:
    checks = {check.id for check in CHECKS}
    articles = {folder.name for folder in (ROOT / "kb" / "articles").iterdir()}
    for name, advice in {**ADVICE, **SITE_ADVICE}.items():
        assert set(advice.checks) <= checks, name
        assert set(advice.articles) <= articles, name
        assert advice.articles, name


def test_every_class_and_family_has_words() -> None:
    assert set(ADVICE) == set(Reason)
    assert {signature.family for signature in SITE_SIGNATURES} | set(
        FAMILY_BY_STATUS.values()
    ) <= set(SITE_ADVICE)


LABELLED = [
    "Kennwort: hunter2", "Passwort = hunter2", "Ihr Passwort lautet hunter2", "**Kennwort:** hunter2",
    "SMTP-Passwort – hunter2", "Kennwort\nhunter2", "Kennwort (erneut): hunter2", "Kennwort | hunter2",
    "Heslo: hunter2", "heslo je hunter2", "Hasło: hunter2", "Lozinka: hunter2", "Geslo: hunter2",
    "Jelszó: hunter2", "Mot de passe : hunter2", "le mot de passe est « hunter2 »",
    "Contraseña: hunter2", "La password è hunter2", "Parola d'ordine: hunter2", "Пароль: hunter2",
    "пароль — hunter2", "Parolă: hunter2", "Senha: hunter2", "Wachtwoord: hunter2",
    "Lösenord: hunter2", "密码：hunter2", "Api-Schlüssel: hunter2", "Ověřovací kód: hunter2",
]  # fmt: skip


@pytest.mark.parametrize("labelled", LABELLED)
def test_a_password_behind_its_label_in_any_language_is_hidden(labelled: str) -> None:
    (item,) = explain(f"535 5.7.8 Error: authentication failed\n{labelled}")
    assert "***" in item.text
    assert "hunter2" not in item.text


@pytest.mark.parametrize(
    "remark",
    [
        "password incorrect", "Passwort falsch (535)", "heslo bylo změněno 2026-01-01",
        "le mot de passe est incorrect", "пароль неверный", "(using password: YES)",
        "password 0x800CCC92", "the key of monkeys: bananas",
    ],
)  # fmt: skip
def test_what_is_said_of_a_password_stays(remark: str) -> None:
    (item,) = explain(f"535 5.7.8 Error: authentication failed\n{remark}")
    assert remark in item.text
