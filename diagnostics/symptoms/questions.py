"""Questions that several symptoms share, so that their answers mean the same."""

from __future__ import annotations

from diagnostics.model import Guide, Question
from render.i18n import N_

SINCE = Question(
    "since",
    N_("Since when?"),
    N_("It lets us compare with what changed at that time."),
    fact="since",
)
CHANGED = Question(
    "changed",
    N_("Did you change anything shortly before: domain, DNS, plugins, files?"),
    N_("Most faults follow a change, and undoing it is the quickest way back."),
    fact="changed",
)
SHOWN = Question(
    "shown",
    N_("What does the browser show, word for word?"),
    N_("The exact words say which part fails."),
    fact="error",
    pasted=True,
)
LOST = Guide("/check/lost-mail", N_("Was one message lost? Let us look for it"))
