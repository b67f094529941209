"""The result of an act, shown once after its redirect and stored nowhere: a secret, a link, an answer.
It comes over the redirect in an encrypted cookie that only that session opens, for one page and with
the id in its address, so that loading the page again repeats nothing.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import parse_qsl, urlencode

from cryptography.fernet import Fernet, InvalidToken
from flask import Response, after_this_request, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from web import visitor
from web.site import plumbing

COOKIE = "jasno_result"
VALID_FOR = timedelta(minutes=2)


def redirect_with_result(path: str, result: Mapping[str, str], anchor: str = "") -> AnyResponse:
    """On to a page that reads its `take_result`; of one browser's results there only the newest."""
    result_id = secrets.token_urlsafe(12)
    sealed = _cipher(path, result_id).encrypt_at_time(urlencode(result).encode(), _now())
    answer = redirect(f"{path}?result={result_id}{anchor}", 303)
    answer.set_cookie(
        COOKIE,
        sealed.decode(),
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
    sealed, result_id = request.cookies.get(COOKIE, ""), request.args.get("result", "")
    seconds = int(VALID_FOR.total_seconds())
    try:
        fields = _cipher(request.path, result_id).decrypt_at_time(sealed.encode(), seconds, _now())
    except InvalidToken:
        return {}
    return dict(parse_qsl(fields.decode()))


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


def _cipher(path: str, result_id: str) -> Fernet:
    text = f"result:\n{visitor.current().session}\n{path}\n{result_id}"
    key = hmac.new(plumbing().secret, text.encode(), hashlib.sha256).digest()
    return Fernet(base64.urlsafe_b64encode(key))


def _now() -> int:
    return int(plumbing().clock.now().timestamp())
