"""`app.py token|subscriber|channel|audit|health …`: what operators look after."""

from __future__ import annotations

import argparse
from typing import Protocol

import accounts.api_tokens.cli
import portal.cli
from settings import load
from wiring.ops_api import operating
from wiring.services import Services, services


class Adds(Protocol):
    """What adds a command to the parser."""

    def __call__(self, name: str, act: object, words: str) -> argparse.ArgumentParser: ...


def options(command: Adds) -> None:
    """The commands with their options."""
    accounts.api_tokens.cli.options(command("token", token, "programs that may use the API"))
    portal.cli.subscriber_options(command("subscriber", subscriber, "who gets news"))
    portal.cli.channel_options(command("channel", channel, "operators' channels"))
    portal.cli.audit_options(command("audit", audit, "who did what"))
    portal.cli.health_options(command("health", health, "how the portal itself is"))


def _parts(args: argparse.Namespace) -> Services:
    return services(load(args.config))


def token(args: argparse.Namespace) -> int:
    """`token add|list|revoke`."""
    return accounts.api_tokens.cli.token(args, _parts(args).hearing.keys)


def subscriber(args: argparse.Namespace) -> int:
    """`subscriber list|remove`."""
    return portal.cli.subscriber(args, operating(_parts(args)))


def channel(args: argparse.Namespace) -> int:
    """`channel list|test`."""
    return portal.cli.channel(args, operating(_parts(args)))


def audit(args: argparse.Namespace) -> int:
    """`audit`."""
    return portal.cli.audit(args, operating(_parts(args)))


def health(args: argparse.Namespace) -> int:
    """`health`."""
    return portal.cli.health(args, operating(_parts(args)))
