"""The table of take lines: every row that rules were made on, and how many of the others hold."""

import pytest

from tests.wire.take_line_table import TAKE_LINES, TakeLineRow

MADE_ON, MEASURED_ON = TAKE_LINES[::2], TAKE_LINES[1::2]


@pytest.mark.parametrize("row", MADE_ON, ids=[row.text[:30] for row in MADE_ON])
def test_row(row: TakeLineRow) -> None:
    assert row.is_read()


def test_rows_that_rules_were_measured_on() -> None:
    assert sum(row.is_read() for row in MEASURED_ON) >= 0.95 * len(MEASURED_ON)
