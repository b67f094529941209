"""Domain status words mapped to EPP states in camelCase (RFC 5731, 3915, 8056)."""

from __future__ import annotations

import re
from collections.abc import Iterable

_EPP_STATES = (
    "addPeriod",
    "autoRenewPeriod",
    "clientDeleteProhibited",
    "clientHold",
    "clientRenewProhibited",
    "clientTransferProhibited",
    "clientUpdateProhibited",
    "inactive",
    "ok",
    "pendingCreate",
    "pendingDelete",
    "pendingRenew",
    "pendingRestore",
    "pendingTransfer",
    "pendingUpdate",
    "redemptionPeriod",
    "renewPeriod",
    "serverDeleteProhibited",
    "serverHold",
    "serverRenewProhibited",
    "serverTransferProhibited",
    "serverUpdateProhibited",
    "transferPeriod",
)
EPP_SPELLING = {word.lower(): word for word in _EPP_STATES}
# Registries' own status words (letters only, lower case) and the EPP states they stand for.
_SYNONYMS = {
    "active": "ok",  # RDAP's word for ok (RFC 8056)
    "paidandinzone": "ok",
    "connect": "ok",  # .de
    "okuntil": "ok",  # .ua
    "pendingrelease": "pendingDelete",  # .nz
    **{  # FRED, in both of its wordings
        operation + verb: f"server{epp_operation}Prohibited"
        for verb in ("prohibited", "forbidden")
        for operation, epp_operation in (
            ("sponsoringregistrarchange", "Transfer"),
            ("deletion", "Delete"),
            ("update", "Update"),
            ("registrationrenewal", "Renew"),
        )
    },
    "transferlocked": "serverTransferProhibited",  # .il
    "domok": "ok",
    "domwarn": "ok",
    "domlnot": "ok",
    "domexp": "serverHold",
    "domheld": "redemptionPeriod",
    "domdel": "pendingDelete",
    "domdakt": "inactive",
    "inquarantine": "redemptionPeriod",
    "quarantine": "redemptionPeriod",
    "outofservice": "redemptionPeriod",
    "redemption": "redemptionPeriod",
    "tobedeleted": "pendingDelete",
    "tobereleased": "pendingDelete",
    "outzone": "serverHold",
    "outofzone": "serverHold",
    "notinzone": "serverHold",
    "thedomainisntgeneratedinthezone": "serverHold",
    "domainisnotgeneratedintozone": "serverHold",
    "thedomainisadministrativelykeptoutofzone": "serverHold",
    "deletecandidate": "pendingDelete",
    "suspended": "serverHold",
    "onhold": "serverHold",
}
_LINK = re.compile(r"\(?https?://\S*|(?<!\()\([^)\n]{0,200}\)")


def to_epp_state(text: str) -> str:
    """The EPP state of one status word or phrase; "" when it is unknown."""
    letters = "".join(c for c in _LINK.sub("", text).lower() if c.isalpha())
    return EPP_SPELLING.get(letters) or _SYNONYMS.get(letters, "")


def parse_epp_states(texts: Iterable[str]) -> tuple[str, ...]:
    """The EPP states in some texts, in order, each once; a text may list several."""
    parts = (part for text in texts for part in re.split(r",|;|\s/\s", _LINK.sub("", text)))
    return tuple(dict.fromkeys(word for part in parts if (word := to_epp_state(part))))
