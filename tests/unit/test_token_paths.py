"""Every address that opens something by itself is in the one list that guards, headers and logs use."""

from __future__ import annotations

import pytest
from flask import Flask

from clock import ManualClock
from context import context
from settings import load
from web.logs.redaction import redacted
from web.logs.token_paths import PAGES, TOKEN_PATHS
from wiring.rooms import build


@pytest.mark.parametrize("path", TOKEN_PATHS)
def test_logs_hold_none_of_them(path):
    assert redacted(f"GET {path}Zm9vYmFyYmF6") == f"GET {path}…"


def test_every_route_with_a_token_is_listed(tmp_path):
    rooms = build(context(load(env={"JASNO_VAR": str(tmp_path)}, cwd=tmp_path), ManualClock()))
    app = Flask("routes")
    for room in rooms:
        for blueprint in room.blueprints():
            app.register_blueprint(blueprint)
    rules = [rule.rule for rule in app.url_map.iter_rules()]
    opened = {r.partition("<")[0] for r in rules if "<token" in r or ":token>" in r}
    assert opened <= set(TOKEN_PATHS)
    assert set(PAGES) <= opened
