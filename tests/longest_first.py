"""Which tests take longest, so that they begin first: one that begins last keeps one worker busy while
the others have nothing left to do. A test that is missing here costs time, and nothing else.
"""

from __future__ import annotations

import pytest

GROUPS = ("cases", "architecture")  # of xdist_group: one worker has them all
LONGEST = (
    "tests/unit/test_adding_pages.py::test_a_page_works_to_the_letter",
    "tests/engine/test_kill_both.py::test_what_was_taken_is_there_once",
    "tests/unit/test_shipped_language.py",
    "tests/unit/test_five_years.py",
    "tests/engine/test_oracle_dns.py",
    "tests/engine/test_real_name_servers.py",
    "tests/engine/test_status_storm.py",
    "tests/engine/test_status_oracle.py",
    "tests/engine/test_faults.py",
    "tests/unit/test_status_time.py",
    "tests/web/test_hostile_fields.py::test_every_field_of_every_page",
    "tests/engine/test_clock_steps.py",
    "tests/engine/test_status_processes.py",
    "tests/engine/test_processes.py",
    "tests/engine/test_hostile_answers.py",
    "tests/engine/test_two_engines.py",
    "tests/engine/test_notify_delivery.py",
    "tests/engine/test_kill.py",
    "tests/unit/test_draft_language.py",
    "tests/unit/test_translator_comments.py::test_each_text_has_a_place",
    "tests/engine/test_front_server.py",
    "tests/web/test_status_kept_pages.py",
    "tests/engine/test_roles.py",
    "tests/engine/test_slow_clients.py",
    "tests/engine/test_status_connection.py",
    "tests/contracts/test_backup.py",
)


def place(item: pytest.Item) -> int:
    """Where a test stands among the longest; behind them all when it is none."""
    if any(mark.args[0] in GROUPS for mark in item.iter_markers("xdist_group")):
        return -1
    ranks = (rank for rank, start in enumerate(LONGEST) if item.nodeid.startswith(start))
    return next(ranks, len(LONGEST))
