"""Cases: mail servers' names and certificates, ports for mail programs, set-up, blocklists."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from diagnostics.evidence.mail import GreetingName, ProgramHost, SetupTarget
from diagnostics.model import Missing
from facts import SmtpDialogue
from standards.dns_types import Trouble
from tests.cases.checks_hosting import both
from tests.cases.checks_mail import greeting, stranger
from tests.checks_fixtures import MX, Expected, Scene
from tests.checks_parts import AT, ISSUER, OTHER, OURS, certificate
from tests.checks_scene_mail import LIST, PROGRAMS, SENDER, looked, shake

OWN = "mail.cafe.example"
ZEN = "zen.spamhaus.org"
OLD = (certificate(MX, until=AT - timedelta(days=3)), ISSUER)
EARLY = (certificate(MX, not_before=AT + timedelta(days=1)), ISSUER)
NOW = (certificate(MX, not_before=AT), ISSUER)


def post(**changes: object):
    def change(scene: Scene) -> None:
        for name, value in changes.items():
            setattr(scene.post, name, value)

    return change


def tls(**how: object):
    return greeting(handshake=shake(MX, 25, **how))


def programs(port: int = 0, host: str = PROGRAMS, **how: object):
    return lambda s: s.post.ports.update({(host, port): how})


def certified(host: str = PROGRAMS, **how: object):
    return lambda s: s.post.shakes.update({host: how})


def own(scene: Scene) -> None:
    """The domain has its own name for the mail server."""
    scene.post.hosts += (ProgramHost(OWN, own=True, addresses=("192.0.9.40",)),)
    scene.expected = replace(scene.expected, mailbox_hosts=(PROGRAMS,))


def unnamed_programs(scene: Scene) -> None:
    own(scene)
    scene.expected = replace(scene.expected, mailbox_hosts=())


def target(source: str, name: str, *addresses: str, trouble: Trouble | None = None):
    return post(targets=(SetupTarget(source, name, 993, addresses, trouble),))


def asked_elsewhere(trouble: Trouble | None):
    """The only mail server is silent; our own one answers, or is silent too."""
    ours = SmtpDialogue("mx.provider.example", "192.0.9.26", 25, AT, connected=trouble is None,
                        code=0 if trouble else 220, trouble=trouble)  # fmt: skip
    return both(greeting(trouble=Trouble.TIMEOUT), lambda s: setattr(s, "reference", ours))


def refuses(**how: object):
    return lambda s: s.post.must.update({LIST: how})


REFUSED_ANSWER = looked("x", "A", "127.255.255.254")
ODD_ANSWER = looked("x", "A", "93.184.216.34")
UNKNOWN = ("mail.blocklist.unknown",)
UNTOLD = ("mail.greeting.unknown", "mail.starttls.unknown")
CASES = (
    # -------------------------------------------------------- greeting
    Expected("mail greeted late, and that is all", greeting(waited=timedelta(seconds=9)),
             ("mail.greeting.slow",)),
    Expected("mail greeted almost late", greeting(waited=timedelta(seconds=4.9))),
    Expected("mail never greeted: our patience ended",
             greeting(trouble=Trouble.TIMEOUT, connected=True), (), (), UNTOLD),
    Expected("mail silent while our own mail server answers", asked_elsewhere(None),
             ("mail.greeting.unreachable",), (), ("mail.starttls.unknown",)),
    Expected("mail silent as our own mail server is", asked_elsewhere(Trouble.TIMEOUT), (), (),
             UNTOLD),
    Expected("mail turned away", greeting(code=554, greeting="no service"),
             ("mail.greeting.turned_away",)),
    Expected("mail not asked: port 25 is closed to us",
             both(lambda s: s.greetings.update({"*": {}}), lambda s: setattr(s, "unasked", "port25")),
             (), (), UNTOLD),
    Expected("mail not asked: nobody's account",
             both(lambda s: s.greetings.update({"*": {}}),
                  lambda s: setattr(s, "unasked", "no_account")),
             (), (), UNTOLD),
    Expected("mail not asked by a stranger", stranger, (), (), None),
    # -------------------------------------------------------- STARTTLS
    Expected("mail certificate sound", tls()),
    Expected("mail certificate for another name", tls(name_matches=False), ("mail.starttls.name",)),
    Expected("mail certificate old", tls(chain=OLD), ("mail.starttls.expired",)),
    Expected("mail certificate of tomorrow", tls(chain=EARLY), ("mail.starttls.not_yet_valid",)),
    Expected("mail certificate of tomorrow and of nobody", tls(verified=False, chain=EARLY),
             ("mail.starttls.not_yet_valid",), ("mail.starttls.untrusted",)),
    Expected("mail certificate from this moment on", tls(chain=NOW)),
    Expected("mail certificate of nobody", tls(verified=False), ("mail.starttls.untrusted",)),
    Expected("mail certificate old and of nobody", tls(verified=False, chain=OLD),
             ("mail.starttls.expired",), ("mail.starttls.untrusted",)),
    Expected("mail handshake fails", tls(trouble=Trouble.TLS, chain=(), verified=False),
             ("mail.starttls.failed",)),
    Expected("mail handshake declined", greeting(refused="454 TLS not available"),
             ("mail.starttls.failed",)),
    Expected("mail handshake cut by our own limit", tls(trouble=Trouble.OVERBUDGET, chain=())),
    # -------------------------------------------------------- names
    Expected("sending address without a name", post(sending={SENDER: ()}), ("mail.outgoing.no_ptr",)),
    Expected("sending address whose name could not be asked",
             post(sending={SENDER: ()}, ptr={"rcode": "", "trouble": Trouble.TIMEOUT}),
             (), (), ("mail.outgoing.unknown",)),
    Expected("sending address whose zone fails", post(sending={SENDER: ()}, ptr={"rcode": "SERVFAIL"}),
             (), (), ("mail.outgoing.unknown",)),
    Expected("sending address whose name leads elsewhere", post(leads={"out.host.example": (OTHER,)}),
             ("mail.outgoing.ptr_differs",)),
    Expected("sending address whose name could not be followed",
             post(leads={}, lost=Trouble.TIMEOUT)),
    Expected("sending address by a name that is gone", post(leads={}), ("mail.outgoing.ptr_differs",)),
    Expected("sending addresses nobody told us", post(sending={})),
    Expected("taking address without a name", post(taking={"192.0.9.25": ()}), ("mail.reverse.mx",)),
    Expected("greeting by an inner name", post(greets=(GreetingName(MX, "server.local"),)),
             ("mail.reverse.greeting",)),
    Expected("two servers greeting by inner names",
             post(greets=(GreetingName(MX, "a.local"), GreetingName("mx2.cafe.example", "b.local"),
                          GreetingName("mx3.cafe.example", "a.local"))),
             ("mail.reverse.greeting", "mail.reverse.greeting")),
    Expected("greeting by no name at all", post(greets=(GreetingName(MX, "localhost"),)),
             ("mail.reverse.greeting",)),
    Expected("greeting by a name that does not exist",
             post(greets=(GreetingName(MX, "mx9.host.example", (), Trouble.NXDOMAIN),)),
             ("mail.reverse.greeting",)),
    Expected("greeting by a name that could not be asked",
             post(greets=(GreetingName(MX, "mx9.host.example", (), Trouble.TIMEOUT),)),
             (), (), ("mail.reverse.unknown",)),
    Expected("greeting by a real name other than the MX",
             post(greets=(GreetingName(MX, "mx9.host.example", (OTHER,)),))),
    Expected("greeting by an address", post(greets=(GreetingName(MX, "192.0.9.25"),))),
    # -------------------------------------------------------- ports
    Expected("programs refused", programs(trouble=Trouble.REFUSED), ("mail.ports.closed",)),
    Expected("programs not answered", programs(trouble=Trouble.TIMEOUT), (), (),
             ("mail.ports.unknown",)),
    Expected("programs: no POP3, which is fine",
             both(programs(995, trouble=Trouble.REFUSED), programs(110, trouble=Trouble.REFUSED))),
    Expected("programs: only one way to read",
             both(programs(143, trouble=Trouble.REFUSED), programs(587, trouble=Trouble.TIMEOUT))),
    Expected("programs: certificate for another name", certified(name_matches=False),
             ("mail.ports.name",)),
    Expected("programs: certificate old", certified(chain=OLD), ("mail.ports.expired",)),
    Expected("programs: certificate of tomorrow", certified(chain=EARLY),
             ("mail.ports.not_yet_valid",)),
    Expected("programs: certificate of tomorrow and of nobody",
             certified(verified=False, chain=EARLY),
             ("mail.ports.not_yet_valid",), ("mail.ports.untrusted",)),
    Expected("programs: certificate of nobody", certified(verified=False), ("mail.ports.untrusted",)),
    Expected("programs: certificate old and of nobody", certified(verified=False, chain=OLD),
             ("mail.ports.expired",), ("mail.ports.untrusted",)),
    Expected("programs: in the clear",
             programs(143, handshake=None, refused="a2 BAD unknown", capabilities=("IMAP4REV1",)),
             ("mail.ports.plain",)),
    Expected("programs: in the clear, but no sign-in there",
             programs(143, handshake=None, refused="a2 BAD",
                      capabilities=("IMAP4REV1", "LOGINDISABLED"))),
    Expected("programs: sending in the clear",
             programs(587, handshake=None, starttls=False, secured=(), extensions=("AUTH LOGIN",)),
             ("mail.ports.plain",)),
    Expected("programs: sending in the clear, but no sign-in there",
             programs(587, handshake=None, starttls=False, secured=(), extensions=("SIZE 5",))),
    Expected("own name for mail programs, covered", own),
    Expected("own name for mail programs, not covered",
             both(own, certified(OWN, name_matches=False)), ("mail.ports.own_name",)),
    Expected("own name not covered, and nobody told us a better one",
             both(unnamed_programs, certified(OWN, name_matches=False)), ("mail.ports.own_name",)),
    Expected("own name without a mail server",
             both(own, programs(host=OWN, trouble=Trouble.REFUSED)), ("mail.ports.nobody",)),
    Expected("own name that is silent", both(own, programs(host=OWN, trouble=Trouble.TIMEOUT))),
    Expected("programs, stranger", lambda s: s.missing.update(mail_ports=Missing.WITHHELD), (), (),
             ("mail.ports.unknown",)),
    # -------------------------------------------------------- set-up
    Expected("set-up for a server that is gone",
             target("srv", "imap.old.example", trouble=Trouble.NXDOMAIN), ("mail.setup.dead_server",)),
    Expected("set-up for a server we could not look up",
             target("srv", "imap.old.example", trouble=Trouble.TIMEOUT)),
    Expected("set-up for another provider", target("autodiscover", "autodiscover.else.example", OTHER),
             ("mail.setup.elsewhere",)),
    Expected("set-up for another provider, where the mail is",
             both(target("autodiscover", "autodiscover.else.example", OTHER),
                  lambda s: setattr(s, "mail_local", None))),
    Expected("set-up for us", target("autoconfig", "imap.host.example", OTHER)),
    Expected("set-up for us by another name", target("srv", "mail.else.example", OURS)),
    Expected("set-up for the domain's own name", target("srv", OWN, OTHER)),
    Expected("set-up file broken", post(unreadable=("https://autoconfig.cafe.example/x",)),
             ("mail.setup.broken",)),
    # -------------------------------------------------------- blocklists
    Expected("sending address listed", post(listed={(LIST, SENDER): ("127.0.0.2",)}),
             ("mail.blocklist.address",)),
    Expected("sending address listed by a known list",
             post(lists=((ZEN, "ipv4"),), listed={(ZEN, SENDER): ("127.0.0.4", "127.0.0.10")}),
             ("mail.blocklist.address",)),
    Expected("domain listed", post(listed={(LIST, "cafe.example"): ("127.0.1.2",)}),
             ("mail.blocklist.domain",)),
    Expected("list refuses its test", refuses(answers=REFUSED_ANSWER.answers),
             ("mail.blocklist.refused",), (), UNKNOWN),
    Expected("list refuses the question only",
             post(listed={(LIST, SENDER): ("127.255.255.255",)}), ("mail.blocklist.refused",)),
    Expected("known list refuses in its own way",
             post(lists=(("multi.surbl.org", "domain"),),
                  listed={("multi.surbl.org", "cafe.example"): ("127.0.0.1",)}),
             ("mail.blocklist.refused",), (), UNKNOWN),
    Expected("list that says REFUSED", refuses(rcode="REFUSED", answers=()),
             ("mail.blocklist.refused",), (), UNKNOWN),
    Expected("list silent", refuses(rcode="", answers=(), trouble=Trouble.TIMEOUT), (), (), UNKNOWN),
    Expected("list fails", refuses(rcode="SERVFAIL", answers=()), (), (), UNKNOWN),
    Expected("list lists everything",
             both(lambda s: s.post.never.update({LIST: {"rcode": "NOERROR",
                                                        "answers": looked("x", "A", "127.0.0.2").answers}}),
                  post(listed={(LIST, SENDER): ("127.0.0.2",)})),
             ("mail.blocklist.unbelieved",), (), UNKNOWN),
    Expected("list gone, its name sold to advertisers",
             both(refuses(answers=ODD_ANSWER.answers), post(listed={(LIST, SENDER): ("93.184.216.34",)})),
             ("mail.blocklist.unbelieved",), (), UNKNOWN),
    Expected("list empty", refuses(rcode="NXDOMAIN", answers=()), ("mail.blocklist.unbelieved",), (),
             UNKNOWN),
    Expected("an odd answer from a sound list", post(listed={(LIST, SENDER): ("93.184.216.34",)})),
    Expected("one subject not answered",
             post(silent={(LIST, SENDER): {"rcode": "", "trouble": Trouble.TIMEOUT}})),
    Expected("list of addresses only",
             both(post(lists=((LIST, "ipv4"), ("dom.lists.example", "domain"))),
                  lambda s: s.post.must.update({"dom.lists.example": {"rcode": "NXDOMAIN", "answers": ()}})),
             ("mail.blocklist.unbelieved",)),
    Expected("no list configured", post(lists=())),
)  # fmt: skip
