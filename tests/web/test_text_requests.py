"""What XML forbids is left out of every field of every form, whoever sends it."""

from __future__ import annotations

from flask import Flask, request

from web.security import TextRequest

app = Flask("texts")
app.request_class = TextRequest


@app.post("/")
def echo():
    return {name: request.form.getlist(name) for name in request.form}


def test_forms_lose_what_no_feed_can_carry():
    form = {"note": ["a\x1b[31m\ufffe b\n\t", "two\x0b"], "password": "p\x1bw", "nul": "a\0\x01"}
    for content in ("application/x-www-form-urlencoded", "multipart/form-data"):
        answer = app.test_client().post("/", data=form, content_type=content)
        assert answer.json == {
            "note": ["a[31m b\n\t", "two"],
            "password": ["p\x1bw"],
            "nul": ["a"],
        }
