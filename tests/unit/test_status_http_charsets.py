"""HTTP probes read a page in its own charset, and JSON however it is encoded and long."""

from __future__ import annotations

import json

import pytest

from observe.network import Network
from standards.text import decode_page
from status.model import Grade
from status.probing.observe import run_probe
from tests.observe_servers import answer, http, tcp
from tests.status_fixtures import probe

CZECH = "Příliš žluťoučký kůň"
META = '<html><head><meta charset="windows-1250"><title>' + CZECH
EQUIV = "<meta http-equiv='Content-Type' content='text/html; charset=iso-8859-2'>" + CZECH
XML = "<?xml version='1.0' encoding=\"windows-1250\"?><a>" + CZECH
JSON_TEXT = json.dumps({"status": "ok", "name": CZECH}, ensure_ascii=False)


@pytest.mark.parametrize(
    ("raw", "content_type", "text"),
    [
        (META.encode("cp1250"), "text/html", META),
        (META.encode("cp1250"), "", META),
        (EQUIV.encode("iso8859-2"), "text/html", EQUIV),
        (XML.encode("cp1250"), "application/xml", XML),
        (META.encode(), "text/html; charset=utf-8", META),
        (b"\xef\xbb\xbf" + META.encode(), "text/html; charset=iso-8859-2", META),
        (
            META.replace("windows-1250", "utf-16").encode(),
            "",
            META.replace("windows-1250", "utf-16"),
        ),
        (f"<!-- {META} --> {CZECH}".encode(), "text/html", f"<!-- {META} --> {CZECH}"),
        (META.encode(), "application/json", META),
        (b"<meta charset=no-such-set>" + CZECH.encode(), "", f"<meta charset=no-such-set>{CZECH}"),
        (CZECH.encode("cp1250"), 'text/plain; charset="windows-1250"', CZECH),
        (JSON_TEXT.encode("utf-8-sig"), "application/json", JSON_TEXT),
        (JSON_TEXT.encode("utf-16"), "application/json", JSON_TEXT),
        (JSON_TEXT.encode("utf-16-le"), "application/json", JSON_TEXT),
        (JSON_TEXT.encode("utf-16-be"), "application/json", JSON_TEXT),
        (JSON_TEXT.encode("utf-16-be"), "application/json; charset=utf-16be", JSON_TEXT),
        (b"", "text/html", ""),
    ],
)
def test_pages_are_read_as_browsers_read_them(raw, content_type, text) -> None:
    assert decode_page(raw, content_type) == text


async def looked(raw: bytes, content_type: str, **settings):
    pages = http(lambda path, headers: answer(raw, content_type=content_type))
    async with tcp(pages) as port:
        net = Network(closed=True, hosts={"192.0.9.4:80": f"127.0.0.1:{port}"})
        web = probe("web1", target="http://192.0.9.4/", settings=settings)
        return (await run_probe(net, web, net.clock.now())).observation.signal


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("rows", [1, 9_000])
async def test_json_is_json(encoding, rows) -> None:
    body = json.dumps({"rows": [{"id": n} for n in range(rows)], "status": "ok"})
    conditions = ('status == "ok"', f"len(rows) == {rows}")
    signal = await looked(body.encode(encoding), "application/json", json=conditions)
    assert signal.grade is Grade.UP, signal


async def test_json_without_end_is_told_to_be_too_long() -> None:
    body = json.dumps({"pad": "x" * 2_100_000, "status": "ok"})
    signal = await looked(body.encode(), "application/json", json=("status",))
    assert (signal.grade, "longer than 2 MB" in signal.reason) == (Grade.DOWN, True)


async def test_words_are_found_in_a_charset_that_only_the_page_declares() -> None:
    body = META.encode("cp1250")
    assert (await looked(body, "text/html", contains="žluťoučký")).grade is Grade.UP
    assert (await looked(body, "text/html", lacks="žluťoučký")).grade is Grade.DOWN
