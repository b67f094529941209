"""Translators learn of every text where it stands: by its place, or by a comment made from what is around it."""

from __future__ import annotations

import ast

import pytest

from render.i18n import P_, translate
from render.message_fields import comments_of
from render.templates import environment
from translations import extract
from translations.python_comments import classes, python_comments
from translations.template_comments import macros, template_comments

PARTS = """{# The parts. #}
{% macro field(name, label, hint="") %}{% endmacro %}
{% macro empty(title, text="") %}{% endmacro %}
"""
PAGE = """{# A customer's tickets. Import "with context". #}
{% import "parts.html" as ui with context %}
{% block title %}{{ _("Tickets") }} – {{ site.name }}{% endblock %}
<h1 title="{{ _("Pointed") }}">{{ _("Yours") }} <em>{{ ngettext("{n} open", "{n} open", n) }}</em></h1>
<p>{{ _("A line") }}<br>{{ x }} {{ _("more") }}</p><img alt="{{ _("A picture") }}">
<table><tr><th scope="col">{% if x %}{{ _("Since") }}{% endif %}</th><td>{{ _(words[x]) }}</td></tr></table>
{{ ui.field("q", _("Question"), hint=_("One word")) }}
{{ ui.empty(_("None"), _("Begin one")) }}
<button>{{ pgettext("tickets.find/button", "Find") }}</button>
{{ _("Alone") }}
"""
MODULE = '''"""What becomes of tickets. Pure."""
class Reason:
    """Why."""
    id: str
    title: str
    advice: str = ""
STATES = {State.OPEN: N_("Open"), "late": N_("Late")}
LINE = N_("A line: {x}")
REASONS = (Reason("a", N_("First"), advice=N_("Do it")),)
def letter(x):
    """What a customer hears. Once."""
    return f(N_("Hello"), (N_("Bye"), x))
def _short(x):
    return P_("ticket.new/state", "New") if x else N_(x)
'''


def test_each_text_has_a_place_or_says_where_it_stands():
    silent = [
        message.id
        for message in extract.collect()
        if message.id
        and not message.context
        and set(message.auto_comments) <= {*comments_of(message.id)}
    ]
    assert silent == []


def test_a_template_tells_its_page_and_as_what_a_text_is_read():
    comments = dict(template_comments(PAGE, macros(PAGE, {"parts.html": PARTS})))
    page = "On: A customer's tickets."
    assert comments == {
        ("", "Tickets"): f"The title of the page. {page}",
        ("", "Pointed"): f"What is shown when it is pointed at. {page}",
        ("", "Yours"): f"The heading of the page. {page}",
        ("", "{n} open"): f"The heading of the page. {page}",
        ("", "A line"): f"A sentence. {page}",
        ("", "more"): f"A sentence. {page}",
        ("", "A picture"): f"What a picture shows. {page}",
        ("", "Since"): f"The heading of a column or a row of a table. {page}",
        ("", "Question"): f"The label of a field. {page}",
        ("", "One word"): f"A hint below a field. {page}",
        ("", "None"): f"A heading where there is nothing to show. {page}",
        ("", "Begin one"): f"A sentence where there is nothing to show. {page}",
        ("tickets.find/button", "Find"): f"A button. {page}",
        ("", "Alone"): page,
    }


def test_a_module_tells_what_it_is_about_and_as_what_a_text_is_told():
    module = ast.parse(MODULE)
    comments = dict(python_comments(module, classes([module])))
    about = "In: What becomes of tickets."
    assert comments == {
        ("", "Open"): f"For State.OPEN, in STATES. {about}",
        ("", "Late"): f"For late, in STATES. {about}",
        ("", "A line: {x}"): f"In LINE. {about}",
        ("", "First"): f"The title of Reason, in REASONS. {about}",
        ("", "Do it"): f"The advice of Reason, in REASONS. {about}",
        ("", "Hello"): f"Told by letter (What a customer hears). {about}",
        ("", "Bye"): f"Told by letter (What a customer hears). {about}",
        ("ticket.new/state", "New"): f"Told by _short. {about}",
    }


@pytest.mark.parametrize(
    "path", sorted((extract.ROOT / "templates").rglob("*.html")), ids=lambda p: p.name
)
def test_each_template_begins_with_what_it_is(path):
    assert path.read_text("utf-8").startswith("{# ")


def test_one_english_text_may_be_two_in_another_language():
    page = environment().from_string(
        '{{ pgettext("sign_in/title", "Sign in") }}, {{ _("Sign in") }}'
    )
    assert page.render(lang="cs") == "Přihlášení, Přihlásit se"
    assert page.render(lang="en") == "Sign in, Sign in"
    assert translate("cs", P_("nowhere/else", "Sign in")) == "Přihlásit se"  # as anywhere
