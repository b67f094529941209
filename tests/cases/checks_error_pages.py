"""Cases: what a broken page says of its cause."""

from __future__ import annotations

from dataclasses import replace

from standards.dns_types import Trouble
from tests.cases.checks_hosting import both, limit
from tests.cases.checks_web import leads, title
from tests.checks_fixtures import Expected, Scene
from tests.checks_parts import hop

LONG = "<p>" + "How we mended our coffee machine. " * 40


def shows(words: str, code: int = 200):
    return lambda s: s.every_walk(lambda url: (hop(url, code, body=f"<p>{words}"),))


def plain_443(detail: str):
    """Port 443 answers a handshake with something else; port 80 shows the page."""

    def change(scene: Scene) -> None:
        for host in ("cafe.example", "www.cafe.example"):
            secure = f"https://{host}/"
            scene.walks[f"http://{host}/"] = (hop(f"http://{host}/"),)
            scene.walks[secure] = (hop(secure, trouble=Trouble.TLS),)
            scene.outcomes[secure] = "trouble"
            failed = {"verified": False, "trouble": Trouble.TLS, "detail": detail}
            scene.shakes[host] = replace(scene._sound_shake(host), chain=(), **failed)

    return change


def https_on_80(scene: Scene) -> None:
    url, words = "http://cafe.example/", "The plain HTTP request was sent to HTTPS port"
    scene.walks[url] = (hop(url, 400, body=f"<center>{words}</center>"),)


DATABASE, PROGRAM, HTACCESS, MAINTENANCE, PARKED = (
    f"web.site.{x}"
    for x in ("database_error", "program_error", "htaccess_error", "maintenance", "parked")
)
ERROR, AWAY = ("web.site.server_error",), ("web.site.unavailable",)
CASES = (
    Expected("WordPress without its database",
             shows("Error establishing a database connection", 500), (DATABASE,), ERROR),
    Expected("no database, told with 200",
             shows("SQLSTATE[HY000] [2002] Connection refused"), (DATABASE,)),
    Expected("an article about databases",
             shows("Error establishing a database connection: what to do" + LONG)),
    Expected("PHP stops", shows("<b>Fatal error</b>: Uncaught Error: Call to undefined function", 500),
             (PROGRAM,), ERROR),
    Expected("WordPress's own words for it",
             shows("There has been a critical error on this website.", 500), (PROGRAM,), ERROR),
    Expected("not enough memory, and the panel counts it",
             both(shows("Allowed memory size of 134217728 bytes exhausted", 500), limit("memory")),
             ("hosting.limit.causes_error",), (PROGRAM, *ERROR)),
    Expected("Apache cannot read .htaccess",
             shows("The server encountered an internal error or\nmisconfiguration and was", 500),
             (HTACCESS,), ERROR),
    Expected("WordPress is being updated",
             shows("Briefly unavailable for scheduled maintenance.", 503), (MAINTENANCE,), AWAY),
    Expected("maintenance told in the title", title("Site under maintenance"), (MAINTENANCE,)),
    Expected("a shop for maintenance of coffee machines", title("Maintenance of coffee machines")),
    Expected("for sale", title("cafe.example - This domain is for sale!"), (PARKED,)),
    Expected("a redirect to a parked page",
             both(leads("https://park.example/", title="Buy this domain")), (PARKED,),
             ("web.redirect.observed_not_set", "web.redirect.foreign_host")),
    Expected("plain http at port 443", plain_443("wrong version number"),
             ("tls.service.plain_http",), (), None),
    Expected("TLS that fails in another way", plain_443("handshake failure"),
             ("tls.service.not_offered",), (), None),
    Expected("https at port 80", https_on_80, ("web.site.https_on_port80",),
             ("web.site.refuses_request",), None),
)  # fmt: skip
