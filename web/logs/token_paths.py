"""Which addresses open something to whoever holds them: told apart by guards, headers and logs.

One list, so that a new one is not forgotten in one of them.
"""

from __future__ import annotations

# Words of jobs, from wherever: nothing but the token in the address counts, and the body comes as it
# is and is cleaned where it is kept; the word may not be lost for it.
SIGNALS = ("/heartbeat/", "/ping/")
PAGES = ("/r/", "/invite/", "/subscribe/", "/watch/")  # what readers hold a link to
PROGRAMS = ("/api/diagnoses/", "/api/push/")
TOKEN_PATHS = (*PAGES, *SIGNALS, *PROGRAMS)
