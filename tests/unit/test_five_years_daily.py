"""The five years of test_five_years.py day by day, for `make soak`: an hour on a busy machine."""

from __future__ import annotations

import pytest

from tests.five_years import DAY
from tests.unit.test_five_years import (  # noqa: F401 - a fixture
    assert_all_came,
    live_and_compare,
    provider_of,
)


@pytest.mark.soak
def test_five_years_day_by_day(provider_of, tmp_path):  # noqa: F811
    """Each probe looks every five minutes."""
    provider = provider_of(step=DAY, looks=288)
    files = live_and_compare(provider, tmp_path / "jasno.db")
    assert_all_came(provider)
    sizes = provider.sizes()
    rows = provider.counts()
    print("file by year:", files)
    for name, size in sorted(sizes.items()):
        if rows[name] > 1000:
            print(f"{name}: {rows[name]} rows, {size / rows[name]:.0f} bytes each")
    assert files[4] - files[3] < 0.1 * files[3]
