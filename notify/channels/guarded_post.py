"""Posting to strangers' web addresses: only through the guarded session, bounded in time and size."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import requests

from notify.webhooks import WebhookResponse
from observe.network import Network
from observe.session import ForbiddenAddress, open_session

SECONDS = 8.0
MOST = 20_000  # bytes of an answer that are read


def post(net: Network) -> Callable[[str, bytes, Mapping[str, str]], WebhookResponse]:
    """What sends one body to one address. Redirects are not followed."""

    def send(url: str, body: bytes, headers: Mapping[str, str]) -> WebhookResponse:
        try:
            with open_session(net, seconds=SECONDS, max_body=MOST) as client:
                answer = client.post(url, data=body, headers=dict(headers))
        except ForbiddenAddress:
            return WebhookResponse(trouble="we may not connect to this address")
        except requests.Timeout:
            return WebhookResponse(trouble="no answer in time")
        except requests.RequestException as error:
            return WebhookResponse(trouble=f"no connection ({type(error).__name__})")
        return WebhookResponse(answer.status_code, answer.content[:MOST].decode("utf-8", "replace"))

    return send
