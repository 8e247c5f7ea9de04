"""Months as text and as numbers."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.models.month_key import month_as_number, month_from_number, month_of, months_before

NOVEMBER = datetime(2017, 11, 9, tzinfo=UTC)


def test_the_month_of_a_moment() -> None:
    assert month_of(NOVEMBER) == "2017.11"
    assert month_as_number("2017.11") == 201711
    assert month_from_number(201711) == "2017.11"


@pytest.mark.parametrize("month", ["", "2017", "2017.13", "2017.1", "2017-11", "undated"])
def test_what_is_no_month(month: str) -> None:
    with pytest.raises(ValueError, match="is not like"):
        month_as_number(month)


@pytest.mark.parametrize(("count", "month"), [(0, "2017.11"), (10, "2017.01"), (11, "2016.12"), (10**6, "0001.01")])
def test_months_before(count: int, month: str) -> None:
    assert months_before(NOVEMBER, count) == month


@given(st.datetimes())
def test_numbers_come_back(moment: datetime) -> None:
    assert month_from_number(month_as_number(month_of(moment))) == month_of(moment)
