"""The tables of datelines and take lines: every row that rules were made on, and how many of the others hold."""

import pytest

from tests.parse.tables import DATELINES, TAKE_LINES, DatelineRow, TakeRow, development, reported

MADE_ON = [*development(DATELINES), *development(TAKE_LINES)]


@pytest.mark.parametrize("row", MADE_ON, ids=[row.text[:30] for row in MADE_ON])
def test_row(row: DatelineRow | TakeRow) -> None:
    assert row.read()


@pytest.mark.parametrize(("rows", "least"), [(DATELINES, 0.9), (TAKE_LINES, 0.95)], ids=["datelines", "take lines"])
def test_rows_that_rules_were_measured_on(rows: list[DatelineRow] | list[TakeRow], least: float) -> None:
    chosen = reported(rows)
    assert sum(row.read() for row in chosen) >= least * len(chosen)
