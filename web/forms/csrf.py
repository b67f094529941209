"""CSRF protection of forms: a signed double-submit token, the headers Origin and Sec-Fetch-Site."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from urllib.parse import urlsplit

from flask import g, request
from markupsafe import Markup
from werkzeug.wrappers import Response as AnyResponse

from web.logs.token_paths import PAGES, SIGNALS
from web.problems import stale_form
from web.site import plumbing

FIELD = "csrf"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
KEPT_FIELD = "kept_form"  # the token of a form kept over signing in (kept_forms.py)
_HIDDEN = Markup('<input type="hidden" name="{}" value="{}">')
# Programs call these with a token in the address or in a header; browsers send them no form.
WITHOUT_FORM = ("/api/",)


def _cookie_name() -> str:
    return "__Host-jasno_csrf" if plumbing().site.secure else "jasno_csrf"


def signature(seed: str) -> str:
    secret = plumbing().secret
    return hmac.new(secret, b"csrf:" + seed.encode(), hashlib.sha256).hexdigest()


def _seed() -> str:
    seed = g.get("csrf_seed") or request.cookies.get(_cookie_name(), "")
    if not 20 <= len(seed) <= 64:
        seed = secrets.token_urlsafe(24)
        g.csrf_fresh = True
    g.csrf_seed = seed
    return str(seed)


def token() -> str:
    """What forms of this browser carry."""
    return signature(_seed())


def field() -> Markup:
    """The hidden fields that every POST form contains: the token, and the kept form that this page
    answers."""
    kept = _HIDDEN.format(KEPT_FIELD, g.kept_form) if g.get("kept_form") else Markup("")
    return _HIDDEN.format(FIELD, token()) + kept


def is_sent_from_here() -> bool:
    """Whether the browser says that a page of ours sent this form."""
    origin, host = request.headers.get("Origin", ""), request.host.lower()
    same_site = request.headers.get("Sec-Fetch-Site", "") == "same-origin"
    return same_site or urlsplit(origin).netloc.lower() == host


def check() -> None:
    """Refuse a request that acts and does not come from our own page. Raises stale_form."""
    if request.method in SAFE or request.path.startswith(SIGNALS):
        return
    if request.headers.get("Sec-Fetch-Site", "none") not in ("same-origin", "none"):
        raise stale_form()
    origin = request.headers.get("Origin", "")
    if origin == "null" and _without_referrer():
        origin = ""
    if origin and urlsplit(origin).netloc.lower() != request.host.lower():
        raise stale_form()
    if request.path.startswith(WITHOUT_FORM) or _one_click():
        return
    seed = request.cookies.get(_cookie_name(), "")
    sent = request.form.get(FIELD, "")
    if not seed or not hmac.compare_digest(sent.encode(), signature(seed).encode()):
        raise stale_form()


def _one_click() -> bool:
    """A mail program ends a subscription with a POST of its own (RFC 8058); the token decides."""
    return request.path.startswith("/subscribe/") and request.path.endswith("/leave")


def _without_referrer() -> bool:
    """Browsers say "Origin: null" for forms on our own no-referrer pages; the token decides then."""
    same = request.headers.get("Sec-Fetch-Site", "") == "same-origin"
    return same or request.path.startswith(PAGES)


def set_cookie(answer: AnyResponse) -> None:
    """Send the cookie that a fresh form needs."""
    if g.get("csrf_fresh"):
        answer.set_cookie(
            _cookie_name(),
            g.csrf_seed,
            secure=plumbing().site.secure,
            httponly=True,
            samesite="Lax",
            path="/",
        )
