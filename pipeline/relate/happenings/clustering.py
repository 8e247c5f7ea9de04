"""Which stories tell of the same event on the same days, whoever wrote them. Pure: no store, no clock.

Likeness of two stories is the chance that they tell of one event, by two logistic looks. The first weighs what they
share and what sets them apart: the same names and numbers speak for one event, other words and another year against it.
The second asks which stories each of the two is near to: two stories of one event have the same nearest relatives, two
of look-alike events do not (shared nearest neighbours: Jarvis & Patrick, 1973).

Happenings are then average-link clusters: no chain of pairwise likenesses joins what is not alike as a whole.

The weights were fitted by logistic regression on sixteen of the 33 topics of ECB+ (Cybulska & Vossen, 2014), which pair
an event with a look-alike one, in corpora of four, eight and sixteen topics and one blown up to 100,000 stories;
``wirewatch evaluate happenings`` measures them on any labelled set.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.models import HappeningAssignment, Ruling
from pipeline.relate.happenings.evidence import Account, Floats, cosines, cosines_of

ACCOUNT = 5.0  # nearness from which two stories of one happening tell the same; below, one may go on from the other
LEAST = 0.57  # mean likeness at which two groups are one happening: to join two events is worse than to miss one
WINDOW = 4.0  # days between two stories of one happening
SAME_DAYS = 1.0  # days after which another day speaks against one happening

_FIRST = {"numbers": 4.4, "names": 2.8, "subjects": 2.4, "words": -5.6}
_FIRST_BIAS, _FIRST_TERMS, _FIRST_KEYTERMS, _FIRST_TIME, _FIRST_OTHER_TIME = 0.6, 2.2, 2.6, 2.6, -1.4
_SECOND_BIAS, _SECOND_TERMS, _SECOND_KIN, _SECOND_TIME, _SECOND_KEYTERMS = -0.8, 1.6, 8.4, 2.2, 1.8
_NO_TERMS = 0.03  # cosine of all words up to which two stories have nothing in common
_FAINT = 3.0  # logits below even odds at which a story stops being a relative
_BEST = 3  # relatives that say how near a story's nearest are ...
_OF_BEST = 0.5  # ... those much farther than the first left out
_RELATIVE = 0.75  # of that nearness, to be counted among the nearest
_OWN = 6.0  # how near a story is to itself, at least: a pair of faint relatives without others is not thereby one


# --------------------------------------------------------------------------- likeness


def nearness(own: Account, others: Sequence[Account]) -> list[float]:
    """The first look at a story beside others: 0 for no relatives at all, 3 at even odds of telling of one event."""

    def alike(kind: str) -> Floats:
        return cosines_of(getattr(own, kind), [getattr(other, kind) for other in others])

    near: list[float] = _first_look(alike, _times([own], others))[0][0].tolist()
    return near


def likeness(accounts: Sequence[Account]) -> Floats:
    """The chance that two stories tell of one event, for each pair; 0 of each with itself."""

    def alike(kind: str) -> Floats:
        return cosines([getattr(one, kind) for one in accounts])

    times = _times(accounts, accounts)
    np.fill_diagonal(times.too_far, True)
    near, seen = _first_look(alike, times)
    logits = (
        _SECOND_BIAS
        + _SECOND_KIN * _kin(near)
        + _SECOND_TIME * seen.time
        + _SECOND_TERMS * np.log(0.05 + seen.terms)
        + _SECOND_KEYTERMS * seen.keyterms
    )
    likely: Floats = np.where(seen.apart, 0.0, 1 / (1 + np.exp(-logits))).astype(np.float32)
    return likely


@dataclass(frozen=True, slots=True)
class _Times:
    """For each pair: what time says for one event, -1..1; whether the years are two, 0 or 1; whether it is too far."""

    time: Floats
    other: Floats
    too_far: npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the second look weighs again; apart: pairs that cannot be of one event."""

    terms: Floats
    keyterms: Floats
    time: Floats
    apart: npt.NDArray[np.bool_]


def _first_look(alike: Callable[[str], Floats], times: _Times) -> tuple[Floats, _Seen]:
    """alike: the cosines of a kind of evidence of ``Account``."""
    terms, keyterms = np.maximum(alike("terms"), 0), alike("keyterms")
    logits = (
        _FIRST_BIAS
        + _FIRST_TERMS * np.log(0.05 + terms)
        + _FIRST_TIME * times.time
        + _FIRST_OTHER_TIME * times.other
        + _FIRST_KEYTERMS * keyterms
        + sum(weight * alike(kind) for kind, weight in _FIRST.items())
    )
    apart = times.too_far | (terms <= _NO_TERMS)
    near: Floats = np.where(apart, 0, np.maximum(logits + _FAINT, 0)).astype(np.float32)
    return near, _Seen(terms, keyterms, times.time, apart)


def _times(ones: Sequence[Account], others: Sequence[Account]) -> _Times:
    """Stories of the same days are what is compared: that alone says nothing, more than a day between them speaks
    against one event. Where one of the two is undated, the years speak: the same one, or two that are not next to each
    other."""
    days, other_days = (np.array([np.nan if one.day is None else one.day for one in some]) for some in (ones, others))
    years, other_years = (np.array([one.year for one in some]) for some in (ones, others))
    gaps = np.abs(days[:, None] - other_days[None, :])
    dated = ~np.isnan(gaps)
    known = (years[:, None] > 0) & (other_years[None, :] > 0) & ~dated
    between = np.abs(years[:, None] - other_years[None, :])
    later = np.clip((gaps - SAME_DAYS) / (WINDOW - SAME_DAYS), 0, 1)
    time = np.where(dated, -later, known & (between == 0)).astype(np.float32)
    return _Times(time, (known & (between >= 2)).astype(np.float32), dated & (gaps > WINDOW))


def _kin(near: Floats) -> Floats:
    """How far two stories have the same nearest relatives, each being one of its own: the cosine of their rows."""
    if not len(near):
        return near
    best = -np.sort(-near, axis=1)[:, :_BEST]
    counted = best >= _OF_BEST * best[:, :1]
    nearest = (best * counted).sum(axis=1) / counted.sum(axis=1)
    rows = np.where(near >= _RELATIVE * nearest[:, None], near, 0)
    np.fill_diagonal(rows, np.maximum(nearest, _OWN))
    rows /= np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-6)
    alike: Floats = rows @ rows.T
    return alike


# --------------------------------------------------------------------------- clusters


def gather(
    accounts: Sequence[Account], known: Mapping[int, int], rulings: Iterable[Ruling] = (), part: Collection[int] = ()
) -> list[HappeningAssignment]:
    """The happenings of these stories, each with the id that most of its stories had before; those that change only.

    known: lineage -> its happening so far. part: happenings of which not all stories are here; these stay whole.
    """
    ordered = sorted(accounts, key=Account.place)
    place = {one.lineage: number for number, one in enumerate(ordered)}
    same, different = _bound(place, rulings)
    for happening in part:
        members = [place[one.lineage] for one in ordered if known.get(one.lineage) == happening]
        same += [(members[0], member) for member in members[1:]]
    groups = clusters(likeness(ordered), LEAST, same, different)
    return _named([[ordered[number].lineage for number in group] for group in groups], known, part)


def _bound(place: Mapping[int, int], rulings: Iterable[Ruling]) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
    same: list[tuple[int, int]] = []
    different: list[tuple[int, int]] = []
    for ruling in rulings:
        if ruling.one in place and ruling.other is not None and ruling.other in place:
            (same if ruling.same else different).append((place[ruling.one], place[ruling.other]))
    return same, different


def clusters(
    alike: Floats, least: float, same: Iterable[tuple[int, int]] = (), different: Iterable[tuple[int, int]] = ()
) -> list[list[int]]:
    """Average-link clusters of a matrix of likeness: the two groups with the highest mean likeness over all their pairs
    are joined until none reaches ``least``. Pairs of ``same`` start together, those of ``different`` never meet, unless
    a pair of ``same`` says otherwise. Each cluster is ascending; clusters are in order of their first member."""
    members = _together(len(alike), same)
    count = len(members)
    start = np.zeros((count, len(alike)), dtype=np.float64)
    for row, group in enumerate(members):
        start[row, group] = 1
    sums = start @ alike.astype(np.float64) @ start.T
    sizes = start.sum(axis=1)
    barred = np.eye(count, dtype=bool)
    row_of = {member: row for row, group in enumerate(members) for member in group}
    for one, other in different:
        barred[row_of[one], row_of[other]] = barred[row_of[other], row_of[one]] = True
    means = np.where(barred, -1.0, sums / np.outer(sizes, sizes))
    while count > 1:
        one, other = sorted(divmod(int(means.argmax()), len(means)))
        if means[one, other] < least:
            break
        members[one] += members[other]
        members[other] = []
        sums[one] += sums[other]
        sums[:, one] += sums[:, other]
        sizes[one] += sizes[other]
        barred[one] |= barred[other]
        barred[:, one] |= barred[:, other]
        means[one] = np.where(barred[one], -1.0, sums[one] / (sizes[one] * sizes))
        means[:, one] = means[one]
        means[other] = means[:, other] = -1.0
        barred[other] = barred[:, other] = True
        count -= 1
    return sorted(sorted(group) for group in members if group)


def _together(count: int, same: Iterable[tuple[int, int]]) -> list[list[int]]:
    leader = list(range(count))

    def led_by(one: int) -> int:
        while leader[one] != one:
            one = leader[one]
        return one

    for one, other in same:
        first, second = sorted((led_by(one), led_by(other)))
        leader[second] = first
    groups: dict[int, list[int]] = {}
    for one in range(count):
        groups.setdefault(led_by(one), []).append(one)
    return list(groups.values())


def _named(
    groups: Sequence[Sequence[int]], known: Mapping[int, int], part: Collection[int]
) -> list[HappeningAssignment]:
    """Each group keeps the id that most of its stories had, larger shares first; of equal ones the older id stays."""
    shares = sorted(
        (-count, happening, number)
        for number, group in enumerate(groups)
        for happening, count in Counter(known[one] for one in group if one in known).items()
    )
    names: dict[int, int] = {}
    for _, happening, number in sorted(shares, key=lambda share: (share[1] not in part, share)):
        if number not in names and happening not in names.values():
            names[number] = happening
    found = []
    for number, group in enumerate(groups):
        name = names.get(number)
        absorbs = sorted({known[one] for one in group if one in known} & set(part) - {name})
        if name is None or any(known.get(one) != name for one in group):
            found.append(HappeningAssignment(name, tuple(group), tuple(absorbs)))
    return found
