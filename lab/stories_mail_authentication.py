"""Demo domains whose proof of the sender is broken or odd: SPF, DKIM, DMARC, and encryption wishes."""

from __future__ import annotations

from lab.answer import Answer, page
from lab.company import MX, NS, SELECTOR, SPF_INCLUDE
from lab.stories import (
    AGENCY,
    MAIL,
    DemoDomain,
    Story,
    hosted_story,
    panel,
    site,
    web_records,
    with_proof,
)
from lab.world import Domain, LabSite, Signing

OURS = f"include:{SPF_INCLUDE}"
KEY512 = (
    "MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAECAwEAAQ=="
)
KEY1024 = (
    "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDY5ErJPndWrwjVbU4FILGIkIC6WGP6U2k8i0g4wrrasjeT4AXW9zdREoI/"
    "l6d+2Z4udGUDavSw9YesapG40LzD/10ilCwRYqfZX0McB+fNg6NVYeKC3RbiOxU/1UCUvtWHRDOaaB6RHmTI2E3+UEGbAtF4"
    "/ZjA7d//PR6nBsOXOwIDAQAB"
)
OTHER_ED25519 = "v=DKIM1; k=ed25519; p=zm6XQ2DHNbYg0uYJ1p8Ws+YdRf9Y2MGUg4ffoCNxGsA="
SPF_AREA, DKIM_AREA, DMARC_AREA, STS_AREA, BIMI_AREA = (
    "mail.spf.",
    "mail.dkim.",
    "mail.dmarc.",
    "mail.sts.",
    "mail.bimi.",
)


def _proof(
    name: str,
    story: str,
    finding: str,
    *records: str,
    also: tuple[str, ...] = (),
    without: str = "",
    sites: tuple[LabSite, ...] = (),
    signing: Signing = Signing.NO,
    local: bool | None = True,
) -> Story:
    """A healthy customer with mail here, but for these records; `without` leaves a name out."""
    given = tuple(r.format(domain=name) for r in records)
    usual = (r for r in MAIL[:2] if not any(g.split()[:2] == r.split()[:2] for g in given))
    kept = (r for r in with_proof(*given, *usual) if not without or not r.startswith(f"{without} "))
    return hosted_story(
        DemoDomain(name, story, finding, AGENCY, also),
        domain=Domain(name=name, servers=NS, records=(*web_records(), *kept), signing=signing),
        sites=(site(name), *sites),
        panel_domain=panel(name, mail_local=local),
    )


def _spf(
    name: str, story: str, finding: str, text: str, *records: str, also: tuple[str, ...] = ()
) -> Story:
    """A domain whose SPF record is this."""
    return _proof(
        name, story, f"{SPF_AREA}{finding}", f'@ TXT "v=spf1 {text}"', *records, also=also
    )


def _policy(name: str, answer: Answer) -> tuple[LabSite, ...]:
    """The site that tells the MTA-STS policy."""
    return (LabSite(names=(f"mta-sts.{name}",), server="web12.polaris.example", http=answer),)


def _sts(mode: str, host: str, age: int = 604800) -> Answer:
    text = f"version: STSv1\r\nmode: {mode}\r\nmx: {host}\r\nmax_age: {age}\r\n"
    return Answer(body=text, headers=(("Content-Type", "text/plain"),))


STS_RECORDS = ('_mta-sts TXT "v=STSv1; id=1;"', "mta-sts A 31.53.12.12")
CHAIN = (
    *(f'_n{i} TXT "v=spf1 include:_n{i + 1}.{{domain}} ?all"' for i in range(1, 12)),
    '_n12 TXT "v=spf1 ip4:31.53.25.9 ?all"',
)
ADDRESSES = " ".join(f"ip4:31.53.25.{n}" for n in range(20, 55))
SPF: tuple[Story, ...] = (
    _proof("glue.example", "The SPF record is cut without a space.", f"{SPF_AREA}badly_split",
           f'@ TXT "v=spf1 {OURS}" "ip4:31.53.25.9 -all"'),
    _proof("stutter.example", "No space after v=spf1.", f"{SPF_AREA}not_recognised",
           f'@ TXT "v=spf1{OURS} -all"'),
    _proof("fossil.example", "SPF in the type that nobody reads.", f"{SPF_AREA}wrong_type",
           f'@ SPF "v=spf1 {OURS} -all"', without="@ TXT"),
    _proof("epic.example", "An SPF record as long as a novel.", f"{SPF_AREA}too_long",
           f'@ TXT "v=spf1 {OURS} {ADDRESSES[:200]}" "{ADDRESSES[200:430]}" "{ADDRESSES[430:]} -all"'),
    _spf("manyheads.example", "Includes that include one another.", "too_many_lookups",
         f"{OURS} include:_n1.{{domain}} -all", *CHAIN),
    _spf("brim.example", "Ten look-ups, and not one to spare.", "near_limit",
         f"{OURS} include:_n4.{{domain}} -all", *CHAIN),
    _spf("hollow.example", "Names in the SPF record that do not exist.", "too_many_void",
         f"{OURS} a:a1.{{domain}} a:a2.{{domain}} mx:a3.{{domain}} -all"),
    _spf("ouroboros.example", "The SPF record includes itself.", "include_loop",
         "include:{domain} -all"),
    _spf("phantom.example", "Includes nothing, and something broken.", "include_nothing",
         "include:gone.{domain} include:_bad.{domain} -all", '_bad TXT "v=spf1 banana -all"',
         also=(f"{SPF_AREA}include_broken",)),
    _spf("handover.example", "Hands over to a name without SPF.", "redirect_nothing",
         "redirect=gone.{domain}"),
    _spf("swarm.example", "A part stands for too many mail servers.", "too_many_mx",
         f"{OURS} mx:many.{{domain}} -all", *(f"many MX 10 m{i}.many" for i in range(11))),
    _spf("sieve.example", "Everybody may send, said in an odd way.", "pass_all",
         f"{OURS} ip4:31.0.0.0/8 ptr MX mx exists:%{{{{i}}}}.x.{{domain}} +all",
         also=(f"{SPF_AREA}wide_network", f"{SPF_AREA}ptr", f"{SPF_AREA}repeated", f"{SPF_AREA}macro", f"{SPF_AREA}untidy")),
    _spf("shrug.example", "Has no opinion about strangers.", "neutral_all", f"{OURS} ?all"),
    _spf("halfway.example", "The SPF record has no ending.", "no_ending", OURS),
    _spf("afterword.example", "Something stands behind the end.", "after_all",
         f"{OURS} -all a redirect={SPF_INCLUDE}", also=(f"{SPF_AREA}redirect_ignored",)),
    _spf("foreigner.example", "Forbids our servers to send its mail.", "ours_refused",
         "ip4:31.78.25.25 -all"),
    _spf("doubt.example", "Does not name our servers, and only doubts.", "ours_doubtful",
         "ip4:31.78.25.25 ~all", also=(f"{SPF_AREA}soft_all",)),
)  # fmt: skip
KEYS: tuple[Story, ...] = (
    _proof("blank.example", "The DKIM key was never set.", f"{DKIM_AREA}missing",
           without=f"{SELECTOR}._domainkey"),
    _proof("locksmith.example", "Another DKIM key than the one that signs.", f"{DKIM_AREA}differs",
           f'{SELECTOR}._domainkey TXT "{OTHER_ED25519}"'),
    _proof("jubilee.example", "The DKIM key is revoked.", f"{DKIM_AREA}revoked",
           f'{SELECTOR}._domainkey TXT "v=DKIM1; p="'),
    _proof("turnkey.example", "Old keys, each with a fault of its own.", f"{DKIM_AREA}too_short",
           f'default._domainkey TXT "v=DKIM1; p={KEY512}"',
           f'google._domainkey TXT "v=DKIM1; k=rsa; p={KEY1024}"',
           f'mail._domainkey TXT "v=DKIM1; k=ed25519; t=y; p={OTHER_ED25519[-44:]}"',
           f'k1._domainkey TXT "v=DKIM1; p={KEY1024[:120]}"',
           f's1._domainkey TXT "v=DKIM1; p={KEY1024}"', f's1._domainkey TXT "{OTHER_ED25519}"',
           "s2._domainkey CNAME s2.gone.{domain}.",
           also=(f"{DKIM_AREA}short", f"{DKIM_AREA}testing", f"{DKIM_AREA}unreadable", f"{DKIM_AREA}multiple", f"{DKIM_AREA}leads_nowhere")),
    _proof("starry.example", "A wildcard answers for every selector.", f"{DKIM_AREA}wildcard",
           '*._domainkey TXT "v=DKIM1; p="'),
)  # fmt: skip
POLICIES: tuple[Story, ...] = (
    _proof("unguarded.example", "No DMARC record.", f"{DMARC_AREA}missing", without="_dmarc"),
    _proof("chorus.example", "Two DMARC records.", f"{DMARC_AREA}multiple",
           '_dmarc TXT "v=DMARC1; p=none"', '_dmarc TXT "v=DMARC1; p=reject"'),
    _proof("murmur.example", "A DMARC record in small letters.", f"{DMARC_AREA}not_recognised",
           '_dmarc TXT "v=dmarc1; p=reject"'),
    _proof("astray.example", "The DMARC record with the domain twice.", f"{DMARC_AREA}misplaced",
           '_dmarc.{domain} TXT "v=DMARC1; p=reject"', without="_dmarc"),
    _proof("slip.example", "Wants what DMARC does not know, reported to others.", f"{DMARC_AREA}syntax",
           '_dmarc TXT "v=DMARC1; p=refuse; rua=mailto:x@watch.parcel.test"',
           also=(f"{DMARC_AREA}reports_not_accepted",)),
    _proof("remark.example", "Watches, with parts that mean nothing.", f"{DMARC_AREA}ignored_part",
           '_dmarc TXT "v=DMARC1; p=none; pct=50; rua=nobody"',
           also=(f"{DMARC_AREA}policy_none", f"{DMARC_AREA}no_reports", f"{DMARC_AREA}historic_tags")),
    _proof("emblem.example", "Wants its logo shown, and is not ready.", f"{DMARC_AREA}testing",
           '_dmarc TXT "v=DMARC1; p=quarantine; t=y"',
           'default._bimi TXT "v=BIMI1; l=https://nowhere.{domain}/logo.svg"',
           also=(f"{BIMI_AREA}needs_dmarc", f"{BIMI_AREA}file_unreachable")),
    _proof("crest.example", "A logo over http.", f"{BIMI_AREA}broken",
           'default._bimi TXT "v=BIMI1; l=http://{domain}/logo.svg"'),
    _proof("seal.example", "The logo is a web page.", f"{BIMI_AREA}logo_wrong",
           'default._bimi TXT "v=BIMI1; l=https://{domain}/logo.svg"'),
)  # fmt: skip
TLSA = "3 1 1 " + "AB" * 32
WISHES: tuple[Story, ...] = (
    _proof("lighthouse.example", "Its own policy shuts its mail server out.", f"{STS_AREA}mx_not_listed",
           *STS_RECORDS, also=(f"{STS_AREA}short_lived",),
           sites=_policy("lighthouse.example", _sts("enforce", "mx.old.example", 60))),
    _proof("flicker.example", "Would shut its mail server out, and reports into the void.",
           f"{STS_AREA}mx_not_listed_testing", *STS_RECORDS, '_smtp._tls TXT "v=TLSRPTv1; rua=nobody"',
           also=("mail.tlsrpt.broken",),
           sites=_policy("flicker.example", _sts("testing", "mx.old.example"))),
    _proof("ember.example", "A policy on trial.", f"{STS_AREA}testing", *STS_RECORDS,
           sites=_policy("ember.example", _sts("testing", MX))),
    _proof("beacon.example", "The policy's own host is missing.", f"{STS_AREA}policy_unreachable",
           STS_RECORDS[0]),
    _proof("wick.example", "Where the policy should be there is a page.", f"{STS_AREA}policy_broken",
           *STS_RECORDS, sites=_policy("wick.example", page("Candle"))),
    _proof("spark.example", "The MTA-STS record has no id.", f"{STS_AREA}record_broken",
           '_mta-sts TXT "v=STSv1;"', "mta-sts A 31.53.12.12",
           sites=_policy("spark.example", _sts("enforce", MX))),
    _proof("torch.example", "A certificate in the DNS that is not the server's.", "mail.dane.mismatch",
           "@ MX 10 mail.{domain}.", "mail A 31.53.25.25", f"_25._tcp.mail TLSA {TLSA}",
           "_25._tcp.mail TLSA 1 0 1 " + "CD" * 32, signing=Signing.GOOD,
           also=("mail.dane.unusable", "mail.mx.hosted_elsewhere", "mail.starttls.name"), local=None),
    _proof("matches.example", "A certificate in the DNS, and no encryption.",
           "mail.dane.no_starttls", "@ MX 10 mail.{domain}.", "mail A 31.78.25.26",
           f"_25._tcp.mail TLSA {TLSA}", signing=Signing.GOOD,
           also=("mail.mx.hosted_elsewhere",), local=None),
    _proof("tinder.example", "A certificate in a DNS without signatures.", "mail.dane.unsigned",
           "@ MX 10 mail.{domain}.", "mail A 31.53.25.25", f"_25._tcp.mail TLSA {TLSA}",
           also=("mail.mx.hosted_elsewhere", "mail.starttls.name"), local=None),
)  # fmt: skip
STORIES: tuple[Story, ...] = SPF + KEYS + POLICIES + WISHES
