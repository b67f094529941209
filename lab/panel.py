"""The hosting panel's JSON API: accounts, services and facts, for whoever has the token.

GET /ping · /accounts?domain=d · /accounts/<id> · /accounts/<id>/services ·
/accounts/<id>/facts?domain=d · /accounts/<id>/mailbox?address=a · /accounts/<id>/lockout?address=a. Every request is kept, so that tests can say "none was made".
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Mapping
from urllib.parse import parse_qs, unquote

from lab.account import (
    PanelAccount,
    account_row,
    facts_row,
    lockout_row,
    mailbox_row,
    service_rows,
)
from lab.answer import Answer
from lab.clock import LabClock
from lab.http import LabRequest
from lab.net import RequestLog
from lab.world import World

JSON_TYPE = (("Content-Type", "application/json"),)
Reply = tuple[int, object]  # status, body


class LabPanel:
    """Answers the API from a world's accounts."""

    def __init__(self, world: World, clock: LabClock) -> None:
        self.accounts = {a.id: a for a in world.accounts}
        self.token = world.panel_token
        self.clock = clock
        self.requests: RequestLog[LabRequest] = RequestLog()

    def respond(self, request: LabRequest) -> Answer:
        """One API answer."""
        given = request.header("authorization").encode()
        if not hmac.compare_digest(given, f"Bearer {self.token}".encode()):
            return _answer(401, {"detail": "a valid token is needed"})
        if request.method != "GET":
            return _answer(405, {"detail": "only GET is served"})
        status, body = self._route(request.target)
        return _answer(status, body)

    def _route(self, target: str) -> Reply:
        """What lies at an address of the API."""
        path, _, query = target.partition("?")
        parameters = parse_qs(query)
        domain, address = (parameters.get(name, [""])[0].lower() for name in ("domain", "address"))
        match [unquote(part) for part in path.strip("/").split("/")]:
            case ["ping"]:
                return 200, {"ok": True}
            case ["accounts"]:
                return self._owner(domain)
            case ["accounts", id]:
                return self._account_reply(id, account_row)
            case ["accounts", id, "facts"]:
                return self._facts(id, domain)
            case ["accounts", id, part]:
                return self._account_reply(id, lambda a: self._part(a, part, address))
            case _:
                return 404, {"detail": "no such address"}

    def _part(self, account: PanelAccount, part: str, address: str) -> object:
        now = self.clock.now()
        match part:
            case "services":
                return service_rows(account, now)
            case "mailbox":
                return mailbox_row(account, address, now)
            case "lockout":
                return lockout_row(account, address, now)
            case _:
                return None

    def _owner(self, domain: str) -> Reply:
        owners = (a for a in self.accounts.values() if domain in {d.name for d in a.domains})
        owner = next(owners, None)
        if owner is None:
            return 404, {"detail": "no account has this domain"}
        return 200, account_row(owner)

    def _account_reply(self, id: str, to_document: Callable[[PanelAccount], object]) -> Reply:
        account = self.accounts.get(id)
        if account is None:
            return 404, {"detail": "no such account"}
        row = to_document(account)
        return (200, row) if row is not None else (404, {"detail": "this is not known"})

    def _facts(self, id: str, name: str) -> Reply:
        account = self.accounts.get(id)
        domains: Mapping[str, object] = {d.name: d for d in account.domains} if account else {}
        if account is None or name not in domains:
            return 404, {"detail": "no such account or domain"}
        domain = next(d for d in account.domains if d.name == name)
        return 200, facts_row(account, domain, self.clock.now())


def _answer(status: int, body: object) -> Answer:
    return Answer(status=status, body=json.dumps(body), headers=JSON_TYPE)
