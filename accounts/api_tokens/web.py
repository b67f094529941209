"""The bearer token of an API request: whether its role suffices, else 401 or 403. Knows flask."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from flask import request

from accounts.api_tokens.model import ApiTokenRole
from accounts.api_tokens.store import ApiTokenStore
from render.i18n import N_
from web import visitor
from web.problems import forbidden, sign_in_needed
from web.rate_limits import Rate
from web.site import plumbing

WRONG = Rate(30, timedelta(minutes=10))
NO_TOKEN = N_("The API answers programs that send a working token, as “Authorization: Bearer”.")


def bearer(store: ApiTokenStore) -> Callable[[str], str]:
    """What answers the caller's name in the audit log, if its token reaches as far as a role.

    Raises sign_in_needed without a good token, forbidden when the role does not suffice.
    """

    def check(role: str) -> str:
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        key = store.by_token(token.strip()) if scheme.lower() == "bearer" else None
        if key is None:
            plumbing().limiter.check("api-token", visitor.rate_limit_key(), WRONG)
            raise sign_in_needed(NO_TOKEN)
        if not key.may(ApiTokenRole(role)):
            raise forbidden()
        return key.actor

    return check
