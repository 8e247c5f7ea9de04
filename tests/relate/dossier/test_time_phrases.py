"""Dates and lengths of time in a text."""

import pytest

from pipeline.relate.dossier.time_phrases import time_phrases


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("Delivery begins in July 2019 and ends by 2021.", ("July 2019", "2021")),
        ("The letter of 8 November 2017 led to an 18-month study.", ("8 November 2017", "18 months")),
        ("On November 8, 2017, and again on March 3.", ("November 8 2017", "March 3")),
        ("It is expected in early 2020 or at the end of 2021.", ("early 2020", "end of 2021")),
        ("Talks of the last two years; a four-year plan; 1 week.", ("2 years", "4 years", "1 week")),
        ("Eighteen months and 18 months are the same.", ("18 months",)),
        ("A 35-year-old man, Euro 2016, 2010 tonnes, section 1999.", ()),
        ("May said in may that it may be done; march on.", ()),
        ("", ()),
    ],
)
def test_dates(text: str, phrases: tuple[str, ...]) -> None:
    assert time_phrases(text) == phrases


def test_a_calendar_is_no_news() -> None:
    text = " ".join(f"in {year}" for year in range(1950, 2010))
    assert len(time_phrases(text)) == 12
