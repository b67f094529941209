"""`app.py token add|list|revoke`: API tokens, from the terminal."""

from __future__ import annotations

import argparse

from accounts.api_tokens.model import ApiTokenRole
from accounts.api_tokens.store import ApiTokenStore
from exit_status import FINE, refuse
from render.message_format import terminal_moment

BY = "cli"


def options(to: argparse.ArgumentParser) -> None:
    """The command's own options."""
    inner = to.add_subparsers(dest="what", required=True)
    add = inner.add_parser("add", help="make a token; it is shown once")
    add.add_argument("name", help="what uses it")
    add.add_argument(
        "--role", default=ApiTokenRole.READ.value, choices=[r.value for r in ApiTokenRole]
    )
    revoke = inner.add_parser("revoke", help="end a token; it opens nothing any more")
    revoke.add_argument("id")
    listing = inner.add_parser("list", help="list all tokens, without themselves")
    listing.add_argument("--zone", default="")


def token(args: argparse.Namespace, store: ApiTokenStore, zone: str) -> int:
    """Run a `token` command, moments in `zone`. Raises DatabaseAway."""
    if args.what == "list":
        for key in store.all():
            used = terminal_moment(key.used_at, zone) if key.used_at else "never used"
            state = "revoked" if key.revoked_at else used
            print(f"{key.id}\t{key.role}\t{state}\t{key.name}")
        return FINE
    if args.what == "revoke":
        if store.revoke(args.id, BY):
            return FINE
        return refuse(f"there is no token {args.id} that opens anything")
    try:
        _, secret = store.add(args.name, ApiTokenRole(args.role), BY)
    except ValueError as error:
        return refuse(str(error))
    print(secret)
    return FINE
