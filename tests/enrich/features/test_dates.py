"""Dates are resolved against the day of publication: Thursday, 9 November 2017, unless a case says otherwise."""

from datetime import date

import pytest

from pipeline.enrich.features.dates import MOST, find_dates

DAY = date(2017, 11, 9)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("They signed the letter on Wednesday.", "2017-11-08"),
        ("The envoy arrived on Thursday, an official said.", "2017-11-09"),
        ("Talks broke down on Friday.", "2017-11-03"),
        ("Ministers will meet on Monday in Brussels.", "2017-11-13"),
        ("On Tuesday, leaders will vote again.", "2017-11-14"),
        ("He was arrested last Thursday.", "2017-11-02"),
        ("The court rules next Thursday.", "2017-11-16"),
        ("Stoltenberg last month told him so.", "2017-10"),
        ("The contract runs out next year.", "2018"),
        ("Output fell last year.", "2016"),
        ("It was agreed last week in Sochi.", "2017-W44"),
        ("The rules change next week.", "2017-W46"),
        ("They met in November 2017.", "2017-11"),
        ("The first battery came in July.", "2017-07"),
        ("The first battery came in December.", "2016-12"),
        ("The first battery is due in March.", "2018-03"),
        ("He resigned last November.", "2016-11"),
        ("Elections are planned for next June.", "2018-06"),
        ("The law expires in 2023.", "2023"),
        ("It has been in force since 2012.", "2012"),
        ("She was born on 3 May 1954.", "1954-05-03"),
        ("On September 12, 2001, nobody flew.", "2001-09-12"),
        ("The deal of Nov. 8 was signed twice.", "2017-11-08"),
        ("The summit of January 5 was put off.", "2018-01-05"),
        ("The attack of 28 December killed nine.", "2017-12-28"),
        ("date 2017-10-30 was printed on it", "2017-10-30"),
        ("He spoke yesterday.", "2017-11-08"),
        ("Voting ends today.", "2017-11-09"),
        ("Schools reopen tomorrow.", "2017-11-10"),
        ("Two days ago the bridge fell.", "2017-11-07"),
        ("They parted three years ago.", "2014"),
        ("It began two months ago.", "2017-09"),
        ("The tower will be finished in two years.", "2019"),
        ("A ship is expected in three weeks, he said.", "2017-W48"),
        ("The plant must close by April.", "2018-04"),
        ("Prices have risen since August.", "2017-08"),
        ("The march in Lyon was peaceful.", ""),
        ("He may come, the minister said.", ""),
        ("Room 2016 was empty.", ""),
        ("They won 3-2 in front of 2017 fans.", ""),
        ("On 31 February nothing happens.", ""),
        ("April Jones and June Carter sang.", ""),
        ("In two weeks she wrote nine songs.", ""),
    ],
)
def test_a_date_is_told_as_precisely_as_the_text_tells_it(text: str, expected: str) -> None:
    assert find_dates(text, DAY) == ((expected,) if expected else ())


def test_each_date_once_in_order_and_no_more_than_twenty() -> None:
    assert find_dates("On Monday, then on 7 November, and again on Monday.", DAY) == ("2017-11-06", "2017-11-07")
    assert len(find_dates(" ".join(f"In {year} it rained." for year in range(1900, 2000)), DAY)) == MOST


def test_without_a_day_of_publication_only_full_dates_are_told() -> None:
    assert find_dates("Yesterday, on Monday, on 8 November 2017 and in May 2016.", None) == ("2017-11-08", "2016-05")


def test_years_turn() -> None:
    assert find_dates("It came last month and goes next month.", date(2018, 1, 3)) == ("2017-12", "2018-02")
    assert find_dates("He spoke on Sunday.", date(2018, 1, 2)) == ("2017-12-31",)
    assert find_dates("On 29 February she sang.", date(2019, 6, 1)) == ("2020-02-29",)
