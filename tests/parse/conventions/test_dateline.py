"""Datelines in their many shapes, and what only looks like one."""

import re
from datetime import date

import pytest

from pipeline.parse.conventions.dateline import read_label
from pipeline.parse.conventions.find_dateline import find_dateline
from tests.parse.documents import ARRIVED

# text up to "|" is the dateline; then place, agency, date
SHAPES = [
    ("ISTANBUL, Nov 8 (Reuters) -| Turkey signed", "Istanbul", "Reuters", date(2017, 11, 8)),
    ("LONDON/PARIS (AP) _| Two ministers", "London/Paris", "AP", None),
    ("date 2017-11-09 ISTANBUL (Reuters) -| Turkey", "Istanbul", "Reuters", date(2017, 11, 9)),
    ("2016-03-01 ANKARA (Reuters) -| Turkey", "Ankara", "Reuters", date(2016, 3, 1)),
    ("SAN`A, Yemen (AP) _| A bomb", "San`a, Yemen", "AP", None),
    ("RIO DE JANEIRO (AP) —| Police", "Rio de Janeiro", "AP", None),
    ("THE HAGUE, Netherlands (AP) --| Judges", "The Hague, Netherlands", "AP", None),
    ("St. PETERSBURG, Fla. (AP) -| A pier", "St. Petersburg, Fla.", "AP", None),
    ("McALLEN, Texas (AP) -| A bridge", "McAllen, Texas", "AP", None),
    ("WASHINGTON and LONDON (AP) -| Talks", "Washington and London", "AP", None),
    ("ABOARD AIR FORCE ONE (AP) -| The president", "Aboard Air Force One", "AP", None),
    ("UNITED NATIONS (AP) _| The council", "United Nations", "AP", None),
    ("ZÜRICH, 8. November (dpa) -| Der Rat", "Zürich", "dpa", date(2017, 11, 8)),
    ("İSTANBUL, 8 Kasım (AA) -| Türkiye", "İstanbul", "AA", date(2017, 11, 8)),
    ("SÃO PAULO, 8 nov (EFE).-| El alcalde", "São Paulo", "EFE", date(2017, 11, 8)),
    ("Praha 8. listopadu (ČTK) -| Vláda", "Praha", "ČTK", date(2017, 11, 8)),
    ("МОСКВА, 8 ноя - РИА Новости.| Россия", "Москва", "RIA Novosti", date(2017, 11, 8)),
    ("MOSCOW, November 8. /TASS/.| Russia", "Moscow", "TASS", date(2017, 11, 8)),
    ("MOSCOW. Nov 8 (Interfax) -| Russia", "Moscow", "Interfax", date(2017, 11, 8)),
    ("(ANSA) - ROMA, 8 NOV -| Il governo", "Roma", "ANSA", date(2017, 11, 8)),
    ("(ANSA) - Rome, November 8 -| The cabinet", "Rome", "ANSA", date(2017, 11, 8)),
    ("NEW YORK, Nov. 8, 2017 /PRNewswire/ --| Acme", "New York", "PR Newswire", date(2017, 11, 8)),
    ("NEW YORK--(BUSINESS WIRE)--|Acme", "New York", "Business Wire", None),
    ("New Delhi, Nov 8 (PTI)| The government", "New Delhi", "PTI", date(2017, 11, 8)),
    ("Ankara, Nov 3, 2017 (AFP) -| Turkey", "Ankara", "AFP", date(2017, 11, 3)),
    ("ANKARA, Turkey, Wednesday (AP) -| Turkey", "Ankara, Turkey", "AP", None),
    ("SEOUL, Nov 8 AFP -| Samsung", "Seoul", "AFP", date(2017, 11, 8)),
    ("TOKYO, Nov. 8, Kyodo -| Japan", "Tokyo", "Kyodo", date(2017, 11, 8)),
    ("Istanbul (dpa) -| Turkey", "Istanbul", "dpa", None),
    ("San Diego (tca/dpa) -| History", "San Diego", "dpa", None),
    ("København/ritzau/ -| Politiet", "København", "Ritzau", None),
    ("Oslo (NTB):| Politiet", "Oslo", "NTB", None),
    ("(Reuters) -| Turkey", None, "Reuters", None),
    ("Feb 3 (Reuters) -| Apple", None, "Reuters", None),
    ("(Sports Network) -| The Phillies", None, "Sports Network", None),
    ("KUMASI, Nov 8 (Ashanti Daily) -| Cocoa", "Kumasi", "Ashanti Daily", date(2017, 11, 8)),
    ("PARIS (Palisade) -| Four years ago", "Paris", "Palisade", None),
    ("ANKARA (Kuzey Haber) -| Türkiye", "Ankara", "Kuzey Haber", None),
    ("LONDON -| The minister", "London", None, None),
    ("WASHINGTON —| President Carter", "Washington", None, None),
    ("KIEV, Ukraine -| The army", "Kiev, Ukraine", None, None),
    ("PARIS, Nov 8 -| France", "Paris", None, date(2017, 11, 8)),
    ("PORT-AU-PRINCE -| Haiti", "Port-Au-Prince", None, None),
    ("OSLO –| “We wait,” he said", "Oslo", None, None),
]


@pytest.mark.parametrize(("marked", "place", "agency", "day"), SHAPES, ids=[shape[0][:24] for shape in SHAPES])
@pytest.mark.parametrize(
    "before", ["", " ", "\n\t   ", "(Adds quote)\n\nBy Ece Ak\n\n", "* Lira falls\n\n* Bonds rise\n\n"]
)
def test_shape(before: str, marked: str, place: str | None, agency: str | None, day: date | None) -> None:
    written, _, rest = marked.partition("|")
    body = before + written + rest
    dateline = find_dateline(body, ARRIVED)
    assert dateline is not None
    assert body[dateline.span.start : dateline.span.end] == written
    assert (dateline.place, dateline.agency, dateline.day) == (place, agency, day)


NONE = [
    "Turkey - which has the second largest army - signed.",
    "NATO - The alliance was founded in 1949.",
    "NATO — which was founded in 1949 — met.",
    "IBM - The company said so.",
    "U.S. - The dollar fell.",
    "APPLE INC (AAPL) - Shares rose on Monday.",
    "IBM (NYSE: IBM) - Shares rose.",
    "NATO (North Atlantic Treaty Organization) - The alliance met.",
    "UNICEF (the children's fund) - The agency said.",
    "Chancellor Merkel (CDU) - in office since 2005 - said.",
    "President Erdogan (AP) - A picture of Monday.",
    "Turkey (EUROSAM) - The consortium said.",
    "Photo by John Smith (Reuters) - A view.",
    "BREAKING - Police say two men were held.",
    "EXCLUSIVE - Minister to resign.",
    "UPDATE - The vote is over.",
    "A-LEAGUE - Sydney beat Perth.",
    "BC-BBN--Top Ten",
    "BBA-YANKEES-TIGERS -- Detroit The Yankees won.",
    "AIRFARE _ Chicago Fares will rise.",
    "Monday, Nov. 8 - The day begins.",
    "He said (AP) - and nobody else - that it was so.",
    "THE WHOLE TEXT - IS IN CAPITALS AND SAYS NOTHING.",
    "BLITZER: Good evening from Washington.",
    "LONDON is a city; PARIS - The capital.",
    "- ",
    "(",
    "((((((((((",
    "",
    "\n\n\n",
    "The S-400 - a missile system - was bought.",
]


@pytest.mark.parametrize("text", NONE)
def test_no_dateline(text: str) -> None:
    assert find_dateline(text, ARRIVED) is None


def test_a_dateline_further_down_must_be_signed() -> None:
    assert find_dateline("Turkey buys missiles\n\nANKARA (AP) - Turkey", ARRIVED) is not None
    assert find_dateline("Turkey buys missiles.\n\nANKARA - Turkey", ARRIVED) is None


def test_a_day_without_a_year_is_only_believed_within_a_week_of_arrival() -> None:
    dateline = find_dateline("ANKARA, Aug 3 (Reuters) - Turkey", ARRIVED)
    assert dateline is not None
    assert (dateline.written_day, dateline.day) == ("Aug 3", None)


def test_a_day_of_last_year_in_january() -> None:
    dateline = find_dateline("ANKARA, Dec 30 (Reuters) - Turkey", ARRIVED.replace(year=2018, month=1, day=2))
    assert dateline is not None
    assert dateline.day == date(2017, 12, 30)


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("MOSCOW, Monday (Reuters)", ("Moscow", "Reuters")),
        ("SYDNEY March 22 AAP -", ("Sydney", "AAP")),
        ("Oslo", ("Oslo", None)),
        ("", (None, None)),
    ],
)
def test_label(label: str, expected: tuple[str | None, str | None]) -> None:
    assert read_label(label) == expected


def test_spans_are_code_points() -> None:
    body = "😀 ignored\n\nISTANBUL, Nov 8 (Reuters) - Turkey"
    dateline = find_dateline(body, ARRIVED)
    assert dateline is not None
    assert re.match(r"ISTANBUL.*-$", body[dateline.span.start : dateline.span.end])
