"""The lab's mail servers, registries and panel, spoken to by smtplib, sockets and urllib."""

from __future__ import annotations

import datetime as dt
import json
import smtplib
import socket
import ssl
import time
import urllib.error
import urllib.request

import msgspec
import pytest

import lab
from clock import ManualClock
from hosting.model import Account, HostedService, HostingFacts, Resource, ServiceKind
from lab.account import (
    AccountContact,
    PanelAccount,
    PanelDomain,
    PanelLimit,
    PanelRedirect,
    PanelService,
    PanelSite,
    PanelUsage,
)
from lab.certificates import Cert
from lab.world import Domain, Ds, MailServer, Manner, Registered, World

NOW = dt.datetime(2026, 3, 4, 12, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
MAIL = {
    "good": "31.53.25.1",
    "patient": "31.53.25.2",
    "plain": "31.53.25.3",
    "stale": "31.53.25.4",
    "refuses": "31.53.25.5",
    "busy": "31.53.25.6",
    "silent": "31.53.25.7",
    "garbage": "31.53.25.8",
}
ACCOUNT = PanelAccount(
    id="A-1",
    name="Mara Studio",
    contacts=(AccountContact(email="mara@orchard.example", name="Mara", role="owner"),),
    services=(PanelService(id="S-1", kind="server", name="vps1", expires=5 * DAY),),
    domains=(
        PanelDomain(
            name="orchard.example",
            services=(PanelService(id="D-1", kind="domain", name="orchard.example"),),
            usage=(
                PanelUsage(resource="disk", used=99, limit=100),
                PanelUsage(resource="inodes", used=5, limit=None),
            ),
            limits=(PanelLimit(name="entry_processes", faults=3),),
            redirects=(
                PanelRedirect(source="www.orchard.example", target="https://orchard.example/"),
            ),
            sites=(
                PanelSite(host="orchard.example", document_root="/srv/www", expected_root="/srv"),
            ),
            mail_local=True,
        ),
    ),
)


def _registered(name, **values):
    return Domain(name=name, registered=Registered(**values))


WORLD = World(
    mail_servers=(
        MailServer(
            name="good.mail.example", addresses=(MAIL["good"],), accepts=("orchard.example",)
        ),
        MailServer(
            name="patient.mail.example",
            addresses=(MAIL["patient"],),
            wait=dt.timedelta(seconds=0.3),
        ),
        MailServer(name="plain.mail.example", addresses=(MAIL["plain"],), starttls=False),
        MailServer(name="stale.mail.example", addresses=(MAIL["stale"],), certificate=Cert.EXPIRED),
        *(
            MailServer(name=f"{m}.mail.example", addresses=(MAIL[m],), manner=m)
            for m in (Manner.REFUSES, Manner.BUSY, Manner.SILENT, Manner.GARBAGE)
        ),
    ),
    domains=(
        *(
            _registered(f"shop.{top}", expires=30 * DAY)
            for top in ("cz", "sk", "pl", "hr", "eu", "com")
        ),
        _registered("held.com", epp=("clientHold", "redemptionPeriod")),
        _registered("dateless.com", expires=None),
        _registered("busy.com", manner=Manner.BUSY),
        _registered("silent.com", manner=Manner.SILENT),
        _registered("noise.com", manner=Manner.GARBAGE),
        _registered("gone.com", manner=Manner.REFUSES),
        Domain(name="old.cz", ds=Ds.LEFT_BEHIND, parent_ns=()),
    ),
    accounts=(ACCOUNT,),
)


@pytest.fixture(scope="module")
def running():
    with lab.running(WORLD, clock=ManualClock(NOW)) as up:
        yield up


# ------------------------------------------------------------------------------ mail
def mail(running, which, timeout=3.0):
    host, _, port = running.network["hosts"][f"{MAIL[which]}:25"].rpartition(":")
    return smtplib.SMTP(host, int(port), local_hostname="client.example", timeout=timeout)


def lax():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context


def test_a_letter_over_tls(running):
    with mail(running, "good") as client:
        client.starttls(context=lax())
        client.sendmail("ben@polaris.example", ["mara@orchard.example"], "Subject: Hi\n\nHello.\n")
    letter = running.letters[-1]
    assert (letter.sender, letter.recipients) == ("ben@polaris.example", ("mara@orchard.example",))
    assert "Hello." in letter.content


def test_letters_for_others_are_refused(running):
    with mail(running, "good") as client, pytest.raises(smtplib.SMTPRecipientsRefused):
        client.sendmail("a@b.example", ["zed@elsewhere.example"], "x")


def test_the_certificate_is_shown_after_starttls(running):
    with mail(running, "stale") as client:
        client.starttls(context=lax())
        client.ehlo()
        assert not client.has_extn("starttls")
    strict = ssl.create_default_context(cafile=running.ca_bundle)
    strict.check_hostname = False
    with mail(running, "stale") as client, pytest.raises(ssl.SSLCertVerificationError):
        client.starttls(context=strict)


def test_a_server_without_starttls(running):
    with mail(running, "plain") as client:
        client.ehlo()
        assert not client.has_extn("starttls")


def test_a_patient_greeting(running):
    before = time.monotonic()
    with mail(running, "patient"):
        assert time.monotonic() - before >= 0.3


@pytest.mark.parametrize(("which", "code"), [("refuses", 554), ("busy", 421)])
def test_refusing_greetings(running, which, code):
    with pytest.raises(smtplib.SMTPConnectError) as error:
        mail(running, which)
    assert error.value.smtp_code == code


def test_silence_and_garbage(running):
    with pytest.raises(smtplib.SMTPServerDisconnected, match="timed out"):
        mail(running, "silent", timeout=0.3)
    with pytest.raises(smtplib.SMTPException):
        mail(running, "garbage")


# ------------------------------------------------------------------------------ registries
def rdap(running, name, timeout=3.0):
    url = running.network["rdap"][name.rpartition(".")[2]]
    with urllib.request.urlopen(f"{url}domain/{name}", timeout=timeout) as answer:
        assert answer.headers["Content-Type"] == "application/rdap+json"
        return json.load(answer)


def whois(running, name, timeout=3.0):
    host, _, port = running.network["whois"][name.rpartition(".")[2]].rpartition(":")
    reply = b""
    with socket.create_connection((host, int(port)), timeout=timeout) as raw:
        raw.sendall(f"{name}\r\n".encode())
        while piece := raw.recv(4096):
            reply += piece
    return reply


def test_an_rdap_answer(running):
    answer = rdap(running, "shop.cz")
    assert (answer["objectClassName"], answer["ldhName"]) == ("domain", "shop.cz")
    assert {e["eventAction"]: e["eventDate"][:10] for e in answer["events"]}[
        "expiration"
    ] == "2026-04-03"
    assert answer["nameservers"][0]["ldhName"] == "ns1.dns-lab.example"
    assert not answer["secureDNS"]["delegationSigned"]
    assert answer["entities"][0]["roles"] == ["registrar"]


def test_rdap_spells_states_and_leaves_out_dates(running):
    assert rdap(running, "held.com")["status"] == ["client hold", "redemption period"]
    actions = {e["eventAction"] for e in rdap(running, "dateless.com")["events"]}
    assert actions == {"registration"}


@pytest.mark.parametrize(("name", "status"), [("free.com", 404), ("busy.com", 429)])
def test_rdap_errors(running, name, status):
    with pytest.raises(urllib.error.HTTPError) as error:
        rdap(running, name)
    assert error.value.code == status
    assert json.load(error.value)["errorCode"] == status
    error.value.close()


def test_rdap_garbage_and_silence(running):
    with pytest.raises(json.JSONDecodeError):
        rdap(running, "noise.com")
    with pytest.raises(TimeoutError):
        rdap(running, "silent.com", timeout=0.3)


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("shop.cz", "expire:       03.04.2026"),
        ("shop.sk", "Valid Until:                  2026-04-03"),
        ("shop.pl", "renewal date:          2026.04.03 12:00:00"),
        ("shop.hr", "Registrar Registration Expiration Date: 2026-04-03T12:00:00Z"),
        ("shop.com", "   Registry Expiry Date: 2026-04-03T12:00:00Z"),
    ],
)
def test_each_registry_has_its_own_form(running, name, line):
    assert line in whois(running, name).decode().splitlines()


def test_eu_publishes_no_date(running):
    text = whois(running, "shop.eu").decode()
    assert "Domain: shop.eu" in text
    assert "2026" not in text


@pytest.mark.parametrize("top", ["cz", "sk", "pl", "hr", "eu", "com"])
def test_free_names_in_each_registrys_words(running, top):
    text = whois(running, f"free.{top}").decode().lower()
    assert any(
        w in text for w in ("no entries", "not found", "no information", "available", "no match")
    )


def test_whois_throttles_and_babbles_and_resets(running):
    assert b"limit exceeded" in whois(running, "busy.com")
    assert whois(running, "noise.com").startswith(b"\xff\xfe")
    with pytest.raises(ConnectionResetError):
        whois(running, "gone.com")


def test_registry_questions_are_written_down(running):
    running.registry_questions.clear()
    whois(running, "shop.sk")
    rdap(running, "shop.cz")
    questions = [(q.registry, q.protocol, q.name) for q in running.registry_questions]
    assert questions == [("sk", "whois", "shop.sk"), ("cz", "rdap", "shop.cz")]


# ------------------------------------------------------------------------------ panel
def panel(running, path, token=None):
    request = urllib.request.Request(running.panel_url + path)
    request.add_header("Authorization", f"Bearer {token or running.panel_token}")
    try:
        with urllib.request.urlopen(request, timeout=3) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as refused:
        with refused:
            return refused.code, refused.read()


def test_the_panels_documents_are_the_houses_own_types(running):
    status, body = panel(running, "/accounts?domain=orchard.example")
    assert status == 200
    assert msgspec.json.decode(body, type=Account).domains == ("orchard.example",)
    assert panel(running, "/accounts/A-1")[1] == body
    services = msgspec.json.decode(
        panel(running, "/accounts/A-1/services")[1], type=tuple[HostedService, ...]
    )
    assert [(s.kind, s.expires) for s in services] == [
        (ServiceKind.SERVER, dt.date(2026, 3, 9)),
        (ServiceKind.DOMAIN, dt.date(2026, 12, 29)),
    ]
    raw = panel(running, "/accounts/A-1/facts?domain=orchard.example")[1]
    facts = msgspec.json.decode(raw, type=HostingFacts)
    assert [(u.resource, u.limit) for u in facts.usage] == [
        (Resource.DISK, 100),
        (Resource.INODES, None),
    ]
    assert facts.limits[0].faults == 3
    assert facts.redirects[0].target == "https://orchard.example/"
    assert facts.sites[0].expected_root == "/srv"
    assert facts.mail_local is True


@pytest.mark.parametrize(
    "path",
    [
        "/accounts?domain=zed.example",
        "/accounts/A-9",
        "/accounts/A-9/services",
        "/accounts/A-1/facts?domain=zed.example",
        "/nowhere",
    ],
)
def test_what_the_panel_does_not_have(running, path):
    assert panel(running, path)[0] == 404


def test_without_the_token_the_panel_says_nothing(running):
    status, body = panel(running, "/accounts/A-1", token="guess")
    assert status == 401
    assert b"Mara" not in body


def test_ping_and_the_record_of_requests(running):
    running.panel_requests.clear()
    assert panel(running, "/ping")[0] == 200
    assert [r.path for r in running.panel_requests] == ["/ping"]


def test_a_panel_that_is_down(running):
    running.fault("panel", "error")
    assert panel(running, "/ping")[0] == 503
    running.clear_fault("panel")
    assert panel(running, "/ping")[0] == 200
