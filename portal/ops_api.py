"""/api/ops/… beside status: subscribers, channels, tokens, the audit log, jobs and health."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from accounts.api_tokens.model import ApiToken, ApiTokenRole
from notify.model import Subscriber, SubscriberKind, SubscriberState
from portal.administration import Administration, ChannelState
from web.api.operations import ApiRequest, Operation, Parameter
from web.problems import invalid, not_found

ROLE = "operator"


class SubscriberDocument(Struct):
    """A mailbox or an endpoint that hears. `owner` is the mailbox that confirmed it."""

    id: str
    kind: SubscriberKind
    address: str
    owner: str
    state: SubscriberState
    lang: str
    components: tuple[str, ...]
    groups: tuple[str, ...]
    maintenance: bool
    created_at: datetime
    confirmed_at: datetime | None
    failures: int
    failed_at: datetime | None
    trouble: str
    incident: str = ""  # the one they hear of, until it is over


class ChannelDocument(Struct):
    """An operators' channel; its address is a secret of the settings."""

    id: str
    hears: tuple[str, ...]
    components: tuple[str, ...]
    groups: tuple[str, ...]
    lang: str
    sent_at: datetime | None
    waiting: int
    error: str
    refused_at: datetime | None = None  # a message that is not tried again, if none was taken since
    refusal: str = ""


class TokenDocument(Struct):
    """An API token, without itself."""

    id: str
    name: str
    role: ApiTokenRole
    created_at: datetime
    created_by: str
    used_at: datetime | None
    revoked_at: datetime | None


class CreatedToken(Struct):
    """A new token, told once."""

    id: str
    token: str


class TokenInput(Struct, forbid_unknown_fields=True):
    """A new token."""

    name: Annotated[str, Meta(min_length=1, max_length=80)]
    role: ApiTokenRole = ApiTokenRole.READ


class AuditEntryDocument(Struct):
    """One entry of the audit log. `number` grows; pass it as `before` to go on."""

    number: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: dict[str, str]


class JobCountsDocument(Struct):
    """How many jobs of a kind are in each state."""

    kind: str
    waiting: int
    running: int
    done: int
    failed: int
    due_since: datetime | None


class FailedJobDocument(Struct):
    """A job that was given up."""

    id: int
    kind: str
    key: str
    attempts: int
    error: str
    at: datetime | None


class HealthDocument(Struct):
    """How the portal itself is. `parts` map a part to "" or what is wrong."""

    parts: dict[str, str]
    jobs: tuple[JobCountsDocument, ...]
    failed: tuple[FailedJobDocument, ...]


@dataclass(frozen=True, slots=True)
class OpsApi:
    """The calls."""

    administration: Administration

    def subscribers(self, request: ApiRequest) -> list[SubscriberDocument]:
        """A page of them, by id."""
        limit = request.count("limit", 100, 1000)
        return [
            subscriber_document(subscriber)
            for subscriber in self.administration.subscriber_page(
                request.query.get("after", ""), limit
            )
        ]

    def remove(self, request: ApiRequest) -> None:
        """End a subscription and forget the address."""
        if not self.administration.remove_subscriber(request.args["id"], request.by):
            raise not_found()

    def channels(self, request: ApiRequest) -> list[ChannelDocument]:
        """Every configured one."""
        del request
        return [channel_document(channel) for channel in self.administration.channels()]

    def test(self, request: ApiRequest) -> None:
        """Send a test message."""
        if not self.administration.test_channel(request.args["id"], request.by):
            raise not_found()

    def tokens(self, request: ApiRequest) -> list[TokenDocument]:
        """Every one, without itself."""
        del request
        return [token_document(token) for token in self.administration.tokens()]

    def add_token(self, request: ApiRequest) -> CreatedToken:
        """A new one."""
        sent = request.sent(TokenInput)
        try:
            key, token = self.administration.add_token(sent.name, sent.role, request.by)
        except ValueError as error:
            raise invalid({"name": str(error)}) from error
        return CreatedToken(key.id, token)

    def revoke(self, request: ApiRequest) -> None:
        """It opens nothing any more."""
        if not self.administration.revoke_token(request.args["id"], request.by):
            raise not_found()

    def audit(self, request: ApiRequest) -> list[AuditEntryDocument]:
        """The log, newest first."""
        filters = {
            name: request.query.get(name, "")[:100] for name in ("actor", "action", "subject")
        }
        before = request.count("before", 0, 10**18) if request.query.get("before") else 0
        return [
            AuditEntryDocument(
                entry.number,
                entry.entry.at,
                entry.entry.actor,
                entry.entry.action,
                entry.entry.subject,
                {k: str(v) for k, v in entry.entry.detail.items()},
            )
            for entry in self.administration.audit_entries(**filters, before=before)
        ]

    def health(self, request: ApiRequest) -> HealthDocument:
        """Parts, jobs, and what was given up."""
        del request
        return HealthDocument(
            dict(self.administration.health()),
            msgspec.convert(
                self.administration.job_counts(),
                tuple[JobCountsDocument, ...],
                from_attributes=True,
            ),
            msgspec.convert(
                self.administration.failed_jobs(),
                tuple[FailedJobDocument, ...],
                from_attributes=True,
            ),
        )

    def retry(self, request: ApiRequest) -> None:
        """Another try of a job that was given up."""
        number = request.args["id"]
        is_number = number.isascii() and number.isdigit() and len(number) < 19
        if not is_number or not self.administration.retry_job(int(number), request.by):
            raise not_found()


def subscriber_document(subscriber: Subscriber) -> SubscriberDocument:
    return SubscriberDocument(
        id=subscriber.id,
        kind=subscriber.kind,
        address=subscriber.address,
        owner=subscriber.owner,
        state=subscriber.state,
        lang=subscriber.preferences.lang,
        components=subscriber.preferences.components,
        groups=subscriber.preferences.groups,
        maintenance=subscriber.preferences.maintenance,
        created_at=subscriber.created_at,
        confirmed_at=subscriber.confirmed_at,
        failures=subscriber.failures,
        failed_at=subscriber.failed_at,
        trouble=subscriber.trouble,
        incident=subscriber.preferences.incident,
    )


def channel_document(state: ChannelState) -> ChannelDocument:
    wish: Mapping[str, tuple[str, ...]] = {
        "components": state.subscription.preferences.components,
        "groups": state.subscription.preferences.groups,
    }
    return ChannelDocument(
        id=state.subscription.id,
        hears=state.subscription.events,
        components=wish["components"],
        groups=wish["groups"],
        lang=state.subscription.preferences.lang,
        sent_at=state.sent_at,
        waiting=state.waiting,
        error=state.error,
        refused_at=state.refusal.at if state.refusal else None,
        refusal=state.refusal.reply if state.refusal else "",
    )


def token_document(token: ApiToken) -> TokenDocument:
    return msgspec.convert(token, TokenDocument, from_attributes=True)


def operations(api: OpsApi) -> tuple[Operation, ...]:
    """The addresses, each with what it takes and gives."""
    ops = "/api/ops"
    after = Parameter("after", "The id of the last one on the page before.")
    limit = Parameter("limit", "How many, at most 1000; 100 when left out.", "integer", 1000)
    log = (
        Parameter("actor", "Who: the id of a person, token:<id>, or cli."),
        Parameter("action", "What, or its beginning, such as incident."),
        Parameter("subject", "With what, or its beginning, such as component:web1."),
        Parameter("before", "The number of the last entry on the page before.", "integer", 10**18),
    )
    return (
        Operation(
            "GET", f"{ops}/subscribers", "subscribers", "Who hears what, by id",
            list[SubscriberDocument], role=ROLE, view=api.subscribers,
            query=(after, limit), errors=(422,),
        ),
        Operation(
            "DELETE", f"{ops}/subscribers/{{id}}", "removeSubscriber",
            "End a subscription and forget the address", role=ROLE, view=api.remove,
        ),
        Operation(
            "GET", f"{ops}/channels", "channels", "Operators' channels and how they fare",
            list[ChannelDocument], role=ROLE, view=api.channels,
        ),
        Operation(
            "POST", f"{ops}/channels/{{id}}/test", "testChannel", "Send a test message",
            role=ROLE, view=api.test,
        ),
        Operation(
            "GET", f"{ops}/tokens", "tokens", "API tokens, without themselves",
            list[TokenDocument], role=ROLE, view=api.tokens,
        ),
        Operation(
            "POST", f"{ops}/tokens", "addToken", "A new token; it is told once",
            CreatedToken, TokenInput, ROLE, api.add_token, 201,
        ),
        Operation(
            "DELETE", f"{ops}/tokens/{{id}}", "revokeToken", "A token opens nothing any more",
            role=ROLE, view=api.revoke,
        ),
        Operation(
            "GET", f"{ops}/audit", "audit", "Who did what, newest first, a hundred at a time",
            list[AuditEntryDocument], role=ROLE, view=api.audit, query=log, errors=(422,),
        ),
        Operation(
            "GET", f"{ops}/health", "health", "How the portal itself is",
            HealthDocument, role=ROLE, view=api.health,
        ),
        Operation(
            "POST", f"{ops}/jobs/{{id}}/retry", "retryJob", "Another try of a job that was given up",
            role=ROLE, view=api.retry,
        ),
    )  # fmt: skip
