"""What the sections of the schema are made of: a table, and kinds of texts and numbers."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

IDENTIFIER = r"^[a-z0-9][a-z0-9_\-]{0,62}$"
WEB_ORIGIN = r"^https?://[^\s/]+$"
URL = r"^https?://[^\s]+$"
Positive = Annotated[int, Meta(ge=1)]
DisplayName = Annotated[str, Meta(min_length=1, max_length=100)]
Identifier = Annotated[str, Meta(pattern=IDENTIFIER)]
WebOrigin = Annotated[str, Meta(pattern=WEB_ORIGIN)]
UrlText = Annotated[str, Meta(pattern=URL)]
# May also come as a file, as JASNO_…_FILE says; the reference marks it.
Secret = Annotated[str, Meta(extra={"secret": True})]


class Section(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A table of jasno.toml."""
