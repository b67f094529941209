"""HestiaCP: its API with an access key, commands that list and nothing else.

An account is a user. Figures are texts in megabytes, counted nightly. Its own source is the source:
web/api/index.php and bin/v-list-*.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from hosting.model import (
    Account,
    HostedSite,
    HostingFacts,
    Mailbox,
    MailboxState,
    PanelContact,
    Resource,
    Service,
    ServiceKind,
    ServiceState,
    Usage,
)
from hosting.panel import PanelAccess, PanelError
from hosting.panels.json_client import decoded
from hosting.panels.units import (
    ABSENT,
    DAILY,
    DOMAIN,
    MIB,
    USER,
    Row,
    amount,
    bound,
    flag,
    public,
    row,
    usage,
    within,
    word,
)
from hosting.panels.vendor_panel import VendorPanel

_KEY = re.compile(r"[A-Za-z0-9]{1,64}")
_PHP = re.compile(r"PHP-([0-9])_([0-9]{1,2})")
NOT_THERE = "3"  # E_NOTEXIST


class HestiaPanel(VendorPanel):
    """One HestiaCP server. Safe to use from several threads."""

    name = "hestia"

    _host = ""  # remembered once the panel has told it

    def _signed(self, access: PanelAccess) -> Mapping[str, str]:
        if not _KEY.fullmatch(access.user):
            raise ValueError("user: the ID of the access key whose secret the token is")
        self._sign = {"access_key": access.user, "secret_key": access.token}
        return {}

    def account(self, id: str) -> Account | None:
        found = self._found(id)
        return None if found is None else self._account(id, found, self._webs(id))

    def _owner(self, domain: str) -> str:
        """By the name of a web, mail or DNS domain; aliases are not searched by Hestia."""
        if not self._there("v-search-domain-owner", domain):
            return ""
        owner = self._ask("v-search-domain-owner", domain).decode("ascii", "replace").strip()
        if not USER.fullmatch(owner):
            raise PanelError("the panel's answer is not in a form we know")
        return owner

    def services(self, account: str) -> tuple[Service, ...]:
        return (self._service(account, self._known(account)),)

    def facts(self, account: str, domain: str) -> HostingFacts:
        found, webs = self._known(account), self._webs(account)
        told = self._account(account, found, webs)
        if domain not in told.domains:
            raise PanelError("the account does not have this domain", permanent=True)
        service, now = self._service(account, found), self._clock.now()
        return HostingFacts(
            account=told,
            services=(service,),
            usage=_usage(found, now - DAILY),
            limits=(),
            redirects=(),
            sites=self._sites(account, (w for w in webs if w == domain), service.server),
            as_of=now,
            mail_local=_local(self._rows("v-list-mail-domains", account), domain),
        )

    def mailbox(self, account: str, address: str) -> Mailbox | None:
        local, _, domain = address.lower().rpartition("@")
        if not local or not DOMAIN.fullmatch(domain) or self._found(account) is None:
            return None
        mails = self._rows("v-list-mail-domains", account)
        if _local(mails, domain) is not True:
            return None
        boxes = self._rows("v-list-mail-accounts", account, domain)
        for name, told in boxes.items():
            box = row(told)
            if local == name or local in _listed(box.get("ALIAS")):
                return _mailbox(f"{local}@{domain}", box, self._clock.now())
        if row(mails[domain]).get("CATCHALL") != "":
            return None  # mail arrives, or that is not known
        return Mailbox(f"{local}@{domain}", MailboxState.ABSENT, self._clock.now())

    def ping(self) -> None:
        self._rows("v-list-sys-info")

    def _account(self, user: str, found: Row, webs: Row) -> Account:
        names = [*webs, *(a for w in webs.values() for a in _listed(row(w).get("ALIAS")))]
        names += self._rows("v-list-mail-domains", user)
        known = [n for n in dict.fromkeys(names) if DOMAIN.fullmatch(n)]
        own = tuple(n for n in known if not any(n != o and within(n, o) for o in known))
        person = word(found.get("NAME")) or f"{word(found.get('FNAME'))} {word(found.get('LNAME'))}"
        name, mail = person.strip() or user, word(found.get("CONTACT"))
        contacts = (PanelContact(mail, name, "owner"),) if "@" in mail else ()
        return Account(user, name, own, contacts)

    def _webs(self, user: str) -> Row:
        return self._rows("v-list-web-domains", user)

    def _sites(self, user: str, webs: Iterable[str], server: str) -> tuple[HostedSite, ...]:
        told = ((web, row(self._rows("v-list-web-domain", user, web).get(web))) for web in webs)
        return tuple(
            HostedSite(web, root, public((one.get("IP"), one.get("IP6"))), server, php=_php(one))
            for web, one in told
            if (root := word(one.get("DOCUMENT_ROOT")))
        )

    def _service(self, user: str, found: Row) -> Service:
        if not self._host:
            self._host = word(row(self._rows("v-list-sys-info").get("sysinfo")).get("HOSTNAME"))
        stopped = flag(found.get("SUSPENDED"))
        if stopped is None:
            raise PanelError("the panel does not say whether the account is suspended")
        state = ServiceState.SUSPENDED if stopped else ServiceState.ACTIVE
        return Service(user, ServiceKind.PROJECT, user, state, server=self._host)

    def _found(self, user: str) -> Row | None:
        if not USER.fullmatch(user) or not self._there("v-list-user", user):
            return None
        found = row(self._rows("v-list-user", user).get(user))
        if not found:
            raise PanelError("the panel's answer is not in a form we know")
        return found

    def _there(self, command: str, name: str) -> bool:
        """Whether a command finds its object. Only the exit code tells that from a failure."""
        code = self._ask(command, name, code=True).strip().decode("ascii", "replace")
        if code not in ("0", NOT_THERE):
            raise PanelError(f"the panel did not answer {command}")
        return code == "0"

    def _rows(self, command: str, *asked: str) -> Row:
        told = decoded(self._ask(command, *asked, "json"))
        if not isinstance(told, dict):
            raise PanelError("the panel's answer is not in a form we know")
        return told

    def _ask(self, command: str, *asked: str, code: bool = False) -> bytes:
        form = {**self._sign, "returncode": "yes" if code else "no", "cmd": command}
        form |= {f"arg{number}": value for number, value in enumerate(asked, 1)}
        return self._wire.post("/api/", form)


def _listed(value: object) -> tuple[str, ...]:
    """A comma-separated text."""
    return tuple(w.strip() for w in value.split(",") if w.strip()) if isinstance(value, str) else ()


def _php(one: Row) -> str:
    found = _PHP.fullmatch(word(one.get("BACKEND")))
    return f"{found[1]}.{found[2]}" if found else ""


def _usage(found: Row, as_of: datetime) -> tuple[Usage, ...]:
    """Its pages show 0 as unlimited too."""
    told: list[Usage] = []
    for resource, used, most in (
        (Resource.DISK, "U_DISK", "DISK_QUOTA"),
        (Resource.TRAFFIC, "U_BANDWIDTH", "BANDWIDTH"),
    ):
        known = amount(found.get(used, ABSENT), MIB)
        limit = bound(found.get(most, ABSENT), MIB, zero=True)
        told.extend(usage(resource, known, limit, as_of, HestiaPanel.name))
    return tuple(told)


def _local(mails: Row, domain: str) -> bool | None:
    """A domain with mail here is delivered here; of a suspended one nobody can tell."""
    if domain not in mails:
        return False
    return True if flag(row(mails[domain]).get("SUSPENDED")) is False else None


def _mailbox(address: str, box: Row, now: datetime) -> Mailbox | None:
    used = amount(box.get("U_DISK", ABSENT), MIB)
    most = bound(box.get("QUOTA", ABSENT), MIB, zero=True)
    known = used is not None and most is not None
    stopped, passed = flag(box.get("SUSPENDED")), _listed(box.get("FWD"))
    if stopped is None:
        return None
    state = MailboxState.SUSPENDED if stopped else MailboxState.ACTIVE
    if not stopped and passed and flag(box.get("FWD_ONLY")):
        state = MailboxState.FORWARD
    return Mailbox(
        address,
        state,
        now - DAILY,
        used=used if known else None,
        limit=most.limit if known and most else None,
        forwards=passed,
    )
