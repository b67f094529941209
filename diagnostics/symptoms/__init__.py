"""What customers say is wrong, and which checks it calls for. One file each, listed in SYMPTOMS."""

from __future__ import annotations

from diagnostics.model import Symptom
from diagnostics.symptoms import mail_not_arriving, site_down

# "Something else" is no symptom: it runs every check in the catalogue's order.
SOMETHING_ELSE = "something_else"
SYMPTOMS: tuple[Symptom, ...] = (site_down.SYMPTOM, mail_not_arriving.SYMPTOM)


def find(id: str) -> Symptom | None:
    """The symptom with this id; None for something else."""
    return next((s for s in SYMPTOMS if s.id == id), None)


def is_known(id: str) -> bool:
    return id == SOMETHING_ELSE or find(id) is not None
