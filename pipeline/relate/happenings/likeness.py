"""How likely two stories report the same event. Pure: no store, no clock.

The chance is calculated by two logistic models. The first weighs what two stories share and what sets them apart: the
same names and numbers speak for one event, other words and another year against it. The second asks which stories each
of the two is near to: two stories of one event have the same nearest neighbours, two stories of look-alike events do
not (shared nearest neighbours: Jarvis & Patrick, 1973).

The weights were fitted by logistic regression on sixteen of the 33 topics of ECB+ (Cybulska & Vossen, 2014), which pair
an event with a look-alike one, in corpora of four, eight and sixteen topics and one blown up to 100,000 stories.
``wirewatch evaluate happenings`` measures them on any labelled set.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from pipeline.relate.arrays import Doubles, Flags, Floats
from pipeline.relate.happenings.evidence import HappeningEvidence, cosines_with, pairwise_cosines

SAME_REPORT = 5.0  # nearness from which two stories of one happening tell the same; below, one may go on from the other
WINDOW = 4.0  # days between two stories of one happening
SAME_DAYS = 1.0  # days after which another day speaks against one happening

_FIRST = {"numbers": 4.4, "names": 2.8, "subjects": 2.4, "words": -5.6}
_FIRST_BIAS, _FIRST_TERMS, _FIRST_KEYTERMS, _FIRST_TIME, _FIRST_OTHER_YEAR = 0.6, 2.2, 2.6, 2.6, -1.4
_SECOND_BIAS, _SECOND_TERMS, _SECOND_NEIGHBOURS, _SECOND_TIME, _SECOND_KEYTERMS = -0.8, 1.6, 8.4, 2.2, 1.8
_NO_TERMS = 0.03  # cosine of all words up to which two stories have nothing in common
_FAINT = 3.0  # log odds below even ones at which a story stops being a neighbour
_BEST = 3  # neighbours that say how near a story's nearest are ...
_OF_BEST = 0.5  # ... without those much farther than the first
_NEIGHBOUR = 0.75  # part of that nearness that makes a story one of the nearest
_OWN = 6.0  # least nearness of a story to itself: two stories that are near to no others are not thereby one event


def nearness(own: HappeningEvidence, others: Sequence[HappeningEvidence]) -> list[float]:
    """Return how near a story is to others by the first model: 0 for not at all, 3 at even odds of one event."""

    def cosines(kind: str) -> Floats:
        return cosines_with(getattr(own, kind), [getattr(other, kind) for other in others])

    near: list[float] = _first_model(cosines, _times([own], others))[0][0].tolist()
    return near


def same_event_chances(evidence: Sequence[HappeningEvidence]) -> Floats:
    """Return the chance that two stories report one event, for each pair, 0 of each with itself; (n, n) float32."""

    def cosines(kind: str) -> Floats:
        return pairwise_cosines([getattr(story, kind) for story in evidence])

    times = _times(evidence, evidence)
    np.fill_diagonal(times.too_far, True)
    near, shared = _first_model(cosines, times)
    log_odds = (
        _SECOND_BIAS
        + _SECOND_NEIGHBOURS * _shared_neighbours(near)
        + _SECOND_TIME * shared.time
        + _SECOND_TERMS * np.log(0.05 + shared.terms)
        + _SECOND_KEYTERMS * shared.keyterms
    )
    chances: Floats = np.where(shared.apart, 0.0, 1 / (1 + np.exp(-log_odds))).astype(np.float32)
    return chances


@dataclass(frozen=True, slots=True)
class _Times:
    """What the dates of n stories and m others say; (n, m) each.

    Attributes:
        time: How far they speak for one event, -1..1.
        other_year: 1 where the years speak against it, else 0.
        too_far: Whether too many days lie between the two.
    """

    time: Floats
    other_year: Floats
    too_far: Flags


@dataclass(frozen=True, slots=True)
class _Shared:
    """What the second model weighs again; (n, m) each. apart: pairs that cannot be of one event."""

    terms: Floats
    keyterms: Floats
    time: Floats
    apart: Flags


def _first_model(cosines: Callable[[str], Floats], times: _Times) -> tuple[Floats, _Shared]:
    """Weigh what stories share.

    Args:
        cosines: Returns the cosines of one kind of evidence, an attribute of ``HappeningEvidence``.
        times: What the dates say.

    Returns:
        The nearness of each pair, and what the second model needs.
    """
    terms, keyterms = np.maximum(cosines("terms"), 0), cosines("keyterms")
    log_odds = (
        _FIRST_BIAS
        + _FIRST_TERMS * np.log(0.05 + terms)
        + _FIRST_TIME * times.time
        + _FIRST_OTHER_YEAR * times.other_year
        + _FIRST_KEYTERMS * keyterms
        + sum(weight * cosines(kind) for kind, weight in _FIRST.items())
    )
    apart = times.too_far | (terms <= _NO_TERMS)
    near: Floats = np.where(apart, 0, np.maximum(log_odds + _FAINT, 0)).astype(np.float32)
    return near, _Shared(terms, keyterms, times.time, apart)


def _times(stories: Sequence[HappeningEvidence], others: Sequence[HappeningEvidence]) -> _Times:
    """Compare the dates of each story with those of each other one.

    Only stories of the same days are compared. So being of the same day says nothing, while more than a day between the
    two speaks against one event. Where one of the two is undated, the years speak: for one event if they are the same,
    against it if they are two years or more apart.
    """
    days, other_days = _days_of(stories), _days_of(others)
    years, other_years = (np.array([story.year for story in group]) for group in (stories, others))
    gaps = np.abs(days[:, None] - other_days[None, :])
    dated = ~np.isnan(gaps)
    years_known = (years[:, None] > 0) & (other_years[None, :] > 0) & ~dated
    years_between = np.abs(years[:, None] - other_years[None, :])
    later = np.clip((gaps - SAME_DAYS) / (WINDOW - SAME_DAYS), 0, 1)
    time = np.where(dated, -later, years_known & (years_between == 0)).astype(np.float32)
    other_year = (years_known & (years_between >= 2)).astype(np.float32)
    return _Times(time, other_year, dated & (gaps > WINDOW))


def _days_of(stories: Sequence[HappeningEvidence]) -> Doubles:
    return np.array([np.nan if story.day is None else story.day for story in stories])


def _shared_neighbours(near: Floats) -> Floats:
    """Return how far two stories have the same nearest neighbours, each being one of its own.

    Args:
        near: Nearness of each pair; (n, n).

    Returns:
        The cosine of the rows of nearest neighbours; (n, n) float32.
    """
    if not len(near):
        return near
    best = -np.sort(-near, axis=1)[:, :_BEST]
    counted = best >= _OF_BEST * best[:, :1]
    nearest = (best * counted).sum(axis=1) / counted.sum(axis=1)
    rows = np.where(near >= _NEIGHBOUR * nearest[:, None], near, 0)
    np.fill_diagonal(rows, np.maximum(nearest, _OWN))
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)
    cosines: Floats = rows @ rows.T
    return cosines
