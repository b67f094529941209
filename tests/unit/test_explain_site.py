"""Pasted errors of browsers, web servers, FTP and databases."""

from __future__ import annotations

import pytest

from explain import explain


@pytest.mark.parametrize(
    ("text", "kind", "reason"),
    [
        ("400 Bad Request: The plain HTTP request was sent to HTTPS port", "http", "http_on_https"),
        ("401 Unauthorized", "http", "sign_in_required"),
        ("403 Forbidden nginx", "http", "forbidden"),
        ("HTTP/1.1 404 Not Found", "http", "not_found"),
        ("429 Too Many Requests", "http", "too_many_requests"),
        ("413 Request Entity Too Large", "http", "too_large"),
        ("Na webu se ukazuje chyba 500", "http", "application_error"),
        ("PHP Fatal error: Uncaught Error: Call to undefined function foo()", "http", "application_error"),
        ("Allowed memory size of 134217728 bytes exhausted (tried to allocate 20480 bytes)", "http", "memory_exhausted"),
        ("Maximum execution time of 30 seconds exceeded", "http", "too_slow"),
        ("502 Bad Gateway", "http", "backend_down"),
        ("Briefly unavailable for scheduled maintenance. Check back in a minute.", "http", "unavailable"),
        ("504 Gateway Time-out", "http", "too_slow"),
        ("508 Resource Limit Is Reached", "http", "limit_reached"),
        ("509 Bandwidth Limit Exceeded", "http", "traffic_exceeded"),
        ("file_put_contents(): Disk quota exceeded", "http", "disk_full"),
        ("Error 521: Web server is down. Cloudflare", "http", "cdn_origin"),
        ("Error 1020 Access denied. Cloudflare Ray ID: 7a", "http", "cdn_setting"),
        ("Error 1016 Origin DNS error", "http", "cdn_origin"),
        ("This Account has been suspended.", "http", "suspended"),
        ("Apache2 Debian Default Page: It works!", "http", "default_page"),
        ("Index of /", "http", "default_page"),
        ("ERR_TOO_MANY_REDIRECTS", "browser", "redirect_loop"),
        ("ERR_CERT_COMMON_NAME_INVALID", "browser", "certificate_name"),
        ("NET::ERR_CERT_DATE_INVALID", "browser", "certificate_date"),
        ("SEC_ERROR_UNKNOWN_ISSUER", "browser", "certificate_untrusted"),
        ("SSL_ERROR_RX_RECORD_TOO_LONG", "browser", "tls_handshake"),
        ("DNS_PROBE_FINISHED_NXDOMAIN", "browser", "name_not_found"),
        ("ERR_CONNECTION_REFUSED", "browser", "no_connection"),
        ("Server nebyl nalezen. Firefox nemůže najít server na adrese www.cafe.example", "browser", "name_not_found"),
        ("curl: (60) SSL certificate problem: certificate has expired", "tls", "certificate_date"),
        (";; ->>HEADER<<- opcode: QUERY, status: SERVFAIL, id: 1", "dns", "dns_failing"),
        ("530 Login incorrect.", "ftp", "ftp_sign_in"),
        ("Failed to retrieve directory listing", "ftp", "ftp_connection"),
        ("550 /web/index.php: Permission denied", "ftp", "ftp_rights"),
        ("Error establishing a database connection", "database", "database_down"),
        ("Chyba při navazování spojení s databází", "database", "database_down"),
        ("SQLSTATE[HY000] [1045] Access denied for user 'web'@'localhost'", "database", "database_access"),
        ("SQLSTATE[08004] [1040] Too many connections", "database", "database_busy"),
        ("Table 'shop.wp_options' doesn't exist", "database", "database_broken"),
    ],
)  # fmt: skip
def test_errors_by_family(text, kind, reason) -> None:
    (item,) = explain(text)
    assert (item.kind.value, item.reason) == (kind, reason)
    assert item.articles


def test_an_error_quoted_in_a_letter_is_still_explained() -> None:
    (item,) = explain("Dobrý den, na webu mám ERR_CERT_DATE_INVALID, prosím o pomoc. Jan")
    assert item.reason == "certificate_date"


@pytest.mark.parametrize(
    "text", ["shop.example", "https://shop.example/a?b=500", "room 404 please"]
)
def test_names_and_numbers_alone_are_no_errors(text) -> None:
    (item,) = explain(text)
    assert item.kind.value == "unclear"
