"""Stories that are one template filled with other facts: what a machine, or a tired editor, writes every day."""

import random
from collections.abc import Callable
from datetime import datetime
from typing import TypeAlias

Filled: TypeAlias = tuple[str, str]  # headline, body


def _words(text: str) -> list[str]:
    return text.split()


_TOWNS = _words(
    """
    Aarhus Bergen Catania Dortmund Esbjerg Fulda Gdynia Halden Innsbruck Jyvaskyla Kaunas Leuven Malmo Namur
    Ostrava Pilsen Rostock Split Turku Uppsala Verona Wels Ystad Zadar Brno Cork Delft Espoo Faro Ghent
    """
)
_NAMES = _words(
    """
    Arden Bolt Carver Dunn Eklund Farkas Grieg Holm Ivanov Jonsson Keller Lindt Moreau Novak Olsen Petrov Quist
    Rossi Sandor Toth Ulrich Vega Weiss Yilmaz Zeman
    """
)
_FIRMS = _words(
    """
    Alder Borealis Cobalt Delphin Elster Fjord Granit Helix Indra Juno Kestrel Lumen Meridian Nordwind Orion
    Pallas Quarz Rigel Sirius Terra Umbra Vektor Wolfram Zenit
    """
)
_UP = ("rose", "fell", "gained", "lost", "climbed", "slipped")


def _day(at: datetime) -> str:
    return f"{at:%A}"


def market(rng: random.Random, at: datetime) -> Filled:
    """The closing report of a stock exchange."""
    town = rng.choice(_TOWNS)
    up, down, other = rng.sample(_FIRMS, 3)
    body = (
        f"Shares in {town} {rng.choice(_UP)} on {_day(at)}, with the main index closing {rng.uniform(0.1, 2.9):.1f} "
        f"percent "
        f"at {rng.randint(2000, 9000):,} points after a session of thin trade. Among the gainers were {up}, which "
        f"added "
        f"{rng.uniform(1, 6):.1f} percent, while {down} shed {rng.uniform(1, 6):.1f} percent. Shares of {other} were "
        f"little "
        f"changed. Volume was {rng.randint(20, 400)} million shares, against a 30-day average of "
        f"{rng.randint(20, 400)} "
        f"million. Dealers said that investors were waiting for figures on inflation, due next week, before taking new "
        f"positions. The yield on 10-year government bonds stood at {rng.uniform(0.2, 4):.2f} percent."
    )
    return f"{town} shares at the close", body


def weather(rng: random.Random, at: datetime) -> Filled:
    """The forecast of a weather service."""
    town = rng.choice(_TOWNS)
    sky = rng.choice(("sunny spells", "light rain", "heavy showers", "fog patches", "broken cloud"))
    body = (
        f"The weather service expects {sky} in {town} on {_day(at)}, with temperatures between {rng.randint(-9, 8)} "
        f"and "
        f"{rng.randint(9, 31)} degrees and a {rng.choice(('weak', 'moderate', 'fresh'))} wind from the "
        f"{rng.choice(('north', 'south', 'east', 'west'))}. The chance of rain is {rng.randint(5, 95)} percent. The "
        f"sun "
        f"rises at 6:{rng.randint(10, 59)} and sets at 18:{rng.randint(10, 59)}. People with asthma should check the "
        f"pollen "
        f"count, which the service publishes every morning. The outlook for the days that follow is unsettled, and "
        f"drivers on high roads should carry winter equipment."
    )
    return f"Weather for {town}", body


def match(rng: random.Random, at: datetime) -> Filled:
    """The report of a match."""
    home, away = rng.sample(_TOWNS, 2)
    scorer, second, keeper = rng.sample(_NAMES, 3)
    body = (
        f"{home} beat {away} {rng.randint(2, 5)}-{rng.randint(0, 1)} in the second division on {_day(at)} in front of "
        f"{rng.randint(2000, 30000):,} spectators. {scorer} put the home side ahead after {rng.randint(2, 44)} "
        f"minutes with "
        f"a low shot from the edge of the area and {second} made it two with a header shortly after the break. "
        f"Goalkeeper "
        f"{keeper} kept the visitors in the game with a string of saves, but they created little of their own. The "
        f"home "
        f"side are now {rng.randint(1, 18)}th with {rng.randint(5, 60)} points, the visitors stay where they were. "
        f"Both "
        f"teams play again on Saturday."
    )
    return f"{home} beat {away}", body


def quake(rng: random.Random, at: datetime) -> Filled:
    """The bulletin of a geological survey."""
    town, near = rng.sample(_TOWNS, 2)
    body = (
        f"An earthquake of magnitude {rng.uniform(4, 7):.1f} struck near {town} on {_day(at)} at {rng.randint(1, 12)}:"
        f"{rng.randint(10, 59)} a.m., the geological survey said. The tremor was {rng.randint(5, 140)} km deep and "
        f"its centre "
        f"lay {rng.randint(4, 90)} km from {near}. There were no immediate reports of damage or of injuries, and no "
        f"tsunami "
        f"warning was issued. The survey said that aftershocks were possible and that people should check their "
        f"homes for "
        f"cracks. The area lies where two plates meet and sees several such tremors a year."
    )
    return f"Quake near {town}", body


def earnings(rng: random.Random, at: datetime) -> Filled:
    """The figures of a company, written by a machine."""
    firm = rng.choice(_FIRMS)
    body = (
        f"{firm} Industries on {_day(at)} reported {rng.choice(('first', 'second', 'third', 'fourth'))}-quarter "
        f"profit of "
        f"${rng.uniform(1, 90):.1f} million, after reporting a loss in the same period a year earlier. On a "
        f"per-share basis, "
        f"the {rng.choice(_TOWNS)}-based company said that it had net income of {rng.randint(2, 98)} cents. The "
        f"results "
        f"surpassed the expectations of the analysts surveyed by us. The company posted revenue of "
        f"${rng.uniform(90, 900):.1f} "
        f"million in the period, also surpassing forecasts. For the current quarter it expects per-share earnings of "
        f"{rng.randint(2, 98)} cents. Its shares have {rng.choice(_UP)} {rng.randint(2, 40)} percent since the "
        f"beginning of "
        f"the year."
    )
    return f"{firm}: quarterly earnings snapshot", body


KINDS: dict[str, Callable[[random.Random, datetime], Filled]] = {
    "market": market,
    "weather": weather,
    "match": match,
    "quake": quake,
    "earnings": earnings,
}
