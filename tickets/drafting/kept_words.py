"""Labels of fields and buttons on the page of a form that was kept over signing in. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from render.i18n import N_, translate
from render.languages import NAMES
from render.message_format import sentence

WROTE = N_("What you wrote")
FIELDS: Mapping[str, str] = {
    "title": N_("Headline"),
    "message": N_("A few words to the customer"),
    "reason": N_("Why (for colleagues)"),
    "because": N_("Why (for colleagues)"),
}
IN_LANGUAGE = N_("{field} ({language})")
SEND = N_("Send it now")
BUTTONS: Mapping[str, str] = {
    "reply": N_("Send the answer"),
    "note": N_("Keep as internal note"),
    "publish": N_("Publish"),
    "draft": N_("Keep as a draft"),
    "preview": N_("Preview"),
}
PREVIEWED = frozenset({"publish", "draft"})  # of forms that can be looked at whole before


def field_label(name: str, lang: str) -> str:
    """What a field is called, with its language when its name holds one: `text-cs`."""
    field, _, code = name.partition("-")
    label = translate(lang, FIELDS.get(field, WROTE))
    if not code:
        return label
    return sentence(lang, IN_LANGUAGE, {"field": label, "language": NAMES.get(code, code)})


def buttons(fields: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """The values of `go` that the form may be sent with, and what each does (a msgid): the one
    that was pressed, and a look at the whole form with the rest that goes along."""
    pressed = dict(fields).get("go", "")
    chosen = (pressed, BUTTONS.get(pressed, SEND))
    return (chosen, ("preview", BUTTONS["preview"])) if pressed in PREVIEWED else (chosen,)
