"""Panel adapters, one file each, listed in PANELS."""

from __future__ import annotations

from hosting.panel import Panel, PanelAccess, PanelKind
from hosting.panels.cpanel import CpanelPanel
from hosting.panels.directadmin import DirectAdminPanel
from hosting.panels.froxlor import FroxlorPanel
from hosting.panels.hestia import HestiaPanel
from hosting.panels.http import HttpPanel
from hosting.panels.none import NoPanel
from observe.network import Network

PANELS: tuple[PanelKind, ...] = (
    NoPanel,
    HttpPanel,
    CpanelPanel,
    DirectAdminPanel,
    HestiaPanel,
    FroxlorPanel,
)


def connect(kind: str, access: PanelAccess, network: Network) -> Panel:
    """The panel of a kind. Raises KeyError, naming the known kinds, for an unknown one."""
    panels_by_name = {panel.name: panel for panel in PANELS}
    if kind not in panels_by_name:
        raise KeyError(f"panel kind {kind!r}; known: {', '.join(panels_by_name)}")
    return panels_by_name[kind].connect(access, network)
