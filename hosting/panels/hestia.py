"""HestiaCP: its API with an access key, commands that list and nothing else.

An account is a user. Figures are texts in megabytes, counted nightly. Its own source is the source:
web/api/index.php and bin/v-list-*.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime

from hosting.model import (
    Account,
    HostedService,
    HostedSite,
    HostingFacts,
    Mailbox,
    MailboxState,
    PanelContact,
    Resource,
    ServiceKind,
    ServiceState,
    Usage,
)
from hosting.panel import PanelAccess, PanelError
from hosting.panels.json_client import decoded
from hosting.panels.panel_values import (
    ABSENT,
    DAILY,
    DOMAIN,
    MIB,
    USER,
    PanelRow,
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
EXIT_NOT_FOUND = "3"  # E_NOTEXIST


class HestiaPanel(VendorPanel):
    """One HestiaCP server. Safe to use from several threads."""

    name = "hestia"

    _host = ""  # remembered once the panel has told it

    def _auth_headers(self, access: PanelAccess) -> Mapping[str, str]:
        if not _KEY.fullmatch(access.user):
            raise ValueError("user: the ID of the access key whose secret the token is")
        self._credentials = {"access_key": access.user, "secret_key": access.token}
        return {}

    def account(self, id: str) -> Account | None:
        user_row = self._find_user(id)
        return None if user_row is None else self._account(id, user_row, self._webs(id))

    def _owner_of(self, domain: str) -> str:
        """By the name of a web, mail or DNS domain; aliases are not searched by Hestia."""
        if not self._exists("v-search-domain-owner", domain):
            return ""
        owner = self._ask("v-search-domain-owner", domain).decode("ascii", "replace").strip()
        if not USER.fullmatch(owner):
            raise PanelError("the panel's answer is not in a form we know")
        return owner

    def services(self, account: str) -> tuple[HostedService, ...]:
        return (self._service(account, self._require_user(account)),)

    def facts(self, account: str, domain: str) -> HostingFacts:
        user_row, webs = self._require_user(account), self._webs(account)
        panel_account = self._account(account, user_row, webs)
        if domain not in panel_account.domains:
            raise PanelError("the account does not have this domain", permanent=True)
        service, now = self._service(account, user_row), self._clock.now()
        return HostingFacts(
            account=panel_account,
            services=(service,),
            usage=_usage(user_row, now - DAILY),
            limits=(),
            redirects=(),
            sites=self._sites(account, webs, domain, service.server),
            as_of=now,
            mail_local=_mail_local(self._rows("v-list-mail-domains", account), domain),
        )

    def mailbox(self, account: str, address: str) -> Mailbox | None:
        local, _, domain = address.lower().rpartition("@")
        if not local or not DOMAIN.fullmatch(domain) or self._find_user(account) is None:
            return None
        mails = self._rows("v-list-mail-domains", account)
        if _mail_local(mails, domain) is not True:
            return None
        boxes = self._rows("v-list-mail-accounts", account, domain)
        for name, mailbox_row in boxes.items():
            box = row(mailbox_row)
            if local == name or local in _comma_list(box.get("ALIAS")):
                return _mailbox(f"{local}@{domain}", box, self._clock.now())
        if row(mails[domain]).get("CATCHALL") != "":
            return None  # mail arrives, or that is not known
        return Mailbox(f"{local}@{domain}", MailboxState.ABSENT, self._clock.now())

    def ping(self) -> None:
        self._rows("v-list-sys-info")

    def _account(self, user: str, user_row: PanelRow, webs: PanelRow) -> Account:
        names = [*webs, *(a for w in webs.values() for a in _comma_list(row(w).get("ALIAS")))]
        names += self._rows("v-list-mail-domains", user)
        domains = [n for n in dict.fromkeys(names) if DOMAIN.fullmatch(n)]
        own = tuple(n for n in domains if not any(n != o and within(n, o) for o in domains))
        person = (
            word(user_row.get("NAME"))
            or f"{word(user_row.get('FNAME'))} {word(user_row.get('LNAME'))}"
        )
        name, mail = person.strip() or user, word(user_row.get("CONTACT"))
        contacts = (PanelContact(mail, name, "owner"),) if "@" in mail else ()
        return Account(user, name, own, contacts)

    def _webs(self, user: str) -> PanelRow:
        return self._rows("v-list-web-domains", user)

    def _sites(self, user: str, webs: PanelRow, domain: str, server: str) -> tuple[HostedSite, ...]:
        """The site of a domain: the web of its name, else the one that has it as an alias."""
        webs_of_it = [w for w in webs if w == domain] or [
            web for web, listed in webs.items() if domain in _comma_list(row(listed).get("ALIAS"))
        ]
        web_rows = (row(self._rows("v-list-web-domain", user, w).get(w)) for w in webs_of_it)
        return tuple(
            HostedSite(
                domain,
                root,
                public((web_row.get("IP"), web_row.get("IP6"))),
                server,
                php=_php(web_row),
            )
            for web_row in web_rows
            if (root := word(web_row.get("DOCUMENT_ROOT")))
        )

    def _service(self, user: str, user_row: PanelRow) -> HostedService:
        if not self._host:
            self._host = word(row(self._rows("v-list-sys-info").get("sysinfo")).get("HOSTNAME"))
        stopped = flag(user_row.get("SUSPENDED"))
        if stopped is None:
            raise PanelError("the panel does not say whether the account is suspended")
        state = ServiceState.SUSPENDED if stopped else ServiceState.ACTIVE
        return HostedService(user, ServiceKind.PROJECT, user, state, server=self._host)

    def _find_user(self, user: str) -> PanelRow | None:
        if not USER.fullmatch(user) or not self._exists("v-list-user", user):
            return None
        user_row = row(self._rows("v-list-user", user).get(user))
        if not user_row:
            raise PanelError("the panel's answer is not in a form we know")
        return user_row

    def _exists(self, command: str, name: str) -> bool:
        """Whether a command finds its object. Only the exit code tells that from a failure."""
        code = self._ask(command, name, code=True).strip().decode("ascii", "replace")
        if code not in ("0", EXIT_NOT_FOUND):
            raise PanelError(f"the panel did not answer {command}")
        return code == "0"

    def _rows(self, command: str, *arguments: str) -> PanelRow:
        response = decoded(self._ask(command, *arguments, "json"))
        if not isinstance(response, dict):
            raise PanelError("the panel's answer is not in a form we know")
        return response

    def _ask(self, command: str, *arguments: str, code: bool = False) -> bytes:
        form = {**self._credentials, "returncode": "yes" if code else "no", "cmd": command}
        form |= {f"arg{number}": value for number, value in enumerate(arguments, 1)}
        return self._client.post("/api/", form)


def _comma_list(value: object) -> tuple[str, ...]:
    """A comma-separated text."""
    return tuple(w.strip() for w in value.split(",") if w.strip()) if isinstance(value, str) else ()


def _php(web_row: PanelRow) -> str:
    version = _PHP.fullmatch(word(web_row.get("BACKEND")))
    return f"{version[1]}.{version[2]}" if version else ""


def _usage(user_row: PanelRow, as_of: datetime) -> tuple[Usage, ...]:
    """Its pages show 0 as unlimited too."""
    usages: list[Usage] = []
    for resource, used, most in (
        (Resource.DISK, "U_DISK", "DISK_QUOTA"),
        (Resource.TRAFFIC, "U_BANDWIDTH", "BANDWIDTH"),
    ):
        used_amount = amount(user_row.get(used, ABSENT), MIB)
        limit = bound(user_row.get(most, ABSENT), MIB, zero=True)
        usages.extend(usage(resource, used_amount, limit, as_of, HestiaPanel.name))
    return tuple(usages)


def _mail_local(mails: PanelRow, domain: str) -> bool | None:
    """A domain with mail here is delivered here; of a suspended one nobody can tell."""
    if domain not in mails:
        return False
    return True if flag(row(mails[domain]).get("SUSPENDED")) is False else None


def _mailbox(address: str, box: PanelRow, now: datetime) -> Mailbox | None:
    used = amount(box.get("U_DISK", ABSENT), MIB)
    most = bound(box.get("QUOTA", ABSENT), MIB, zero=True)
    has_figures = used is not None and most is not None
    stopped, passed = flag(box.get("SUSPENDED")), _comma_list(box.get("FWD"))
    if stopped is None:
        return None
    state = MailboxState.SUSPENDED if stopped else MailboxState.ACTIVE
    if not stopped and passed and flag(box.get("FWD_ONLY")):
        state = MailboxState.FORWARD
    return Mailbox(
        address,
        state,
        now - DAILY,
        used=used if has_figures else None,
        limit=most.limit if has_figures and most else None,
        forwards=passed,
    )
