"""Fields of a submitted form: text, numbers and addresses, with the error shown at each that is not accepted.

Pure. Nothing is cut or put right in silence: `errors` names each field that needs another look, and
the form shows what was typed again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from accounts import text_input
from render.i18n import N_, FilledText
from render.message_format import Argument, sentence

TOO_LONG_BY = N_("At most {longest:number} characters, please; these are {length:number}.")
NO_NUMBER = N_("Please give a whole number from {least:number} to {most:number}.")


def too_long(typed: str, longest: int) -> FilledText:
    """Why what was typed cannot be taken: a msgid that brings its arguments."""
    return FilledText(TOO_LONG_BY, longest=longest, length=len(typed))


@dataclass(frozen=True, slots=True)
class FieldError:
    """Why a field cannot be taken: a msgid and its arguments."""

    text: str
    args: Mapping[str, Argument] = field(default_factory=dict)


class FormFields:
    """The fields of a form by name, read one by one; `errors` fill as they are read."""

    def __init__(self, typed: Mapping[str, str]) -> None:
        self.typed = typed
        self.errors: dict[str, FieldError] = {}

    def line(self, name: str, longest: int) -> str:
        """One line of text, whole; longer than `longest` is an error."""
        return self._bounded(name, text_input.clean_line(self.typed.get(name, "")), longest)

    def text(self, name: str, longest: int) -> str:
        """Several lines of text, whole; longer than `longest` is an error."""
        return self._bounded(name, text_input.clean_text(self.typed.get(name, "")), longest)

    def address(self, name: str) -> str:
        """An e-mail address as it was typed, without a name that was copied with it; characters that
        nobody sees are an error."""
        typed = text_input.bare_address(self.typed.get(name, ""))
        if text_input.has_invisible(typed):
            self.errors[name] = FieldError(text_input.INVISIBLE)
            return typed
        return self._bounded(name, text_input.clean_line(typed), text_input.LONGEST_ADDRESS)

    def number(self, name: str, least: int, most: int, *, absent: int) -> int:
        """A whole number; `absent` where the form has no such field, or there is an error."""
        typed = self.typed.get(name, str(absent)).strip()
        if typed.isascii() and typed.isdigit() and len(typed) < 10 and least <= int(typed) <= most:
            return int(typed)
        self.errors[name] = FieldError(NO_NUMBER, {"least": least, "most": most})
        return absent

    def messages(self, lang: str) -> dict[str, str]:
        """The errors in a language, by field."""
        return {name: sentence(lang, e.text, e.args) for name, e in self.errors.items()}

    def _bounded(self, name: str, value: str, longest: int) -> str:
        if len(value) > longest:
            length = {"longest": longest, "length": len(value)}
            self.errors[name] = FieldError(TOO_LONG_BY, length)
        return value
