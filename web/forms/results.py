"""What an act gives to whoever did it and is stored nowhere: a secret, a link, an answer. It comes
over the redirect that follows the act, in a signed cookie of that session and for one page, so that
loading the page again repeats nothing."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import parse_qsl, urlencode

from flask import Response, after_this_request, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from web import visitor
from web.site import plumbing

COOKIE = "jasno_result"
VALID_FOR = timedelta(minutes=2)


def redirect_with_result(path: str, result: Mapping[str, str], anchor: str = "") -> AnyResponse:
    """On to a page that reads its `take_result`; of one browser's results there only the newest."""
    expires = int((plumbing().clock.now() + VALID_FOR).timestamp())
    body = f"{expires}.{urlencode(result)}"
    signed = _signature(path, body)
    answer = redirect(f"{path}?result={signed[:16]}{anchor}", 303)
    answer.set_cookie(
        COOKIE,
        f"{signed}.{body}",
        max_age=VALID_FOR,
        secure=plumbing().site.secure,
        httponly=True,
        samesite="Lax",
        path=path,
    )
    return answer


def last_result() -> Mapping[str, str]:
    """The result that the address of this request speaks of; empty when it is over, or was given
    to another session or another page."""
    signed, _, body = request.cookies.get(COOKIE, "").partition(".")
    expires, _, fields = body.partition(".")
    result_id, now = request.args.get("result", ""), plumbing().clock.now().timestamp()
    is_ours = hmac.compare_digest(signed.encode(), _signature(request.path, body).encode())
    is_current = is_ours and result_id and signed.startswith(result_id) and now < int(expires)
    return dict(parse_qsl(fields)) if is_current else {}


def take_result() -> Mapping[str, str]:
    """The last result for the last time: this answer deletes its cookie."""
    result = last_result()
    if result:
        after_this_request(_forget)
    return result


def _forget(answer: Response) -> Response:
    secure = plumbing().site.secure
    answer.delete_cookie(COOKIE, path=request.path, secure=secure, httponly=True, samesite="Lax")
    return answer


def _signature(path: str, body: str) -> str:
    text = f"result:\n{visitor.current().session}\n{path}\n{body}"
    return hmac.new(plumbing().secret, text.encode(), hashlib.sha256).hexdigest()
