"""`app.py user …`: people and their roles, from the terminal. Takes already built parts.

Prints lines for people; answers an exit status. Passwords never stand on the command line.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable
from getpass import GetPassWarning, getpass

from accounts.model import ContactRole, Person, StaffRole
from accounts.passwords import PasswordRefused, Passwords
from accounts.store import AccountStore, EmailTaken
from accounts.text_input import address
from exit_status import FINE, refuse
from render.characters import one_line


def read_password(*, stdin: bool) -> str:
    """A password from the first line of standard input, or asked for on the terminal until the
    same one was typed twice."""
    if stdin:
        return sys.stdin.readline().rstrip("\r\n")
    while True:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", GetPassWarning)  # no terminal to type it on unseen
                first, second = getpass("Password: "), getpass("Once more: ")
        except (EOFError, GetPassWarning):
            raise PasswordRefused(
                "no password was typed; --password-stdin takes it from standard input"
            ) from None
        if first == second:
            return first
        print("the two passwords differ; once more, please", file=sys.stderr)


def add(
    store: AccountStore,
    passwords: Passwords,
    email: str,
    name: str,
    *,
    password: Callable[[], str],
    lang: str = "",
    staff: str = "",
) -> int:
    """Add somebody who can sign in; `staff` is "", "agent" or "operator". Asks for the password
    once all else fits."""
    if not address(email):
        return refuse(f"not an e-mail address: {email[:80]!r}")
    if not one_line(name):
        return refuse("somebody who signs in needs a name: user add EMAIL NAME")
    if _person(store, email):
        return refuse(f"somebody signs in with {email} already")
    try:
        person = store.add_person(
            email,
            name,
            password=passwords.hash(password()),
            lang=lang,
            staff=StaffRole(staff) if staff else None,
        )
    except EmailTaken:
        return refuse(f"somebody signs in with {email} already")
    except (PasswordRefused, ValueError) as error:
        return refuse(str(error))
    print(f"added {person.email}")
    return FINE


def listing(store: AccountStore) -> int:
    """Everybody, one line each: address, name, staff role, contact roles."""
    for person in store.people():
        roles = ", ".join(f"{c.account}:{c.role}" for c in person.contacts)
        print("\t".join((person.email, person.name, person.staff or "-", roles or "-")))
    return FINE


def passwd(
    store: AccountStore, passwords: Passwords, email: str, *, password: Callable[[], str]
) -> int:
    """Give somebody a new password and sign them out everywhere."""
    person = _person(store, email)
    if person is None:
        return refuse(f"nobody signs in with {email}")
    try:
        store.set_password(person.id, passwords.hash(password()))
    except PasswordRefused as error:
        return refuse(str(error))
    print(f"changed the password of {person.email}; open sessions have ended")
    return FINE


def remove(store: AccountStore, email: str) -> int:
    """Delete somebody; what they wrote in tickets stays as long as the tickets."""
    person = _person(store, email)
    if person is None or not store.remove_person(person.id):
        return refuse(f"nobody signs in with {email}")
    print(f"removed {person.email}; their tickets and reports stay for their own time")
    return FINE


def contact(store: AccountStore, email: str, account: str, role: str) -> int:
    """Make somebody a contact of a hosting account; `role` "none" ends it."""
    person = _person(store, email)
    if person is None:
        return refuse(f"nobody signs in with {email}")
    if role != "none" and role not in list(ContactRole):
        return refuse(f"a role is one of {', '.join(ContactRole)} or none, not {role!r}")
    if not account.strip():
        return refuse("name the hosting account: user contact EMAIL ACCOUNT ROLE")
    store.set_contact(person.id, account, None if role == "none" else ContactRole(role))
    print(f"{person.email}: {role} on account {account}")
    return FINE


def _person(store: AccountStore, email: str) -> Person | None:
    return store.credentials(email)[0]
