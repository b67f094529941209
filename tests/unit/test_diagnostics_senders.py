"""Who sent an answer is read from what it carries, the program before the CDN before the server."""

from __future__ import annotations

from dataclasses import replace

import pytest

from explain.responders import Layer, Responder, identify_responder
from tests.checks_parts import hop

RAY = ("cf-ray", "8f0c-PRG")


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ((("x-redirect-by", "WordPress"), RAY), Responder(Layer.APPLICATION, "WordPress")),
        ((("x-powered-by", "PHP/8.2.7"),), Responder(Layer.APPLICATION, "PHP/8.2.7")),
        ((("x-powered-by", "PleskLin"), ("server", "nginx")), Responder(Layer.SERVER, "nginx")),
        ((("set-cookie", "laravel_session=1"),), Responder(Layer.APPLICATION, "Laravel")),
        ((RAY, ("server", "cloudflare")), Responder(Layer.CDN, "Cloudflare")),
        ((("server", "Apache/2.4 (Debian)"),), Responder(Layer.SERVER, "Apache/2.4")),
        ((("server", " "),), Responder(Layer.UNKNOWN)),
        ((), Responder(Layer.UNKNOWN)),
    ],
)
def test_headers_name_the_sender(headers, expected) -> None:
    assert (
        identify_responder(hop("https://cafe.example/", 301, to="/x", headers=headers)) == expected
    )


def test_the_words_of_a_redirect_page_name_the_server() -> None:
    moved = replace(hop("http://cafe.example/", 301), excerpt="<hr><center>nginx</center>")
    assert identify_responder(moved) == Responder(Layer.SERVER, "nginx")
