"""Cases: DKIM keys, DMARC, MTA-STS, TLS-RPT, DANE and BIMI."""

from __future__ import annotations

from dataclasses import replace

from diagnostics.model import Missing
from facts import Handshake
from standards.dns_types import Trouble
from standards.spf.correction import quote_txt
from tests.cases.checks_hosting import both
from tests.cases.checks_mail import NO_MAIL, local, mx, spf, stranger
from tests.checks_fixtures import MX, Expected, Scene
from tests.checks_parts import AT, certificate
from tests.checks_scene_mail_authentication import SELECTOR, dkim, fetched, rsa_key

NAME, DMARC = f"{SELECTOR}._domainkey.cafe.example", "_dmarc.cafe.example"
STS, TLS, BIMI = "_mta-sts.cafe.example", "_smtp._tls.cafe.example", "default._bimi.cafe.example"
POLICY_URL = "https://mta-sts.cafe.example/.well-known/mta-sts.txt"
ED25519 = "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="


def txt(name: str, *values: str):
    """TXT records as they stand in the zone; none removes them."""

    def change(scene: Scene) -> None:
        scene.zone.pop((name, "TXT"), None)
        if values:
            scene.zone[name, "TXT"] = tuple(
                v if v.startswith('"') else quote_txt(v) for v in values
            )

    return change


def key(*values: str):
    return txt(NAME, *values)


def usual(*values: str):
    return txt("google._domainkey.cafe.example", *values)


def alias(scene: Scene) -> None:
    del scene.zone[NAME, "TXT"]
    scene.zone[NAME, "CNAME"] = ("gone.mail.example.",)


def panel(record: str):
    return lambda s: setattr(s, "panel_keys", ((SELECTOR, record),))


def unseen(*names: str):
    return lambda s: s.unseen.update(names)


def dmarc(*values: str):
    return txt(DMARC, *values)


def world(name: str, value: str):
    return lambda s: s.world.update({(name, "TXT"): (quote_txt(value),)})


def policy(
    text: str = "", *, mode: str = "enforce", hosts: str = MX, age: int = 604800, **more: object
):
    """A published MTA-STS policy and its record."""
    lines = text or f"version: STSv1\nmode: {mode}\nmx: {hosts}\nmax_age: {age}\n"

    def change(scene: Scene) -> None:
        scene.zone[STS, "TXT"] = ('"v=STSv1; id=20260115;"',)
        scene.sts_policy = fetched(POLICY_URL, lines, **more)

    return change


def tlsa(*values: str, secure: bool = True, fits: bool = True, **greeting: object):
    """TLSA records of the mail server, and the certificate that it shows."""
    cert = replace(certificate(MX), key_sha256=("ab" if fits else "cd") * 32)
    shake = Handshake(
        MX, "192.0.9.25", 25, AT, "TLSv1.3", chain=(cert,), verified=True, name_matches=True
    )

    def change(scene: Scene) -> None:
        scene.tlsa[MX], scene.tlsa_secure = values, secure
        scene.greetings.setdefault(MX, {"handshake": shake, **greeting})

    return change


SVG = '<svg version="1.2" baseProfile="tiny-ps"></svg>'


def bimi(text: str = "v=BIMI1; l=https://cafe.example/logo.svg; a=", **more: object):
    def change(scene: Scene) -> None:
        scene.zone[BIMI, "TXT"] = (quote_txt(text),)
        scene.logo = fetched("https://cafe.example/logo.svg", SVG, **more)

    return change


GOOD_TLSA = "3 1 1 " + "ab" * 32
D, M, S, T, B = "mail.dkim.", "mail.dmarc.", "mail.sts.", "mail.dane.", "mail.bimi."
CASES = (
    # ------------------------------------------------------------------ DKIM
    Expected("no DKIM key", key(), (f"{D}missing",)),
    Expected("no DKIM key, and the panel knows it", both(key(), panel("v=DKIM1; p=x")),
             (f"{D}missing",)),
    Expected("no DKIM key, mail elsewhere", both(key(), mx("10 aspmx.mail.example."), local(False)),
             ("mail.mx.hosted_elsewhere",)),
    Expected("no DKIM key, as a stranger sees it", both(key(), stranger), (f"{D}missing",), (), None),
    Expected("DKIM we could not look up", both(key(), unseen(NAME)), (), (), ("mail.dkim.unknown",)),
    Expected("another key than the panel's", panel(f"v=DKIM1; k=rsa; p={rsa_key(1536)}"),
             (f"{D}differs",)),
    Expected("the panel's key, written otherwise", panel(f"p={rsa_key(2048)}; k=rsa")),
    Expected("a key of 512 bits", key(dkim(512)), (f"{D}too_short",)),
    Expected("a key of 1024 bits", key(dkim(1024)), (f"{D}short",)),
    Expected("a key of 2048 bits in pieces", key(dkim(2048))),
    Expected("an Ed25519 key", key(f"v=DKIM1; k=ed25519; p={ED25519}")),
    Expected("our key revoked", key("v=DKIM1; p="), (f"{D}revoked",)),
    Expected("somebody's old key revoked", usual("v=DKIM1; p=")),
    Expected("DKIM on trial", key(dkim(2048, "t=y; ")), (f"{D}testing",)),
    Expected("DKIM strict", key(dkim(2048, "t=s; "))),
    Expected("DKIM of a wrong version", key(f"v=DKIM2; p={rsa_key()}"), (f"{D}unreadable",)),
    Expected("DKIM of an unknown kind", key(f"v=DKIM1; k=dsa; p={rsa_key()}"), (f"{D}unreadable",)),
    Expected("DKIM for sha1 only", key(f"v=DKIM1; h=sha1; p={rsa_key()}"), (f"{D}unreadable",)),
    Expected("DKIM for something else", key(f"v=DKIM1; s=tlsrpt; p={rsa_key()}"), (f"{D}unreadable",)),
    Expected("DKIM without p", key("v=DKIM1; k=rsa"), (f"{D}unreadable",)),
    Expected("DKIM in quotes of its own", key(rf'"\"v=DKIM1; p={rsa_key(1024)}\""'),
             (f"{D}unreadable",)),
    Expected("DKIM with half a key", usual(f"v=DKIM1; p={rsa_key()[:200]}"), (f"{D}unreadable",)),
    Expected("DKIM that is something else", key("hello world"), (f"{D}unreadable",)),
    Expected("another text at a usual selector", usual("google-site=1")),
    Expected("two DKIM records", key(dkim(2048), dkim(1536)), (f"{D}multiple",)),
    Expected("a DKIM alias into nothing", alias, (f"{D}leads_nowhere",)),
    Expected("a DKIM alias that leads to a key", both(alias, lambda s: s.world.update(
        {("gone.mail.example", "TXT"): (dkim(),)}))),
    Expected("a wildcard for all selectors", both(txt("*._domainkey.cafe.example", "v=DKIM1; p=")),
             (f"{D}wildcard",)),
    # ------------------------------------------------------------------ DMARC
    Expected("no DMARC", dmarc(), (f"{M}missing",)),
    Expected("no DMARC, and no mail", both(dmarc(), NO_MAIL, local(None)),
             (f"{M}missing", "mail.mx.null", "mail.spf.sends_nothing")),
    Expected("no DMARC, and SPF not known", both(
        dmarc(), lambda s: s.missing.update(spf=Missing.TROUBLE)), (f"{M}missing",), (), None),
    Expected("DMARC of the zone above", both(dmarc(), world("_dmarc.example", "v=DMARC1; p=reject; psd=y")),
             (f"{M}depends_on_receiver",)),
    Expected("DMARC we could not look up", unseen(DMARC), (), (), (
        "mail.dmarc.unknown", "mail.dmarc_policy.unknown", "mail.dmarc_reports.unknown")),
    Expected("two DMARC records", dmarc("v=DMARC1; p=none", "v=DMARC1; p=reject"), (f"{M}multiple",)),
    Expected("DMARC and another text", dmarc("v=DMARC1; p=reject", "hello")),
    Expected("DMARC in small letters", dmarc("v=dmarc1; p=reject"), (f"{M}not_recognised",)),
    Expected("DMARC without a semicolon", dmarc("v=DMARC1 p=reject"), (f"{M}not_recognised",)),
    Expected("DMARC at the domain itself", both(dmarc(), lambda s: s.zone.update(
        {("cafe.example", "TXT"): (*s.zone["cafe.example", "TXT"], '"v=DMARC1; p=reject"')})),
        (f"{M}misplaced",)),
    Expected("DMARC with the name twice", both(dmarc(), txt(
        "_dmarc.cafe.example.cafe.example", "v=DMARC1; p=reject")), (f"{M}misplaced",)),
    Expected("DMARC twice, once rightly", txt("dmarc.cafe.example", "v=DMARC1; p=reject")),
    Expected("DMARC that wants something unknown", dmarc("v=DMARC1; p=refuse"), (f"{M}syntax",)),
    Expected("DMARC that wants something unknown, with reports",
             dmarc("v=DMARC1; p=refuse; rua=mailto:d@cafe.example"), (f"{M}syntax",)),
    Expected("DMARC with an address only", dmarc("v=DMARC1; p=reject; rua=d@cafe.example"),
             (f"{M}ignored_part",)),
    Expected("DMARC with a tag of the future", dmarc("v=DMARC1; p=reject; zz=1")),
    Expected("DMARC that watches", dmarc("v=DMARC1; p=none; rua=mailto:d@cafe.example"),
             (f"{M}policy_none",)),
    Expected("DMARC for nothing", dmarc("v=DMARC1; p=none"), (f"{M}no_reports", f"{M}policy_none")),
    Expected("DMARC without p", dmarc("v=DMARC1; rua=mailto:d@cafe.example"), (f"{M}policy_none",)),
    Expected("DMARC on trial", dmarc("v=DMARC1; p=quarantine; t=y"), (f"{M}testing",)),
    Expected("DMARC for a part", dmarc("v=DMARC1; p=quarantine; pct=20"), (f"{M}historic_tags",)),
    Expected("DMARC with old tags", dmarc("v=DMARC1; p=reject; pct=100; ri=86400"),
             (f"{M}historic_tags",)),
    Expected("DMARC reports elsewhere", dmarc("v=DMARC1; p=reject; rua=mailto:d@watch.test"),
             (f"{M}reports_not_accepted",)),
    Expected("DMARC reports elsewhere, accepted", both(
        dmarc("v=DMARC1; p=reject; rua=mailto:d@watch.test"),
        world("cafe.example._report._dmarc.watch.test", "v=DMARC1;"))),
    Expected("DMARC reports elsewhere, nobody knows", both(
        dmarc("v=DMARC1; p=reject; rua=mailto:d@watch.test"),
        unseen("cafe.example._report._dmarc.watch.test")), (f"{M}reports_unsure",)),
    Expected("DMARC reports to very many", both(
        dmarc("v=DMARC1; p=reject; rua=" + ",".join(f"mailto:d@w{n}.test" for n in range(21))),
        *(world(f"cafe.example._report._dmarc.w{n}.test", "v=DMARC1;") for n in range(21))),
        (f"{M}reports_unsure",)),
    # ------------------------------------------------------------------ MTA-STS and TLS-RPT
    Expected("MTA-STS in order", policy()),
    Expected("MTA-STS with a wildcard", policy(hosts="*.host.example")),
    Expected("MTA-STS without an id", both(policy(), txt(STS, "v=STSv1;")), (f"{S}record_broken",)),
    Expected("MTA-STS twice", both(policy(), txt(STS, "v=STSv1; id=1", "v=STSv1; id=2")),
             (f"{S}record_broken",)),
    Expected("MTA-STS in small letters", txt(STS, "v=stsv1; id=1"), (f"{S}record_broken",)),
    Expected("MTA-STS we could not look up", unseen(STS), (), (), ("mail.sts.unknown",)),
    Expected("MTA-STS, file missing", policy(status=404), (f"{S}policy_unreachable",)),
    Expected("MTA-STS, host missing", policy(status=0, trouble=Trouble.NXDOMAIN),
             (f"{S}policy_unreachable",)),
    Expected("MTA-STS, redirect", policy(status=301), (f"{S}policy_unreachable",)),
    Expected("MTA-STS, wrong certificate", policy(handshake=Handshake(
        "x", "192.0.9.25", 443, AT, "TLSv1.3", chain=(certificate("other.example"),), verified=True)),
             (f"{S}policy_unreachable",)),
    Expected("MTA-STS, our own limit", policy(status=0, trouble=Trouble.OVERBUDGET), (), (),
             ("mail.sts_policy.unknown",)),
    Expected("MTA-STS, unfinished by our own limit", policy(trouble=Trouble.OVERBUDGET), (), (),
             ("mail.sts_policy.unknown",)),
    Expected("MTA-STS, cut off", policy("version: STSv1\nmode: enf", trouble=Trouble.PROTOCOL),
             (f"{S}policy_unreachable",)),
    Expected("MTA-STS, a line that is none", policy(
        "version: STSv1\nmode: enforce\nmx: mail.host.example\nmax_age: 86400\nmx mail.host.example\n"),
             (f"{S}policy_broken",)),
    Expected("MTA-STS, no mode", policy("version: STSv1\nmx: mail.host.example\nmax_age: 86400\n"),
             (f"{S}policy_broken",)),
    Expected("MTA-STS, a web page", policy("<html>"), (f"{S}policy_broken",)),
    Expected("MTA-STS, as HTML", policy(headers=(("content-type", "text/html"),)),
             (f"{S}policy_broken",)),
    Expected("MTA-STS shuts our own server out", policy(hosts="mail.other.example"),
             (f"{S}mx_not_listed",)),
    Expected("MTA-STS would shut it out", policy(mode="testing", hosts="mail.other.example"),
             (f"{S}mx_not_listed_testing",)),
    Expected("MTA-STS wildcard for two labels", policy(hosts="*.example"), (f"{S}mx_not_listed",)),
    Expected("MTA-STS, and mail servers not known", both(
        policy(), lambda s: s.missing.update(mail=Missing.TROUBLE)), (), (), None),
    Expected("MTA-STS on trial", policy(mode="testing"), (f"{S}testing",)),
    Expected("MTA-STS for a minute", policy(age=60), (f"{S}short_lived",)),
    Expected("TLS-RPT in order", txt(TLS, "v=TLSRPTv1; rua=mailto:t@cafe.example")),
    Expected("TLS-RPT to an address with a subject",
             txt(TLS, "v=TLSRPTv1; rua=mailto:t@cafe.example?subject=TLS")),
    Expected("TLS-RPT without an address", txt(TLS, "v=TLSRPTv1"), ("mail.tlsrpt.broken",)),
    Expected("TLS-RPT twice", txt(TLS, *["v=TLSRPTv1; rua=mailto:t@cafe.example"] * 2 ),
             ("mail.tlsrpt.broken",)),
    Expected("TLS-RPT we could not look up", unseen(TLS), (), (), ("mail.tlsrpt.unknown",)),
    # ------------------------------------------------------------------ DANE
    Expected("DANE in order", tlsa(GOOD_TLSA)),
    Expected("DANE, one of two fits", tlsa("3 1 1 " + "ef" * 32, GOOD_TLSA)),
    Expected("DANE without DNSSEC", tlsa(GOOD_TLSA, secure=False), (f"{T}unsigned",)),
    Expected("DANE of the web", tlsa("1 0 1 " + "ab" * 32), (f"{T}unusable",)),
    Expected("DANE, half a fingerprint", tlsa("3 1 1 abab"), (f"{T}unusable",)),
    Expected("DANE, another key", tlsa(GOOD_TLSA, fits=False), (f"{T}mismatch",)),
    Expected("DANE, no encryption", tlsa(GOOD_TLSA, starttls=False, handshake=None),
             (f"{T}no_starttls",), ("mail.greeting.no_starttls",)),
    Expected("DANE, as a stranger sees it", both(stranger, tlsa(GOOD_TLSA)), (), (), None),
    Expected("DANE we could not look up", lambda s: s.tlsa.update({MX: None}), (), (),
             ("mail.dane.unknown",)),
    # ------------------------------------------------------------------ BIMI
    Expected("BIMI in order", bimi()),
    Expected("BIMI declined", bimi("v=BIMI1; l=; a=")),
    Expected("BIMI over http", bimi("v=BIMI1; l=http://cafe.example/logo.svg"), (f"{B}broken",)),
    Expected("BIMI in small letters", bimi("v=bimi1; l=https://cafe.example/logo.svg"),
             (f"{B}broken",)),
    Expected("BIMI without DMARC", both(bimi(), dmarc("v=DMARC1; p=none; rua=mailto:d@cafe.example")),
             (f"{B}needs_dmarc", f"{M}policy_none")),
    Expected("BIMI, subdomains open", both(bimi(), dmarc("v=DMARC1; p=reject; sp=none")),
             (f"{B}needs_dmarc",)),
    Expected("BIMI, logo missing", bimi(status=404), (f"{B}file_unreachable",)),
    Expected("BIMI, logo cut off", bimi(trouble=Trouble.RESET), (f"{B}file_unreachable",)),
    Expected("BIMI, logo is a page", bimi(excerpt="<html>"), (f"{B}logo_wrong",)),
    *(Expected(f"BIMI, logo with {what}", bimi(excerpt=f"<svg>{'<g/>' * 500}{part}</svg>"),
               (f"{B}logo_wrong",))
      for what, part in (
          ("a foreign picture", '<image xlink:href="https://else.example/a.png"/>'),
          ("a link", "<a href='https://else.example/'/>"), ("a script", "<script/>"),
          ("a foreign colour", '<g style="fill:url(https://else.example/a.svg#b)"/>'),
          ("an event", '<g onload="run()"/>'), ("motion", "<animateTransform/>"),
          ("a foreign style", "<style>@import 'a.css'</style>"))),
    Expected("BIMI, logo with links of its own", bimi(excerpt='<svg xmlns="http://www.w3.org/2000/'
             'svg"><use xlink:href="#a"/><g fill="url(#b)" style=\'fill:url("#c")\'/></svg>')),
    Expected("BIMI, logo without end", bimi(truncated=True), (f"{B}logo_wrong",)),
    Expected("SPF alone is not enough", both(spf('"v=spf1 include:_spf.host.example -all"'), dmarc()),
             (f"{M}missing",)),
)  # fmt: skip
