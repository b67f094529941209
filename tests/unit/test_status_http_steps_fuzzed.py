"""HTTP steps against whatever a server may answer: each look ends in a judgement and betrays nothing."""

from __future__ import annotations

import asyncio
import json

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.observe_servers import answer
from tests.unit.test_status_http_steps import OTHER, PASSWORD, TOKEN, look, recorded_text, serving

TEXTS = st.one_of(
    st.text(max_size=40),
    st.sampled_from([PASSWORD, TOKEN, f"a{PASSWORD}", '{"token": 1}', "\ufeff"]),
)
BODIES = st.one_of(
    st.binary(max_size=60),
    TEXTS.map(str.encode),
    st.recursive(
        st.one_of(TEXTS, st.integers(), st.none(), st.floats(allow_nan=False)),
        lambda inner: st.dictionaries(st.sampled_from(["token", "a", PASSWORD]), inner),
        max_leaves=4,
    ).map(lambda document: json.dumps({"token": document}).encode()),
)
LINES = st.lists(
    st.tuples(
        st.sampled_from(["Set-Cookie", "Location", "X-Token", "Content-Type", "Content-Encoding"]),
        st.one_of(
            TEXTS,
            st.sampled_from([f"sid={PASSWORD}", "/next", f"http://{OTHER}/", "gzip", "text/html"]),
        ),
    ),
    max_size=4,
)
ANSWERS = st.lists(
    st.tuples(st.sampled_from([200, 204, 302, 303, 308, 403, 500]), LINES, BODIES),
    min_size=1, max_size=4,
)  # fmt: skip


def raw_answer(status, lines, body):
    kept = [(k, "".join(c for c in v if c.isprintable())) for k, v in lines]
    head = "".join(f"{k}: {v}\r\n" for k, v in kept).encode("utf-8", "replace")
    length = f"Content-Length: {len(body)}\r\n\r\n".encode()
    return f"HTTP/1.1 {status} {PASSWORD}\r\n".encode() + head + length + body


@settings(max_examples=60, deadline=None)
@given(ANSWERS, st.sampled_from(["json token", "regex (.{5,})", "header X-Token", "cookie sid"]))
def test_whatever_a_server_answers_is_judged_and_betrays_nothing(answers, source):
    steps = [
        {"form": {"p": "{password}"}, "save": {"token": source}, "follow": True},
        {"url": "/{token}?t={token}", "headers": {"X-Token": "{token}"}, "json_body": ["{token}"]},
        {"url": "/", "contains": "{token}", "json": ["token"]},
    ]

    async def run():
        waiting = list(answers)
        pages = lambda *_: raw_answer(*(waiting.pop(0) if len(waiting) > 1 else waiting[0]))  # noqa: E731
        async with serving(pages, lambda *_: answer(f"caught {PASSWORD}")) as (net, _, other):
            return await look(net, steps, seconds=3.0), other.requests

    result, elsewhere = asyncio.run(run())
    assert "the probe itself" not in result.observation.signal.reason
    assert PASSWORD not in recorded_text(result)
    assert PASSWORD.encode() not in b"".join(body for *_, body in elsewhere)
    for _, _, headers, _ in elsewhere:
        assert not {"x-token", "authorization"} & set(headers)
