"""Identifies who sent an HTTP response (application, CDN, web server) by its headers; a guess. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from facts import Exchange

# Response headers by which a content delivery network shows itself: (name, part of the value).
CDN_HEADERS = (
    ("cf-ray", "", "Cloudflare"),
    ("server", "cloudflare", "Cloudflare"),
    ("x-amz-cf-id", "", "Amazon CloudFront"),
    ("x-served-by", "cache-", "Fastly"),
    ("x-fastly-request-id", "", "Fastly"),
    ("server", "akamaighost", "Akamai"),
    ("x-akamai-transformed", "", "Akamai"),
    ("cdn-requestid", "", "bunny.net"),
    ("server", "bunnycdn", "bunny.net"),
    ("x-sucuri-id", "", "Sucuri"),
    ("x-iinfo", "", "Imperva"),
    ("server", "cdn77", "CDN77"),
    ("x-77-cache", "", "CDN77"),
)


class Layer(StrEnum):
    """The layer that answered."""

    APPLICATION = "application"
    CDN = "cdn"
    SERVER = "server"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Responder:
    """A layer and its name as it gives it: “WordPress”, “Cloudflare”, “nginx”; "" when nameless."""

    by: Layer
    name: str = ""


# Cookies by which programs show themselves: (beginning of the cookie, name of the program).
COOKIES = (
    ("wordpress_", "WordPress"),
    ("wp-", "WordPress"),
    ("laravel_session", "Laravel"),
    ("joomla_", "Joomla"),
    ("prestashop-", "PrestaShop"),
    ("ocsessid", "OpenCart"),
    ("phpsessid", "PHP"),
    ("asp.net_sessionid", "ASP.NET"),
)
PANELS = ("plesk", "directadmin", "cpanel")  # x-powered-by of a panel is no program of the site
SERVERS = re.compile(
    r"<center>(nginx|openresty|tengine)|<address>(Apache)|(LiteSpeed) Web Server", re.IGNORECASE
)


def identify_responder(answer: Exchange) -> Responder:
    """Who sent it. A program behind a CDN counts before the CDN, for it made the answer."""
    program = _identify_application(answer)
    if program:
        return Responder(Layer.APPLICATION, program)
    cdn = identify_cdn(answer)
    # Cloudflare marks what it fetched from the server behind it.
    if cdn and not answer.header("cf-cache-status"):
        return Responder(Layer.CDN, cdn)
    server = answer.header("server").split()
    name = server[0][:40] if server else _server_named_in(answer.excerpt)
    return Responder(Layer.SERVER, name) if name else Responder(Layer.UNKNOWN)


def _identify_application(answer: Exchange) -> str:
    declared = answer.header("x-redirect-by") or answer.header("x-generator")
    powered = answer.header("x-powered-by")
    if declared:
        return declared[:40]
    if powered and not any(panel in powered.lower() for panel in PANELS):
        return powered[:40]
    cookies = [value.lower() for key, value in answer.headers if key == "set-cookie"]
    return next((n for start, n in COOKIES if any(c.startswith(start) for c in cookies)), "")


def _server_named_in(page: str) -> str:
    match = SERVERS.search(page[:2000])
    return next((name for name in match.groups() if name), "") if match else ""


def identify_cdn(hop: Exchange) -> str:
    """The CDN whose mark an answer carries, or ""."""
    for header, part, cdn in CDN_HEADERS:
        value = hop.header(header).lower()
        if value and part in value:
            return cdn
    return ""
