"""`app.py token|subscriber|channel|audit|health …`: what operators look after."""

from __future__ import annotations

import argparse
from typing import Protocol

import accounts.api_tokens.cli
import portal.cli
from commands.loading import load_rooms, zone_of, zone_option
from portal.administration import Administration


class AddCommand(Protocol):
    """What adds a command to the parser."""

    def __call__(self, name: str, act: object, words: str) -> argparse.ArgumentParser: ...


def options(command: AddCommand) -> None:
    """The commands with their options."""
    accounts.api_tokens.cli.options(
        command("token", token, "manage tokens of programs that use the API")
    )
    portal.cli.subscriber_options(
        command("subscriber", subscriber, "list who gets news, and end subscriptions")
    )
    portal.cli.channel_options(command("channel", channel, "list and test operators' channels"))
    log = command("audit", audit, "show who did what")
    portal.cli.audit_options(log)
    zone_option(log)
    portal.cli.health_options(
        command("health", health, "show how the portal itself is, or try a job again")
    )


def _administration(args: argparse.Namespace) -> Administration:
    return load_rooms(args).portal.administration


def token(args: argparse.Namespace) -> int:
    """`token add|list|revoke`."""
    rooms = load_rooms(args)
    return accounts.api_tokens.cli.token(args, rooms.accounts.tokens, zone_of(args, rooms))


def subscriber(args: argparse.Namespace) -> int:
    """`subscriber list|remove`."""
    return portal.cli.subscriber(args, _administration(args))


def channel(args: argparse.Namespace) -> int:
    """`channel list|test`."""
    rooms = load_rooms(args)
    return portal.cli.channel(args, rooms.portal.administration, zone_of(args, rooms))


def audit(args: argparse.Namespace) -> int:
    """`audit`."""
    rooms = load_rooms(args)
    return portal.cli.audit(args, rooms.portal.administration, zone_of(args, rooms))


def health(args: argparse.Namespace) -> int:
    """`health`."""
    return portal.cli.health(args, _administration(args))
