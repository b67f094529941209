"""A yes or no in the address of a call: as scripts write it, and nothing taken for no in silence."""

from __future__ import annotations

import pytest

from web.api.operations import ApiRequest
from web.problems import Problem


@pytest.mark.parametrize(
    ("text", "flag"),
    [("1", True), ("true", True), ("True", True), (" yes", True), ("on", True),
     ("", False), ("0", False), ("False", False), ("no", False)],
)  # fmt: skip
def test_a_flag_is_read_as_scripts_write_it(text, flag):
    assert ApiRequest(query={"failed": text}).flag("failed") is flag
    assert ApiRequest().flag("failed") is False


@pytest.mark.parametrize("text", ["maybe", "2", "tru", "1,0"])
def test_what_is_neither_is_refused(text):
    with pytest.raises(Problem):
        ApiRequest(query={"failed": text}).flag("failed")
