"""Each rule of the tree names a violation that is planted in a small tree, and nothing else."""

from __future__ import annotations

import ast

from tests.architecture_rules import (
    circles,
    crowded_folders,
    heavy_rooms,
    impure_imports,
    lazy_imports,
    order_violations,
    shared_names,
    third_party_violations,
    vague_names,
    vague_template_names,
)

ORDER = ("model", "store", "pages")
GOOD = {
    "shop/__init__.py": "",
    "shop/model.py": "import clock",
    "shop/store.py": "from shop.model import Basket",
    "shop/pages/__init__.py": "",
    "shop/pages/web.py": "from shop import model\nfrom shop.pages.forms import read\nimport shop.store",
    "shop/pages/forms.py": "from shop.model import Basket",
}


def tree(**planted):
    files = GOOD | {path.replace("__", "/") + ".py": text for path, text in planted.items()}
    return {path: ast.parse(text) for path, text in files.items()}


def test_a_good_tree_breaks_no_rule():
    assert list(order_violations(tree(), "shop", ORDER)) == []
    assert list(circles(tree(), "shop")) == []


def test_an_import_against_the_order_is_named():
    planted = tree(shop__store="import os\nfrom shop.pages.forms import read")
    assert list(order_violations(planted, "shop", ORDER)) == [
        "shop/store.py:2 imports shop.pages.forms.read: in shop/, pages stands above store"
    ]


def test_an_import_of_a_whole_unit_against_the_order_is_named():
    planted = tree(shop__model="from shop import pages")
    assert list(order_violations(planted, "shop", ORDER)) == [
        "shop/model.py:1 imports shop.pages: in shop/, pages stands above model"
    ]


def test_a_unit_without_a_place_and_a_place_without_a_unit_are_named():
    planted = tree(shop__api="")
    assert list(order_violations(planted, "shop", (*ORDER, "cli"))) == [
        "shop/api has no place in the order of shop/: put it above what it imports",
        "shop/cli has a place in the order of shop/ and does not exist",
    ]


def test_a_circle_of_units_is_named_with_its_imports():
    (line,) = circles(tree(shop__model="from shop.store import rows"), "shop")
    assert "model" in line
    assert "shop/model.py:1 imports shop.store.rows" in line
    assert "shop/store.py:1 imports shop.model.Basket" in line


def test_a_third_party_out_of_its_place_is_named():
    owners = {
        "flask": ("web/*", "*/web.py"),
        "dns": ("standards/*", "observe/*"),
        "dns.resolver": ("observe/*",),
    }
    planted = tree(
        clock="",
        shop__pages__web="from flask import request",
        shop__store="import flask",
        web__deep__site="import flask",
        standards__validation="import dns.name",
        standards__asking="import dns.resolver",
        observe__dns__client="from dns import resolver",
        lab__panel="import flask",
        shop__late="import importlib\ndef load():\n  return importlib.import_module('dns.resolver')",
        web__feed="import json, feedgen.feed",
    )
    assert list(third_party_violations(planted, owners, {"lab"})) == [
        "shop/store.py:1 imports flask, which belongs to web/*, */web.py",
        "standards/asking.py:1 imports dns.resolver, which belongs to observe/*",
        "shop/late.py:3 imports dns.resolver, which belongs to observe/*",
        "web/feed.py:1 imports feedgen.feed, which has no row in the table of owners",
    ]


def test_an_import_inside_a_function_is_named_unless_it_is_listed():
    late = "from importlib import import_module\ndef load():\n  return import_module('holidays')"
    planted = tree(shop__late=late, shop__store="def f():\n  import json")
    listed = {("shop/late.py", "holidays"): "why", ("shop/gone.py", "apprise"): "why"}
    assert list(lazy_imports(planted, listed)) == [
        "shop/store.py:2 imports json inside a function",
        "shop/gone.py does not load apprise late",
    ]


def test_what_judges_and_waits_is_named():
    planted = tree(
        shop__checks__price="import observe.dns\nimport re\nasync def price(): ...",
        shop__checks_seen="import asyncio",
    )
    assert list(impure_imports(planted, ("shop/checks",), ("observe", "asyncio"))) == [
        "shop/checks/price.py:1 imports observe.dns: judging takes values and returns values",
        "shop/checks/price.py:3 price is async: judging never waits",
    ]


def test_a_crowded_folder_is_named():
    sixteen = [f"shop/part{number}.py" for number in range(15)] + ["shop/pages/web.py"]
    assert list(crowded_folders([*sixteen, "shop/__init__.py"], (), 15)) == [
        "shop/ has 16 entries; more than 15 want a folder by subject"
    ]
    assert list(crowded_folders(sixteen[1:], (), 15)) == []
    assert list(crowded_folders(sixteen, ("shop/",), 15)) == []
    pages = [f"templates/shop/page{number}.html" for number in range(16)]
    assert list(crowded_folders(pages, (), 15)) == [
        "templates/shop/ has 16 entries; more than 15 want a folder by subject"
    ]
    articles = [f"kb/articles/topic{number}/en.md" for number in range(40)]
    assert list(crowded_folders([*articles, "kb/search.py"], ("kb/articles/",), 15)) == []


def test_a_room_above_its_share_is_named():
    lines = {
        "shop/a.py": 26,
        "a/a.py": 25,
        "b/b.py": 25,
        "c/c.py": 24,
        "app.py": 900,
        "lab/a.py": 900,
    }
    assert list(heavy_rooms(lines, {"lab"}, 0.25)) == ["shop/ has 26 of 100 lines, more than 25%"]


def test_a_name_that_says_nothing_is_named():
    planted = tree(
        shop__price="def price(told):\n    found = told\n    amount = found\n    return amount",
        shop__till="def told(): pass",
        shop__cart="FOUND = 1\nclass Cart:\n    def fill(self):\n        self._found = FOUND\n_TOLD = 2",
    )
    assert sorted(vague_names(planted, {"told", "found"})) == [
        "shop/cart.py:1 FOUND: say what it holds",
        "shop/cart.py:4 _found: say what it holds",
        "shop/cart.py:5 _TOLD: say what it holds",
        "shop/price.py:1 told: say what it holds",
        "shop/price.py:2 found: say what it holds",
        "shop/till.py:1 told: say what it holds",
    ]


def test_one_class_name_for_two_things_is_an_offence() -> None:
    planted = tree(
        bakery__model="class Order: pass\nclass _Order: pass\nPrice = int\nLIMIT = 1",
        shop__model="class Order: pass\nPrice = int\nLIMIT = 2",
        shop__prices="Price = float\nOrder = tuple\nLIMIT = 1\nLIMIT = 2",
    )
    assert list(shared_names(planted)) == [
        "shop/prices.py:4 LIMIT is given already in line 3",
        "shop/model.py:1 Order is another thing at bakery/model.py:1",
        "shop/prices.py:1 Price is another thing at bakery/model.py:3",
        "shop/prices.py:2 Order is another thing at bakery/model.py:1",
    ]


def test_a_name_in_a_template_that_says_nothing_is_an_offence() -> None:
    text = "{% macro told(one) %}{{ one.said }}{% endmacro %}\n{% set found = 1 %}{{ known }}"
    planted = {"shop/parts.html": text, "shop/list.html": "{% for order in told %}{% endfor %}"}
    assert list(vague_template_names(planted, {"told", "one", "found", "known", "said"})) == [
        "shop/parts.html:1 told: say what it holds",
        "shop/parts.html:1 one: say what it holds",
        "shop/parts.html:2 found: say what it holds",
    ]
