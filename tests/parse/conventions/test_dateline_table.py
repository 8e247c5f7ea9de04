"""The table of datelines: every row that rules were made on, and how many of the others hold."""

import pytest

from tests.parse.conventions.dateline_table import DATELINES, DatelineRow, development, reported

MADE_ON = development(DATELINES)


@pytest.mark.parametrize("row", MADE_ON, ids=[row.text[:30] for row in MADE_ON])
def test_row(row: DatelineRow) -> None:
    assert row.is_read()


def test_rows_that_rules_were_measured_on() -> None:
    chosen = reported(DATELINES)
    assert sum(row.is_read() for row in chosen) >= 0.9 * len(chosen)
