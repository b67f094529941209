"""Cases: redirects, pages, answers and certificates."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

from diagnostics.model import Missing
from hosting.model import HostedSite, Redirect
from standards.dns_types import Trouble
from subject import SubjectKind
from tests.cases.checks_hosting import both, status
from tests.checks_fixtures import Expected, Scene
from tests.checks_parts import AT, OTHER, OURS, certificate, hop

CAFE, WWW = "https://cafe.example/", "https://www.cafe.example/"


def leads(*urls: str, outcome: str = "arrived", **last: object):
    """Every walk passes these addresses; the last one may end in trouble."""

    def walk(url: str):
        stops = (url, *(u for u in urls if u != url))
        moved = [hop(a, 301, to=b) for a, b in pairwise(stops)]
        return (*moved, hop(stops[-1], **last))

    return lambda s: s.every_walk(walk, outcome)


def loop(scene: Scene) -> None:
    def walk(url: str):
        return (hop(url, 301, to=WWW), hop(WWW, 301, to=CAFE), hop(CAFE, 301, to=WWW))

    scene.every_walk(walk, "loop")


def leads_back(*headers: tuple[str, str]):
    """The secure address sends every visitor back to the plain one, which shows the page."""

    def walk(url: str):
        plain = url.replace("https:", "http:")
        if url == plain:
            return (hop(plain),)
        return (hop(url, 301, to=plain, headers=headers), hop(plain))

    return lambda s: s.every_walk(walk, plain=True)


def hangs(scene: Scene) -> None:
    """The front server redirects at once; behind the handshake nobody answers."""

    def walk(url: str):
        safe = url.replace("http:", "https:")
        name = safe.split("/")[2]
        silent = hop(safe, trouble=Trouble.TIMEOUT, handshake=scene._sound_shake(name))
        return (silent,) if url == safe else (hop(url, 301, to=safe), silent)

    scene.every_walk(walk, "trouble")


def bad_target(target: str, trouble: Trouble | None = None):
    def walk(url: str):
        if trouble:
            return (hop(url, 301, to=target), hop(target, trouble=trouble, ip=""))
        return (hop(url, 301, to=target),)

    return lambda s: s.every_walk(walk, "trouble" if trouble else "bad_target")


def rule(source: str, target: str):
    return lambda s: setattr(s, "redirects", (*s.redirects, Redirect(source, target)))


def only(host: str, **how: object):
    """One name behaves in its own way; the other is sound."""

    def change(scene: Scene) -> None:
        fine = not how.get("trouble") and how.get("status", 200) < 400
        for scheme in ("https",) if fine else ("http", "https"):
            url = f"{scheme}://{host}/"
            scene.walks[url] = (hop(url, **how),)
            scene.outcomes[url] = "trouble" if how.get("trouble") else "arrived"

    return change


def all_dead(trouble: Trouble, **how: object):
    return lambda s: s.every_walk(lambda url: (hop(url, trouble=trouble, **how),), "trouble")


def title(text: str, code: int = 200):
    return lambda s: s.every_walk(lambda url: (hop(url, code, title=text),))


def folder(document_root: str, expected_root: str):
    site = HostedSite("cafe.example", document_root, (OURS,), "web7", expected_root)
    return lambda s: setattr(s, "sites", (site,))


def cert(*names: str, until: timedelta = timedelta(days=60), shake: dict[str, object] | None = None,
         **changes: object):  # fmt: skip
    names = names or ("cafe.example", "www.cafe.example")
    return lambda s: s.certified(certificate(*names, until=AT + until, **changes), **(shake or {}))


def alone(verify_error: str, **changes: object):
    """The leaf comes without the certificate that signed it."""

    def change(scene: Scene) -> None:
        leaf = certificate("cafe.example", "www.cafe.example", **changes)
        how = {"verified": False, "verify_error": verify_error}
        for host in ("cafe.example", "www.cafe.example"):
            scene.shakes[host] = replace(scene._sound_shake(host), chain=(leaf,), **how)

    return change


def linked(until: timedelta, verify_error: str = "certificate has expired"):
    """The leaf is in date; the certificate that signed it is so until then."""

    def change(scene: Scene) -> None:
        how = {"verified": False, "verify_error": verify_error}
        for host in ("cafe.example", "www.cafe.example"):
            sound = scene._sound_shake(host)
            link = replace(sound.chain[1], not_after=AT + until)
            scene.shakes[host] = replace(sound, chain=(sound.chain[0], link), **how)

    return change


def no_https(scene: Scene) -> None:
    for host in ("cafe.example", "www.cafe.example"):
        scene.walks[f"http://{host}/"] = (hop(f"http://{host}/"),)
        secure = f"https://{host}/"
        scene.walks[secure] = (hop(secure, trouble=Trouble.REFUSED),)
        scene.outcomes[secure] = "trouble"
        sound = scene._sound_shake(host)
        scene.shakes[host] = replace(sound, chain=(), verified=False, trouble=Trouble.REFUSED)


def short_lived(left: timedelta):
    begun = AT + left - timedelta(days=6)
    return cert(until=left, not_before=begun)


WRONG, SET, UNSET = (
    f"web.redirect.{x}" for x in ("wrong_host", "set_not_observed", "observed_not_set")
)
BROKEN = "web.site.broken_answer"
UNSEEN = ("web.pages.unknown", "web.redirect.unknown")
BLIND = (*UNSEEN, "web.site.unknown")
LIKE_ROBOT = (("cf-mitigated", "challenge"),)
CASES = (
    # redirects
    Expected("to www and secure", leads(WWW)),
    Expected("in a circle", loop, ("web.redirect.loop",)),
    Expected("too many", leads(*(f"https://cafe.example/{i}" for i in range(11)),
                               outcome="too_many"), ("web.redirect.too_many",)),
    Expected("to a name that does not exist",
             leads("https://wwww.cafe.example/", outcome="trouble", trouble=Trouble.NXDOMAIN),
             (WRONG,)),
    Expected("to a dead foreign server",
             leads("https://old.host.example/", outcome="trouble", trouble=Trouble.TIMEOUT),
             (WRONG,)),
    Expected("to a bare number", leads("https://192.0.9.10/"), (WRONG,), (UNSET,)),
    Expected("into a private network", bad_target("http://10.0.0.1/", Trouble.BLOCKED), (WRONG,)),
    Expected("to localhost", bad_target("http://localhost/"), (WRONG,)),
    Expected("to a port that is not for the web",
             bad_target("http://b.example:25/", Trouble.BLOCKED), (WRONG,)),
    *(Expected(f"to an address that begins with {to[:5]}", bad_target(to), (WRONG,))
      for to in ("javascript:alert(1)", "ftp://cafe.example/", "data:text/html,hello")),
    Expected("our own limit in the middle", bad_target("https://b.example/", Trouble.OVERBUDGET)),
    Expected("from secure to insecure", leads(CAFE, "http://cafe.example/start"),
             ("web.redirect.downgrade",)),
    Expected("insists on https, and leads back to http",
             leads_back(("strict-transport-security", "max-age=31536000")),
             ("web.redirect.loop",), ("web.redirect.downgrade",)),
    Expected("no longer insists on https",
             leads_back(("strict-transport-security", "max-age=0")), ("web.redirect.downgrade",)),
    Expected("to a foreign site, for a stranger",
             both(lambda s: s.public(), leads("https://roastery.example/")),
             ("web.redirect.foreign_host",), (), None),
    Expected("to a foreign site that nobody set", leads("https://casino.example/"), (UNSET,),
             ("web.redirect.foreign_host",)),
    Expected("to a foreign site as set",
             both(leads("https://roastery.example/"), rule("cafe.example", "https://roastery.example/"),
                  rule("www.cafe.example", "https://roastery.example"))),
    Expected("set but not observed", rule("cafe.example", "https://roastery.example/"), (SET,)),
    Expected("set to www, but it stays",
             rule("cafe.example", "https://www.cafe.example/"), (SET,)),
    Expected("set to another place, but it leads to www", both(
        leads(WWW), rule("cafe.example", "https://roastery.example/")), (SET,)),
    Expected("set to https, and so it does", rule("cafe.example", "https://cafe.example/")),
    Expected("set for a path we did not walk", rule("cafe.example/menu", "https://m.example/")),
    Expected("set to one place, leads to another",
             both(leads("https://casino.example/"), rule("cafe.example", "https://roastery.example/"),
                  rule("www.cafe.example", "https://roastery.example/")),
             ("web.redirect.leads_elsewhere",), ("web.redirect.foreign_host",)),
    Expected("wrong folder", folder("/www/old", "/www/cafe"), ("web.root.wrong_folder",)),
    Expected("wrong folder shows a default page",
             both(folder("/www/old", "/www/cafe"), title("Welcome to nginx!")),
             ("web.root.wrong_folder",), ("web.site.default_page",)),
    Expected("same folder, written in two ways", folder("/www/cafe/", "/www/./cafe")),
    # answers
    Expected("refused", all_dead(Trouble.REFUSED), ("web.site.refused",), (), UNSEEN),
    Expected("silent", all_dead(Trouble.TIMEOUT), ("web.site.unreachable",), (), UNSEEN),
    Expected("redirects at once, and then hangs", hangs, ("web.site.unreachable",), (), None),
    Expected("silent, and we have heard nobody at all",
             both(all_dead(Trouble.TIMEOUT), lambda s: s.missing.update(delegation=Missing.TROUBLE)),
             (), (), None),
    Expected("no address", all_dead(Trouble.NXDOMAIN, ip=""), (), (), BLIND),
    Expected("blocked by our own guard", all_dead(Trouble.BLOCKED), (), (), BLIND),
    Expected("our own time is over", all_dead(Trouble.OVERBUDGET), (), (), BLIND),
    Expected("bytes that are no HTTP", all_dead(Trouble.PROTOCOL), (BROKEN,), (), None),
    Expected("cut off in the middle", all_dead(Trouble.PROTOCOL, began=True), (BROKEN,), (), None),
    Expected("thrown away in the middle", all_dead(Trouble.RESET, began=True), (BROKEN,), (), None),
    Expected("a page that never ends", all_dead(Trouble.TIMEOUT, began=True), (BROKEN,), (), None),
    Expected("only one address babbles",
             only("www.cafe.example", trouble=Trouble.PROTOCOL), (BROKEN,)),
    Expected("only one address is late",
             only("www.cafe.example", trouble=Trouble.TIMEOUT, began=True), (), (), None),
    Expected("error 500", status(500, "Internal Server Error"), ("web.site.server_error",)),
    Expected("error 502", status(502, "Bad Gateway"), ("web.site.gateway_error",)),
    Expected("error 503", status(503, "Service Unavailable"), ("web.site.unavailable",)),
    Expected("error 504", status(504, "Gateway Timeout"), ("web.site.gateway_error",)),
    Expected("error 508", status(508, "Resource Limit Is Reached"), ("web.site.limit_reached",)),
    Expected("error 509", status(509, "Bandwidth Limit Exceeded"), ("web.site.traffic_exceeded",)),
    Expected("error 522", status(522, ""), ("web.site.origin_error",)),
    Expected("forbidden", status(403, "Forbidden"), ("web.site.forbidden",)),
    Expected("not found", status(404, "Not Found"), ("web.site.page_missing",)),
    Expected("a wall against robots",
             lambda s: s.every_walk(lambda url: (hop(url, 403, headers=LIKE_ROBOT),)),
             ("web.site.checks_blocked",)),
    Expected("sign-in wanted", status(401, "Unauthorized"), ("web.site.password",)),
    Expected("slow", lambda s: s.every_walk(lambda url: (hop(url, wait=4.0),)), ("web.site.slow",)),
    Expected("slow at the limit", lambda s: s.every_walk(lambda url: (hop(url, wait=3.0),)),
             ("web.site.slow", "web.www.no_canonical")),
    Expected("just quick enough, without headings",
             lambda s: s.every_walk(lambda url: (hop(url, wait=2.99, title=""),)), ("web.www.no_canonical",)),
    Expected("one slow answer", only("cafe.example", wait=9.0)),
    Expected("default page", title("Apache2 Debian Default Page: It works"),
             ("web.site.default_page",)),
    Expected("open folder", title("Index of /"), ("web.site.default_page",)),
    Expected("suspended page", title("This Account has been suspended"),
             ("web.site.suspended_page",)),
    Expected("an article about suspended accounts",
             lambda s: s.every_walk(lambda url: (hop(url, body="<p>account suspended</p>"),))),
    Expected("www is dead", only("www.cafe.example", trouble=Trouble.TIMEOUT), ("web.www.differs",)),
    Expected("without www an error",
             only("cafe.example", status=500), ("web.site.server_error", "web.www.differs")),
    Expected("only https is dead", no_https, ("tls.service.not_offered",)),
    Expected("a typed address that is missing",
             lambda s: s.walks.update({"https://cafe.example/menu": (hop("https://cafe.example/menu", 404),)}),
             ("web.site.page_missing",),
             start=lambda: Scene(kind=SubjectKind.URL, url="https://cafe.example/menu")),
    # certificates
    Expected("other name", cert("web7.host.example", shake={"name_matches": False}),
             ("tls.certificate.wrong_name",)),
    Expected("other name, and made by the server itself",
             cert("web7.host.example", issuer="CN=web7.host.example", self_signed=True,
                  shake={"name_matches": False, "verified": False}),
             ("tls.certificate.wrong_name",)),
    Expected("run out", cert(until=timedelta(days=-2), shake={
        "verified": False, "verify_error": "certificate has expired"}),
             ("tls.certificate.expired",)),
    Expected("valid from tomorrow on", cert(not_before=AT + timedelta(days=1)),
             ("tls.certificate.not_yet_valid",)),
    Expected("valid from this moment on", cert(not_before=AT)),
    Expected("runs out in 14 days", cert(until=timedelta(days=14)), ("tls.certificate.expiring",)),
    Expected("runs out in 15 days", cert(until=timedelta(days=15, hours=1)),
             ("tls.renewal.late",)),
    Expected("short-lived, fresh", short_lived(timedelta(days=2))),
    Expected("short-lived, stuck", short_lived(timedelta(hours=20)),
             ("tls.certificate.expiring",)),
    Expected("made by the server itself", alone("self-signed certificate", self_signed=True,
                                                issuer="CN=cafe.example"),
             ("tls.certificate.untrusted",)),
    Expected("unknown authority", cert(shake={
        "verified": False, "verify_error": "unable to get local issuer certificate"}),
             ("tls.certificate.untrusted",)),
    Expected("a link of the chain has run out", linked(timedelta(days=-3)),
             ("tls.certificate.chain_expired",)),
    Expected("nobody knows the authority of a link that has run out",
             linked(timedelta(days=-3), "self-signed certificate in certificate chain"),
             ("tls.certificate.untrusted",)),
    Expected("the links of the chain are in date", linked(timedelta(days=3)),
             ("tls.certificate.untrusted",)),
    Expected("a link of the chain is missing", alone("unable to get local issuer certificate"),
             ("tls.certificate.incomplete_chain",)),
    Expected("points elsewhere, so that certificate is not ours to judge",
             both(lambda s: s.zone.update({("cafe.example", "A"): (OTHER,),
                                           ("www.cafe.example", "A"): (OTHER,)}),
                  cert("other.example", shake={"name_matches": False})),
             ("dns.address.elsewhere",), ("tls.certificate.wrong_name",)),
)  # fmt: skip
