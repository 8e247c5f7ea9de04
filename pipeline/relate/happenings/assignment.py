"""Placing a batch of stories in happenings: who may tell of the same event, and what changes among those.

For each story the nearest of its days, from the index and from the batch -> the happenings that these are of, whole
-> stories that are relatives make a neighbourhood -> its happenings are found anew (``happenings.gather``).

Only neighbourhoods are looked at, and these are bounded, so that a story costs the same however large the corpus is.
What was found earlier in a neighbourhood is found again unless the new stories say otherwise: the outcome hardly
depends on the order in which stories arrive.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from pipeline.models import CandidateQuery, HappeningAssignment
from pipeline.ports import SearchIndex, Store
from pipeline.relate.happenings.clustering import WINDOW, gather, nearness
from pipeline.relate.happenings.evidence import Account, cosines
from pipeline.relate.happenings.evidence_cache import AccountDesk
from pipeline.relate.ranking.candidates import candidate_query
from pipeline.relate.ranking.features import StoryFeatures

FROM_INDEX = 30  # stories of the same days, from the engine ...
FROM_BATCH = 20  # ... and from the batch
FOUNDERS = 40  # stories of a happening, the first, that new ones are compared with: later ones cannot make it drift
NEIGHBOURHOOD = 300  # stories that are looked at together; the nearest first
KEPT = 15_000  # accounts in memory: a batch of 500 stories of busy days has that many neighbours


Relative = tuple[float, int, int]  # how near (see ``nearness``), a story of the batch, and another one


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """Stories that may tell of the same events: those without a happening so far, and whole happenings."""

    lineages: tuple[int, ...]
    happenings: tuple[int, ...]


class Gatherer:
    """Finds the happenings around new stories; keeps accounts from one batch to the next."""

    def __init__(self, store: Store, index: SearchIndex) -> None:
        self._store = store
        self._index = index
        self._desk = AccountDesk(store, KEPT)

    def gather(self, batch: Sequence[StoryFeatures]) -> dict[int, list[HappeningAssignment]]:
        """The happenings that are new or changed by these stories, under each of the batch that has a part in it."""
        relatives = self._relatives(batch)
        lineages = [story.lineage for story in batch]
        known = self._store.threads.happenings({*lineages, *(other for _, _, other in relatives)})
        told = self._store.threads.members(set(known.values()), FOUNDERS + 1)
        sizes = {happening: min(len(stories), FOUNDERS) for happening, stories in told.items()}
        found: dict[int, list[HappeningAssignment]] = {}
        neighbours = list(neighbourhoods(lineages, relatives, known, sizes))
        everyone = {one for near in neighbours for one in near.lineages}
        everyone |= {one for near in neighbours for happening in near.happenings for one in told[happening][:FOUNDERS]}
        all_accounts = self._desk.accounts(sorted(everyone))
        any_rulings = bool(self._store.threads.rulings_between(sorted(everyone)))
        for near in neighbours:
            members = {happening: told[happening][:FOUNDERS] for happening in near.happenings}
            part = [happening for happening in near.happenings if len(told[happening]) > FOUNDERS]
            before = {lineage: happening for happening, stories in members.items() for lineage in stories}
            here_and_before = dict.fromkeys([*near.lineages, *before])
            accounts = [all_accounts[one] for one in here_and_before if one in all_accounts]
            rulings = self._store.threads.rulings_between([one.lineage for one in accounts]) if any_rulings else []
            alone = set(near.lineages)
            here = [lineage for lineage in lineages if lineage in alone or known.get(lineage) in members]
            for gathered in gather(accounts, before, rulings, part):
                for lineage in [one for one in here if one in gathered.lineages] or here:
                    found.setdefault(lineage, []).append(gathered)
        return found

    def _relatives(self, batch: Sequence[StoryFeatures]) -> list[Relative]:
        answers = self._index.candidates([_request(story) for story in batch])
        named = [[candidate.lineage for candidate in answer] for answer in answers]
        accounts = self._desk.accounts(
            [*(story.lineage for story in batch), *(one for answer in named for one in answer)]
        )
        mates = _mates([accounts[story.lineage] for story in batch if story.lineage in accounts])
        found: list[Relative] = []
        for story, answer in zip(batch, named, strict=True):
            others = [*answer, *mates.get(story.lineage, ())]
            own = accounts.get(story.lineage)
            compared = [accounts[one] for one in dict.fromkeys(others) if one in accounts and one != story.lineage]
            if own is None or not compared:
                continue
            row = nearness(own, compared)
            found += [(near, own.lineage, other.lineage) for near, other in zip(row, compared, strict=True) if near > 0]
        return found


def _request(story: StoryFeatures) -> CandidateQuery:
    published, window = story.outline.published_at, timedelta(days=WINDOW)
    if published is None:
        return candidate_query(story, FROM_INDEX)
    return candidate_query(story, FROM_INDEX, after=published - window, before=published + window)


def _mates(accounts: Sequence[Account]) -> dict[int, list[int]]:
    """For each story the others of the batch with which it shares most words."""
    if len(accounts) < 2:
        return {}
    shared = cosines([one.terms for one in accounts])
    np.fill_diagonal(shared, 0)
    best = np.argsort(-shared, axis=1, kind="stable")[:, :FROM_BATCH]
    return {
        one.lineage: [accounts[place].lineage for place in row if shared[number, place] > 0]
        for number, (one, row) in enumerate(zip(accounts, best.tolist(), strict=True))
    }


def neighbourhoods(
    lineages: Sequence[int], relatives: Iterable[Relative], known: Mapping[int, int], sizes: Mapping[int, int]
) -> list[Neighbourhood]:
    """The stories of a batch with all that they are relatives of, as disjoint sets; the nearest are tied first, and no
    set grows beyond what can be looked at. sizes: happening -> how many of its stories are looked at."""
    leader: dict[tuple[bool, int], tuple[bool, int]] = {}
    load: dict[tuple[bool, int], int] = {}

    def node(lineage: int) -> tuple[bool, int]:
        happening = known.get(lineage)
        return (False, lineage) if happening is None else (True, happening)

    def led_by(one: tuple[bool, int]) -> tuple[bool, int]:
        load.setdefault(one, sizes.get(one[1], 1) if one[0] else 1)
        while leader.setdefault(one, one) != one:
            one = leader[one]
        return one

    for lineage in lineages:
        led_by(node(lineage))
    for _, one, other in sorted(relatives, key=lambda found: (-found[0], found[1:])):
        first, second = led_by(node(one)), led_by(node(other))
        if first != second and load[first] + load[second] <= NEIGHBOURHOOD:
            leader[second] = first
            load[first] += load[second]
    touched = {led_by(node(lineage)) for lineage in lineages}
    groups: dict[tuple[bool, int], list[tuple[bool, int]]] = {}
    for member in leader:
        if (first := led_by(member)) in touched:
            groups.setdefault(first, []).append(member)
    return [
        Neighbourhood(
            lineages=tuple(number for told, number in group if not told),
            happenings=tuple(number for told, number in group if told),
        )
        for group in groups.values()
    ]
