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
ELSEWHERE = Question(
    "elsewhere",
    N_("Does it open over mobile data, without your Wi-Fi?"),
    N_("If it does, the site works, and your connection or our lock on its address is the cause."),
    fact="steps",
    choices=(
        ("mobile", N_("Yes, over mobile data it opens, but not on the usual connection")),
        ("nowhere", N_("No, it opens on no connection and no device")),
        ("device", N_("It fails on one device only, also over mobile data")),
    ),
)
LOST = Guide("/check/lost-mail", N_("Was one message lost? Let us look for it"))
