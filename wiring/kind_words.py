"""What jasno.example.toml and the reference say of `kind` where adapters are kept in a list: each by its name."""

from __future__ import annotations

from hosting.panels import PANELS
from notify.channels import CHANNELS


def kind_words() -> dict[str, str]:
    """By section, what stands in place of `{kinds}` in the words of its keys."""
    *panels, last = (f'"{panel.name}"' for panel in PANELS)
    return {
        "panel": f"{', '.join(panels)} or {last}",
        "mail": ", ".join(f'"{channel.name}" {channel.summary}' for channel in CHANNELS),
    }
