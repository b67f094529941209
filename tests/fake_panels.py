"""Panels of other people on loopback: each answers its own API about Mara's account, and can fail."""

from __future__ import annotations

import json
import threading
from abc import ABC, abstractmethod
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, urlsplit

Reply = tuple[int, object]
TOKEN = "panel-token"


class Fake(ABC):
    """What all of them share: `say` replaces every answer, `hold` keeps askers waiting."""

    user = "root"
    token = TOKEN

    def __init__(self) -> None:
        self.say: tuple[int, bytes] | None = None
        self.hold: threading.Event | None = None
        self.requests: list[str] = []

    @abstractmethod
    def signed(self, headers: dict[str, str], parameters: dict[str, str]) -> bool:
        """Whether the right token came along."""

    @abstractmethod
    def own_reply(self, path: str, parameters: dict[str, str]) -> Reply:
        """The panel's own answer."""

    def reply(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
        self.requests.append(path)
        if self.hold is not None:
            self.hold.wait(30)
        if self.say is not None:
            return self.say
        parts = urlsplit(path)
        form = [] if body.startswith(b"{") else parse_qsl(body.decode())
        parameters = dict(parse_qsl(parts.query) + form)
        if body.startswith(b"{"):
            parameters["json"] = body.decode()
        if not self.signed(headers, parameters):
            return 403, b'{"error": "Access denied: secret"}'
        status, content = self.own_reply(parts.path, parameters)
        return status, content.encode() if isinstance(content, Plain) else json.dumps(
            content
        ).encode()


@contextmanager
def serving(fake: Fake) -> Iterator[str]:
    """A fake panel's address while it runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, body = fake.reply(self.path, headers, self.rfile.read(length))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815 - http.server's own name

        def log_message(self, *args: object) -> None:
            pass

        def handle_one_request(self) -> None:
            try:
                super().handle_one_request()
            except OSError:  # whoever asked has gone
                self.close_connection = True

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        if fake.hold is not None:
            fake.hold.set()
        server.shutdown()
        thread.join()
        server.server_close()


class Whm(Fake):
    """WHM API 1 with UAPI inside, in the shapes of api.docs.cpanel.net."""

    def __init__(self) -> None:
        super().__init__()
        self.acct = {
            "user": "mara", "domain": "shop.example", "email": "mara@shop.example, vera@shop.example",
            "suspended": 0, "suspendreason": "not suspended", "disklimit": "1024M",
        }  # fmt: skip
        at = {"user": "mara", "ipv4": "31.0.0.1", "ipv6": None, "php_version": "ea-php83"}
        root = "/home/mara/public_html"
        self.domains: list[dict[str, object]] = [
            {**at, "domain": "shop.example", "domain_type": "main", "docroot": root},
            {**at, "domain": "blog.example", "domain_type": "addon", "docroot": root + "/blog"},
            {**at, "domain": "blog.shop.example", "domain_type": "sub", "docroot": root + "/blog"},
            {**at, "user": "zed", "domain": "zed.example", "domain_type": "main", "docroot": "/z"},
        ]
        self.uapi: dict[str, object] = {
            "get_quota_info": {
                "megabytes_used": "5.50", "megabyte_limit": "10.00", "inodes_used": 1035,
                "inode_limit": 0, "under_megabyte_limit": 1, "under_inode_limit": 0,
                "under_quota_overall": 1,
            },
            "get_usages": [
                {"id": "disk_usage", "usage": 1, "maximum": 2, "formatter": "format_bytes", "error": None},
                {"id": "bandwidth", "usage": 7, "maximum": None, "formatter": "format_bytes", "error": None},
                {"id": "cachedmysqldiskusage", "usage": 40, "maximum": None, "formatter": "format_bytes", "error": None},
                {"id": "cachedpostgresdiskusage", "usage": 2, "maximum": None, "formatter": "format_bytes", "error": None},
                {"id": "mysql_databases", "usage": 1, "maximum": 15, "formatter": None, "error": None},
            ],
            "list_redirects": [
                {"domain": "shop.example", "sourceurl": "/", "targeturl": "https://www.shop.example/",
                 "statuscode": "301", "type": "permanent", "kind": "rewrite"},
                {"domain": ".*", "sourceurl": "/old", "targeturl": "https://shop.example/new",
                 "statuscode": "302", "type": "temporary", "kind": "redirect"},
                {"domain": "shop.example", "sourceurl": "^/(.*)$", "targeturl": "https://x.example/$1",
                 "statuscode": "301", "type": "permanent", "kind": "redirectmatch"},
                {"domain": "blog.example", "sourceurl": "/", "targeturl": "https://b.example/",
                 "statuscode": "301", "type": "permanent", "kind": "rewrite"},
            ],
            "list_mxs": [{"domain": "shop.example", "mxcheck": "local", "detected": "remote",
                          "local": 1, "remote": 0, "secondary": 0, "alwaysaccept": 1}],
            "list_pops_with_disk": [
                {"email": "mara@shop.example", "_diskused": "900", "_diskquota": 1000, "diskused": "0",
                 "diskquota": "0.01", "suspended_login": 0, "suspended_incoming": 0},
                {"email": "vera@shop.example", "_diskused": 900, "_diskquota": 0, "txtdiskquota": "unlimited",
                 "suspended_login": 1, "suspended_incoming": 0},
            ],
            "list_forwarders": [{"dest": "info@shop.example", "forward": "mara@shop.example"},
                                {"dest": "bot@shop.example", "forward": "|/usr/bin/bot"}],
            "list_lists": [{"list": "news@shop.example"}],
            "list_default_address": [
                {"domain": "shop.example", "defaultaddress": '":fail: No Such User Here"'}],
        }  # fmt: skip
        self.hostname = "web12.skyhost.example"

    def signed(self, headers: dict[str, str], parameters: dict[str, str]) -> bool:
        return headers.get("authorization") == f"whm {self.user}:{self.token}"

    def own_reply(self, path: str, parameters: dict[str, str]) -> Reply:
        function = path.removeprefix("/json-api/")
        match function:
            case "version":
                data: object = {"version": "11.138.0.6"}
            case "gethostname":
                data = {"hostname": self.hostname}
            case "listaccts":
                data = {
                    "acct": [self.acct] if parameters.get("search") == self.acct["user"] else []
                }
            case "get_domain_info":
                field, value = (
                    parameters.get("api.filter.a.field"),
                    parameters.get("api.filter.a.arg0"),
                )
                data = {"domains": [d for d in self.domains if d.get(field or "") == value]}
            case "uapi_cpanel" if parameters.get("cpanel.user") == self.acct["user"]:
                data = {"uapi": self.called(parameters)}
            case _:
                return 200, {"metadata": {"result": 0, "reason": "secret", "version": 1}}
        meta = {"command": function, "reason": "OK", "result": 1, "version": 1}
        return 200, {"data": data, "metadata": meta}

    def called(self, parameters: dict[str, str]) -> object:
        reply = self.uapi.get(parameters["cpanel.function"])
        if reply is None:
            return {"data": None, "errors": ["This is switched off."], "status": 0}
        return {"data": reply, "errors": None, "messages": None, "metadata": {}, "status": 1}


def basic(user: str, token: str) -> str:
    """The header of a signed request."""
    return "Basic " + b64encode(f"{user}:{token}".encode()).decode()


class DirectAdmin(Fake):
    """The legacy API with json=yes: texts everywhere, errors with status 200."""

    user = "admin"

    def __init__(self) -> None:
        super().__init__()
        self.config: dict[str, object] = {
            "username": "mara", "name": "Mara", "email": "mara@shop.example", "domain": "shop.example",
            "suspended": "no", "quota": "10", "inode": "unlimited", "bandwidth": "unlimited",
            "usertype": "user", "ip": "31.0.0.1",
        }  # fmt: skip
        self.usage: dict[str, object] = {
            "quota": "5.5", "inode": "1035", "bandwidth": "7.25", "db_quota": "40", "mysql": "1",
        }  # fmt: skip
        self.owners = {"shop.example": "mara", "blog.example": "mara", "zed.example": "zed"}
        self.users: object = {"list": ["mara", "zed"]}

    def signed(self, headers: dict[str, str], parameters: dict[str, str]) -> bool:
        return headers.get("authorization") == basic(self.user, self.token)

    def own_reply(self, path: str, parameters: dict[str, str]) -> Reply:
        mara = parameters.get("user") == "mara" and parameters.get("json") == "yes"
        line = "7:unlimited:5.5:0:0:no:10:ON:OFF:ON"
        replies: dict[str, object] = {
            "/CMD_API_SHOW_ALL_USERS": self.users,
            "/CMD_API_DOMAIN_OWNERS": {
                d: u for d, u in self.owners.items() if d == parameters.get("domain")
            },
        }
        if mara:
            replies |= {
                "/CMD_API_SHOW_USER_CONFIG": self.config,
                "/CMD_API_SHOW_USER_USAGE": self.usage,
                "/CMD_API_SHOW_USER_DOMAINS": {
                    d: line for d, u in self.owners.items() if u == "mara"
                },
            }
        refused = {"error": "1", "text": "Cannot Execute Your Command", "details": "secret"}
        return 200, replies.get(path, refused)


class Hestia(Fake):
    """The API of HestiaCP: a command, its arguments, and an exit code."""

    user = "ACCESSKEY"

    def __init__(self) -> None:
        super().__init__()
        self.mara: dict[str, object] = {
            "NAME": "Mara Nov", "CONTACT": "mara@shop.example", "DISK_QUOTA": "10", "U_DISK": "5",
            "BANDWIDTH": "unlimited", "U_BANDWIDTH": "7", "SUSPENDED": "no", "SUSPENDED_WEB": "0",
        }  # fmt: skip
        web = {"IP": "10.0.0.5", "IP6": "", "SUSPENDED": "no", "BACKEND": "PHP-8_3"}
        self.webs: dict[str, dict[str, object]] = {
            "shop.example": {**web, "ALIAS": "www.shop.example,brand.example"},
            "news.shop.example": {**web, "ALIAS": ""},
            "blog.example": {**web, "ALIAS": ""},
        }
        self.mails: dict[str, dict[str, object]] = {
            "shop.example": {"CATCHALL": "", "SUSPENDED": "no", "DKIM": "yes"}
        }
        box = {
            "ALIAS": "",
            "FWD": "",
            "FWD_ONLY": "",
            "QUOTA": "unlimited",
            "U_DISK": "3",
            "SUSPENDED": "no",
        }
        self.boxes: dict[str, dict[str, object]] = {
            "mara": {**box, "ALIAS": "info,office", "QUOTA": "100"},
            "vera": {**box, "SUSPENDED": "yes"},
            "to": {**box, "FWD": "mara@else.example", "FWD_ONLY": "yes"},
        }

    def signed(self, headers: dict[str, str], parameters: dict[str, str]) -> bool:
        return (parameters.get("access_key"), parameters.get("secret_key")) == (
            self.user,
            self.token,
        )

    def own_reply(self, path: str, parameters: dict[str, str]) -> Reply:
        args = [parameters[f"arg{n}"] for n in range(1, 9) if f"arg{n}" in parameters]
        code, reply = self.run(parameters["cmd"], *(a for a in args if a != "json"))
        if path != "/api/" or parameters.get("returncode") == "yes":
            return 200, code
        return (400, "Error: secret") if code else (200, reply)

    def run(self, command: str, *args: str) -> tuple[int, object]:
        """The exit code and the output of a command; 3 is "not there"."""
        names = {*self.webs, *self.mails}
        web = args[-1] if args else ""
        replies: dict[tuple[str, ...], object] = {
            ("v-list-sys-info",): {"sysinfo": {"HOSTNAME": "web12.skyhost.example"}},
            ("v-list-user", "mara"): {"mara": self.mara},
            ("v-list-web-domains", "mara"): self.webs,
            ("v-list-mail-domains", "mara"): self.mails,
            **{("v-search-domain-owner", name): Plain("mara\n") for name in names},
            **{("v-list-mail-accounts", "mara", name): self.boxes for name in self.mails},
        }
        if (command, *args[:-1]) == ("v-list-web-domain", "mara") and web in self.webs:
            root = f"/home/mara/web/{web}/public_html"
            return 0, {web: {**self.webs[web], "DOCUMENT_ROOT": root}}
        reply = replies.get((command, *args))
        return (3, None) if reply is None else (0, reply)


class Plain(str):
    """An answer that is text, not JSON."""

    __slots__ = ()


class Froxlor(Fake):
    """The API of Froxlor 2: a command with parameters in JSON, KiB, and -1."""

    user = "APIKEY"

    def __init__(self) -> None:
        super().__init__()
        self.mara: dict[str, object] = {
            "customerid": "7", "loginname": "mara", "firstname": "Mara", "name": "Nov", "company": "",
            "email": "mara@shop.example", "deactivated": "0", "standardsubdomain": "90",
            "diskspace": "10240", "diskspace_used": 5632, "traffic": "-1", "traffic_used": "7",
            "password": "secret",
        }  # fmt: skip
        own = {"customerid": "7", "loginname": "mara", "aliasdomain": None, "isemaildomain": "1"}
        self.domains: list[dict[str, object]] = [
            {**own, "id": "1", "domain": "shop.example", "documentroot": "/var/customers/webs/mara/shop/"},
            {**own, "id": "2", "domain": "blog.example", "documentroot": "https://shop.example/blog"},
            {**own, "id": "90", "domain": "mara.skyhost.example", "documentroot": "/x/"},
            {**own, "id": "3", "customerid": "8", "loginname": "zed", "domain": "zed.example",
             "documentroot": "/z/"},
        ]  # fmt: skip

    def signed(self, headers: dict[str, str], parameters: dict[str, str]) -> bool:
        return headers.get("authorization") == basic(self.user, self.token)

    def own_reply(self, path: str, parameters: dict[str, str]) -> Reply:
        document = json.loads(parameters.get("json", "{}"))
        listed = {"Customers.listing": [self.mara], "Domains.listing": self.domains}
        if path != "/api.php" or document.get("command") not in {*listed, "Customers.listingCount"}:
            return 400, {"message": "secret"}
        if document["command"] == "Customers.listingCount":
            return 200, {"data": 1}
        ((field, how),) = document["params"]["sql_search"].items()
        _, _, name = field.rpartition(".")
        hits = [
            r for r in listed[document["command"]] if how["op"] == "=" and r[name] == how["value"]
        ]
        return 200, {"data": {"count": len(hits), "list": hits}}


FAKES: dict[str, type[Fake]] = {
    "cpanel": Whm,
    "directadmin": DirectAdmin,
    "hestia": Hestia,
    "froxlor": Froxlor,
}
