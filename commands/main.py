"""Parses the arguments of `app.py`, calls the command and returns its exit status."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import accounts.cli
import kb.cli
import status.probing.cli
import status.probing.heartbeats.cli
import status.publishing.exports.cli
import wizard.cli
from accounts.passwords import PasswordRefused
from commands import (
    administration,
    backup,
    database,
    diagnosis,
    importing,
    incidents,
    probes,
    processes,
    texts,
)
from commands.command_help import CONFIG, complete_help
from commands.loading import load_rooms, load_settings, zone_of, zone_option
from commands.web_server import PortTaken
from db.engine import DatabaseAway
from db.schema_status import REVISIONS, mark, upgrade
from db.stored import UnreadableDocument
from diagnostics.checks import ARTICLES
from engine.supervise import BROKE
from exit_status import CANNOT, FINE, refuse
from render.languages import DEFAULT, LANGUAGES, NAMES
from settings import SettingsError, environment
from settings.choices import one_of
from settings.mistakes import KeyPlace
from settings.reference import reference
from web.logs.redaction import log_to_stderr, redacted, redacted_prose
from wiring.kind_words import kind_words

log = logging.getLogger("jasno.commands")
FORESEEN = (
    *(SettingsError, processes.CannotRun, PortTaken, DatabaseAway),
    *(PasswordRefused, UnreadableDocument),
)
PROCESSES = ("run", "web", "engine", "vantage", "demo")
FILE_NAMES = frozenset({"config", "file"})  # arguments


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; its exit status."""
    args = parser().parse_args(argv)
    if unreadable := _undecodable(args):
        return refuse(f"this is no UTF-8 text: {unreadable}")
    if args.parent:
        processes.child_of(args.parent)
    log_to_stderr()
    return _foreseeing(args, lambda: int(args.act(args)))


def _foreseeing(args: argparse.Namespace, act: Callable[[], int]) -> int:
    """Do what was asked for and tell what went wrong; the exit status."""
    try:
        return act()
    except FORESEEN as error:
        return refuse(_in_a_line(_placed(error, args)))
    except KeyboardInterrupt:
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return CANNOT
    except Exception as error:
        print(f"app.py {args.command} broke: {type(error).__name__}: {error}", file=sys.stderr)
        log.exception("app.py %s broke here", args.command)
        return status_when_broken(args)


def _placed(error: Exception, args: argparse.Namespace) -> Exception:
    """What is wrong with settings, with the file and the line."""
    place: KeyPlace | None = getattr(args, "place", None)
    if place is None or not isinstance(error, SettingsError):
        return error
    return SettingsError("\n".join(place.in_order(map(place.placed, str(error).splitlines()))))


def _in_a_line(error: Exception) -> str:
    """What was foreseen, without secrets."""
    if isinstance(error, UnreadableDocument):
        return f"a stored entry cannot be read and is kept as it is: {redacted(str(error))}"
    return (redacted_prose if isinstance(error, SettingsError) else redacted)(str(error))


def status_when_broken(args: argparse.Namespace) -> int:
    """The exit status after an error that nobody foresaw."""
    runs_on = args.command in PROCESSES and getattr(args, "what", "run") == "run"
    return BROKE if runs_on else CANNOT


def _undecodable(args: argparse.Namespace) -> str:
    """The first text among the arguments that is no UTF-8, as it can be shown; "" when all are.
    Names of files may hold any bytes."""
    for name, value in vars(args).items():
        for text in value if isinstance(value, list | tuple) else (value,):
            if isinstance(text, str) and name not in FILE_NAMES and not _is_utf8(text):
                return ascii(text)
    return ""


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def parser() -> argparse.ArgumentParser:
    """Every command with its options."""
    root = argparse.ArgumentParser(
        "app.py", description="Jasno: status page and self-service checks."
    )
    commands = root.add_subparsers(dest="command", required=True, metavar="COMMAND")
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--config", default="", metavar="FILE", help=CONFIG)
    shared.add_argument("--parent", type=int, default=0, help=argparse.SUPPRESS)

    def command(name: str, act: object, words: str) -> argparse.ArgumentParser:
        subparser = commands.add_parser(name, help=words, description=words, parents=[shared])
        subparser.set_defaults(act=act)
        return subparser

    command("run", _run, "run web and engine together")
    command("demo", _demo, "run a demo hosting company on a miniature internet")
    command("web", _web, "run the web process alone")
    engine = command("engine", _engine, "run the engine alone: probes, diagnoses, deliveries")
    engine.add_argument(
        "--roles",
        default="",
        metavar="ROLES",
        help="some of watch,diagnose,deliver; else all of them",
    )
    _diagnose_options(command("diagnose", _diagnose, "check one domain, web address or mailbox"))
    diagnosis.options(command)
    texts.options(command)
    importing.options(command)
    _kb_options(command("kb", _kb, "search and validate the articles"))
    _user_options(command("user", _user, "manage people who sign in"))
    incidents.options(command)
    administration.options(command)
    heartbeat = command(
        "heartbeat", probes.heartbeat, "manage heartbeats, and say the state of a probe by hand"
    )
    status.probing.heartbeats.cli.options(heartbeat)
    probes.vantage_options(
        command(
            "vantage", probes.vantage, "run probes from another machine, and manage such places"
        )
    )
    looked = command("probe", _probe, "run one probe once")
    looked.add_argument("name", help="the name of a probe in the configuration")
    exported = command("publish", _publish, "write the status page as a site for any web server")
    exported.add_argument("dir", type=Path, help="the folder it is written to")
    config = command("config", _config, "validate the configuration, or print its reference")
    config.add_argument("what", choices=("check", "reference"), help="which of the two")
    config.add_argument("--probe", action="store_true", help="also run each probe once")
    backup.options(command)
    tables = command(
        "db", _db, "bring the tables to this version, or list documents that cannot be read"
    )
    tables.add_argument("what", choices=("upgrade", "documents"), help="which of the two")
    complete_help(root)
    return root


# ------------------------------------------------------------------ processes
def _run(args: argparse.Namespace) -> int:
    return processes.run(load_settings(args), partial(_foreseeing, args))


def _demo(args: argparse.Namespace) -> int:
    del args
    return processes.demo_company(environment())


def _web(args: argparse.Namespace) -> int:
    return processes.web(load_settings(args))


def _engine(args: argparse.Namespace) -> int:
    return processes.engine(load_settings(args), args.roles)


# ------------------------------------------------------------------ diagnoses
def _diagnose_options(to: argparse.ArgumentParser) -> None:
    to.add_argument("target", metavar="TARGET", help="a domain, web address or mailbox")
    to.add_argument(
        "--symptom",
        default="",
        metavar="ID",
        help="what is wrong, such as site_down; a wrong one lists them",
    )
    to.add_argument("--lang", default=DEFAULT, choices=tuple(NAMES))
    to.add_argument("--json", action="store_true")
    zone_option(to)


def _diagnose(args: argparse.Namespace) -> int:
    rooms = load_rooms(args)
    return wizard.cli.diagnose(
        args.target,
        rooms.wizard.sources(),
        rooms.wizard.evaluator,
        symptom=args.symptom,
        lang=args.lang,
        zone=zone_of(args, rooms),
        as_json=args.json,
        articles=rooms.kb.articles_for,
    )


# ------------------------------------------------------------------ articles
def _kb_options(to: argparse.ArgumentParser) -> None:
    inner = to.add_subparsers(dest="what", required=True)
    search = inner.add_parser("search", help="find articles")
    search.add_argument("query", nargs="+")
    search.add_argument("--lang", default=DEFAULT, metavar="LANG")
    search.add_argument("--json", action="store_true")
    check = inner.add_parser("check", help="validate the articles")
    for command_parser in (search, check):
        command_parser.add_argument("--articles", type=Path, default=None, metavar="DIR")


def _kb(args: argparse.Namespace) -> int:
    folders = (args.articles,) if args.articles else load_rooms(args).kb.folders()
    if args.what == "search":
        words = " ".join(args.query)
        return kb.cli.search(words, lang=args.lang, folders=folders, as_json=args.json)
    if args.articles is not None:
        return kb.cli.check(args.articles)
    languages = tuple(LANGUAGES) if len(folders) == 1 else ()  # an operator may write in one alone
    return kb.cli.check(*folders, languages=languages, articles_by_finding=ARTICLES)


# ------------------------------------------------------------------ people
def _user_options(to: argparse.ArgumentParser) -> None:
    inner = to.add_subparsers(dest="what", required=True)
    add = inner.add_parser("add", help="add somebody who can sign in")
    add.add_argument("email")
    add.add_argument("name", help="what they are called")
    add.add_argument("--staff", default="", choices=("", "agent", "operator"))
    add.add_argument("--lang", default="", choices=("", *NAMES), help="the language they read")
    passwd = inner.add_parser("passwd", help="set a new password; open sessions end")
    passwd.add_argument("email")
    remove = inner.add_parser("remove", help="delete somebody, with roles, sessions and watches")
    remove.add_argument("email")
    contact = inner.add_parser("contact", help="give a role on a hosting account; none ends it")
    contact.add_argument("email")
    contact.add_argument("account")
    contact.add_argument(
        "role", help="what they are to it", choices=("owner", "technical", "billing", "none")
    )
    inner.add_parser("list", help="list everybody")
    for command_parser in (add, passwd):
        command_parser.add_argument(
            "--password-stdin", action="store_true", help="read the password from standard input"
        )


def _user(args: argparse.Namespace) -> int:
    rooms = load_rooms(args)
    store, passwords = rooms.accounts.store, rooms.accounts.passwords
    if args.what == "list":
        return accounts.cli.listing(store)
    if args.what == "remove":
        return accounts.cli.remove(store, args.email)
    if args.what == "contact":
        return accounts.cli.contact(store, args.email, args.account, args.role)
    if args.what == "add" and args.lang:
        one_of(args.lang, rooms.ctx.site.languages, "--lang")
    password = partial(accounts.cli.read_password, stdin=args.password_stdin)
    if args.what == "passwd":
        return accounts.cli.passwd(store, passwords, args.email, password=password)
    return accounts.cli.add(
        store, passwords, args.email, args.name,
        password=password, lang=args.lang, staff=args.staff,
    )  # fmt: skip


# ------------------------------------------------------------------ status
def _probe(args: argparse.Namespace) -> int:
    return probes.probe(load_rooms(args), args.name)


def _publish(args: argparse.Namespace) -> int:
    rooms = load_rooms(args)
    return status.publishing.exports.cli.publish(rooms.status.published, args.dir, rooms.ctx.site)


# ------------------------------------------------------------------ operations
def _config(args: argparse.Namespace) -> int:
    if args.what == "reference":
        print(reference(kind_words()), end="")
        return FINE
    rooms = load_rooms(args)
    rooms.check()
    processes.warn(rooms)
    articles, loaded = len(rooms.kb.library.articles), rooms.ctx.loaded
    settings = loaded.settings
    print(
        f"{loaded.config or 'no file, defaults only'}: fine;"
        f" components: {len(settings.component)}, probes: {len(settings.probe)}, articles: {articles}"
    )
    return (
        status.probing.cli.probe_all(rooms.status.probes_here, rooms.ctx.network)
        if args.probe
        else FINE
    )


def _db(args: argparse.Namespace) -> int:
    rooms = load_rooms(args)
    if args.what == "documents":
        return database.documents(rooms)
    ctx = rooms.ctx
    try:
        changed = upgrade(ctx.db)
        mark(ctx.var, ctx.clock)
    except OSError as error:
        raise processes.CannotRun(f"the data folder cannot be written: {error}") from error
    print(f"the database stands at revision {REVISIONS[-1]}")
    for row in changed:
        print(row)
    if changed:
        print(
            f"rows that did not fit: {len(changed)}; what they were is kept in the table db_quarantine"
        )
    return FINE
