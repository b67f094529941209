"""What may stand as a probe's target, by kind: an address to fetch, a host with a port, a name. Pure.

Each check raises ValueError with a plain reason; what could never be looked at must not become an
outage of a customer.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from observe.network import NetworkError, endpoint, join_endpoint
from settings import values
from settings.near_names import did_you_mean
from standards.urls import BadUrl, parse_url

SCHEMES = ("http", "https")
_NO_ENDPOINT = "is no host with a port, such as"


def check_url(target: str) -> None:
    """An http or https address."""
    scheme, separator, rest = target.partition("://")
    if not separator:
        bare = target.lstrip("/")
        meant = f"https://{join_endpoint(bare, 0)[:-2]}" if _is_ipv6(bare) else f"https://{bare}"
        such = _if_accepted(meant, check_url, "https://www.example.com/")
        raise ValueError(f'target "{target}" needs http:// or https:// before it, such as {such}')
    if scheme.lower() not in SCHEMES:
        meant = did_you_mean(scheme, SCHEMES) or "."
        raise ValueError(f'target "{target}" begins with "{scheme}"{meant} Allowed: http, https')
    if _is_ipv6(address := re.split("[/?#]", rest, maxsplit=1)[0]):
        meant = f"{scheme}://[{address}]/"
        raise ValueError(f'target "{target}": an IPv6 address stands in brackets, such as {meant}')
    try:
        host = urlsplit(target).hostname
    except ValueError:
        host = None  # what cannot be read is told below
    if host:
        _host(target, host)
    try:
        parse_url(target)
    except BadUrl as error:
        raise ValueError(f'target "{target[:200]}": {error}') from error


def check_host_and_port(target: str) -> None:
    """A host with its port. Where an IPv6 address ends and its port begins, brackets tell."""
    host, port = _endpoint(target, 0)
    if not port:
        address, _, last = target.rpartition(":")
        meant = (address, int(last)) if last.isdecimal() and _is_ipv6(address) else (host, 443)
        raise ValueError(f'target "{target}" needs a port, such as {join_endpoint(*meant)}')


def check_host_or_port(target: str) -> None:
    """A host, with a port if it is not the usual one."""
    _endpoint(target, 1)


def check_host(target: str) -> None:
    """A host alone."""
    _host(target, target)


def check_name(target: str) -> None:
    """A name of the DNS; "." is the root, and "*" a first label that stands for all."""
    if target != ".":
        _host(target, target.removeprefix("*."))


def check_server(server: str) -> None:
    """A name server to ask: an IP address, with a port if it is not 53."""
    try:
        values.ip_address(endpoint(server, 53)[0])
    except NetworkError as error:
        raise ValueError(f"server {error}") from error
    except ValueError as error:
        raise ValueError(f"server {error}: a name server is asked by its address") from error


def _endpoint(target: str, port: int) -> tuple[str, int]:
    if "://" in target:
        raise ValueError(f'target "{target}" {_NO_ENDPOINT} www.example.com:443')
    if "::" in target and "[" not in target and not _is_ipv6(target):
        such = _if_accepted(target.replace("::", ":"), check_host_and_port, "www.example.com:443")
        raise ValueError(f'target "{target}" {_NO_ENDPOINT} {such}')
    try:
        host, port = endpoint(target, port)
    except NetworkError as error:
        raise ValueError(f"target {error}") from error
    _host(target, host)
    return host, port


def _is_ipv6(text: str) -> bool:
    try:
        return values.ip_address(text).count(":") > 1
    except ValueError:
        return False


def _if_accepted(meant: str, check: Callable[[str], None], otherwise: str) -> str:
    """What may have been meant, when it would be accepted; else an example."""
    try:
        check(meant)
    except ValueError:
        return otherwise
    return meant


def _host(target: str, host: str) -> None:
    try:
        values.host(host)
    except ValueError as error:
        where = "target" if host == target else f'target "{target}":'
        raise ValueError(f"{where} {error}") from error
