"""What every answer of a registry is read as, value by value, as it was last agreed to.

`python -m tests.registration_values` writes it to tests/cases/registry/values/, a line for each answer.
The difference in git is what reports will say otherwise than before: read it, then commit it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields

from standards.registration import rdap, whois
from standards.registration.whois import WhoisAnswer
from tests import registry_answers
from tests.agreed_lines import CASES, line_of, write

REGISTRY = CASES / "registry"
FOLDER = REGISTRY / "values"


def whois_texts() -> Iterator[tuple[str, str, str]]:
    """Name, top-level domain and text of each WHOIS answer."""
    blocks = (REGISTRY / "answers.txt").read_text("utf-8").split("=== ")[1:]
    for number, block in enumerate(blocks, 1):
        head, _, text = block.partition("\n")
        yield f"answer {number}: {head}", head.split()[0].strip("-"), text
    for name, text in vars(registry_answers).items():
        if isinstance(text, str) and name.isupper():
            yield name, name.partition("_")[0].lower(), text


def rdap_bodies() -> dict[str, object]:
    """The RDAP answers by what is special about each; all are about shop.cz."""
    bodies: dict[str, object] = json.loads((REGISTRY / "rdap.json").read_text("utf-8"))
    return {"a whole answer": registry_answers.RDAP, **bodies}


def line(case: str, answer: WhoisAnswer) -> str:
    """All that was read in an answer."""
    values = {f.name: getattr(answer, f.name) for f in fields(answer)}
    days = {
        name: value.isoformat() for name, value in values.items() if hasattr(value, "isoformat")
    }
    return line_of(case, {**values, **days})


def whois_lines() -> list[str]:
    """A line for each WHOIS answer."""
    return [line(case, whois.parse_whois(text, tld)) for case, tld, text in whois_texts()]


def rdap_lines() -> list[str]:
    """A line for each RDAP answer; of one that is refused, why."""
    lines = []
    for case, body in rdap_bodies().items():
        text = json.dumps(body, ensure_ascii=False)
        try:
            lines.append(line(case, rdap.parse_rdap(text, "shop.cz")))
        except rdap.NotRdap as refused:
            state = rdap.state_of_not_found(text)
            lines.append(line_of(case, {"refused": str(refused), "not_found": state or ""}))
    return lines


if __name__ == "__main__":
    write(FOLDER, {"whois": whois_lines(), "rdap": rdap_lines()})
