"""Host names with mixed scripts or with letters that look Latin.

A coarse rule after UTS 39 (restriction levels): it warns, it never refuses.
"""

from __future__ import annotations

import unicodedata

import idna

_SCRIPTS = ("LATIN", "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "HEBREW", "ARABIC")
# Cyrillic and Greek letters that a reader takes for Latin ones (UTS 39, confusables.txt).
_LATIN_LOOKALIKES = frozenset("асеорхуіјѕһԁԛԝвкмнтгёїνορυκικα")


def confusable_kind(host: str) -> str:
    """Why a host name (A-labels) may be mistaken for another: "mixed_script", "lookalike" or ""."""
    labels = [_u_label(label) for label in host.split(".") if label.startswith("xn--")]
    if any(len(_scripts(label)) > 1 for label in labels):
        return "mixed_script"
    return "lookalike" if any(_is_latin_lookalike(label) for label in labels) else ""


def _u_label(label: str) -> str:
    try:
        return idna.decode(label)
    except idna.IDNAError:
        return ""


def _scripts(label: str) -> set[str]:
    names = (unicodedata.name(char, "") for char in label if char.isalpha())
    return {script for name in names for script in _SCRIPTS if name.startswith(script)}


def _is_latin_lookalike(label: str) -> bool:
    letters = [char for char in label if char.isalpha()]
    return bool(letters) and not label.isascii() and all(c in _LATIN_LOOKALIKES for c in letters)
