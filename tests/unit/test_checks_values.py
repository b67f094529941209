"""Each finding of each case says, weighs and advises what was agreed to, down to the last value."""

from __future__ import annotations

import pytest

from tests.agreed_lines import read
from tests.checks_fixtures import Expected
from tests.finding_values import FOLDER, cases_by_file, lines_of

AGREED = read(FOLDER)
CASES = {f"{file}: {case.name}": case for file, cases in cases_by_file().items() for case in cases}

# Beside the other tests that look at the same reports.
pytestmark = pytest.mark.xdist_group("cases")


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_findings_have_the_values_agreed_to(case: Expected) -> None:
    assert lines_of(case) == AGREED.get(case.name, []), "agreed? python -m tests.finding_values"


def test_no_line_is_left_of_a_case_that_is_gone() -> None:
    assert sorted(AGREED.keys() - {case.name for case in CASES.values()}) == []
