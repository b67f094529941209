"""`app.py token|subscriber|channel|audit|health …`: what operators look after."""

from __future__ import annotations

import argparse
from typing import Protocol

import accounts.api_tokens.cli
import portal.cli
from commands.loading import load_rooms
from portal.administration import Administration


class AddCommand(Protocol):
    """What adds a command to the parser."""

    def __call__(self, name: str, act: object, words: str) -> argparse.ArgumentParser: ...


def options(command: AddCommand) -> None:
    """The commands with their options."""
    accounts.api_tokens.cli.options(command("token", token, "programs that may use the API"))
    portal.cli.subscriber_options(command("subscriber", subscriber, "who gets news"))
    portal.cli.channel_options(command("channel", channel, "operators' channels"))
    portal.cli.audit_options(command("audit", audit, "who did what"))
    portal.cli.health_options(command("health", health, "how the portal itself is"))


def _administration(args: argparse.Namespace) -> Administration:
    return load_rooms(args).portal.administration


def token(args: argparse.Namespace) -> int:
    """`token add|list|revoke`."""
    return accounts.api_tokens.cli.token(args, load_rooms(args).accounts.tokens)


def subscriber(args: argparse.Namespace) -> int:
    """`subscriber list|remove`."""
    return portal.cli.subscriber(args, _administration(args))


def channel(args: argparse.Namespace) -> int:
    """`channel list|test`."""
    return portal.cli.channel(args, _administration(args))


def audit(args: argparse.Namespace) -> int:
    """`audit`."""
    return portal.cli.audit(args, _administration(args))


def health(args: argparse.Namespace) -> int:
    """`health`."""
    return portal.cli.health(args, _administration(args))
