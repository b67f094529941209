"""The DKIM selectors of providers that every domain is asked for. Data only."""

from __future__ import annotations

# Panels (default, x, dkim, mail), Google, Microsoft, Amazon and mailers of newsletters.
USUAL_SELECTORS = (
    *("default", "dkim", "mail", "x", "google", "selector1", "selector2"),
    *("s1", "s2", "k1", "k2", "k3", "fm1", "protonmail"),
)
PROBE_SELECTOR = "jasno-unused-selector"
