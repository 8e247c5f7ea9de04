"""Which stories report the same event on the same days, whoever wrote them. Pure: no store, no clock.

Happenings are average-link clusters of the chances that two stories report one event (``likeness``): no chain of
pairwise likenesses joins what is not alike as a whole.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np

from pipeline.models import HappeningAssignment, Ruling
from pipeline.relate.arrays import Floats
from pipeline.relate.happenings.evidence import HappeningEvidence
from pipeline.relate.happenings.likeness import same_event_chances
from pipeline.text.union_find import UnionFind

LEAST_CHANCE = 0.57
"""Mean chance from which two groups are one happening: to join two events is worse than to miss one. Chosen with the
weights of ``likeness``."""

Pair = tuple[int, int]


def cluster_happenings(
    evidence: Sequence[HappeningEvidence],
    known: Mapping[int, int],
    rulings: Iterable[Ruling] = (),
    partial: Collection[int] = (),
) -> list[HappeningAssignment]:
    """Find the happenings of some stories.

    Args:
        evidence: The stories.
        known: Lineage -> its happening so far.
        rulings: What operators ruled on these stories.
        partial: Happenings of which not all stories are given; their stories stay together.

    Returns:
        The happenings that are new or changed. Each has the id that most of its stories had before.
    """
    ordered = sorted(evidence, key=HappeningEvidence.publication_order)
    position = {story.lineage: number for number, story in enumerate(ordered)}
    together, apart = _ruled_pairs(position, rulings)
    for happening in partial:
        members = [position[story.lineage] for story in ordered if known.get(story.lineage) == happening]
        together += [(members[0], member) for member in members[1:]]
    clusters = average_link_clusters(same_event_chances(ordered), LEAST_CHANCE, together, apart)
    return _changed([[ordered[number].lineage for number in cluster] for cluster in clusters], known, partial)


def _ruled_pairs(position: Mapping[int, int], rulings: Iterable[Ruling]) -> tuple[list[Pair], list[Pair]]:
    """Return the pairs that rulings put together, and those that they keep apart.

    Args:
        position: Lineage -> position, of the stories that are clustered.
        rulings: What operators ruled.
    """
    together: list[Pair] = []
    apart: list[Pair] = []
    for ruling in rulings:
        if ruling.one in position and ruling.other is not None and ruling.other in position:
            (together if ruling.same else apart).append((position[ruling.one], position[ruling.other]))
    return together, apart


def average_link_clusters(
    alike: Floats, least: float, together: Iterable[Pair] = (), apart: Iterable[Pair] = ()
) -> list[list[int]]:
    """Cluster things by their likeness: join the two groups with the highest mean over all pairs, while it is enough.

    Args:
        alike: Likeness of each pair; (n, n).
        least: Mean likeness from which two groups are joined.
        together: Pairs that start in one group.
        apart: Pairs that never meet, unless a pair of ``together`` says otherwise.

    Returns:
        Clusters in order of their first member, each ascending.
    """
    start = UnionFind(range(len(alike)))
    for first, second in together:
        start.union(first, second)
    members = start.groups()
    count = len(members)
    membership = np.zeros((count, len(alike)), dtype=np.float64)
    for row, group in enumerate(members):
        membership[row, group] = 1
    sums = membership @ alike.astype(np.float64) @ membership.T
    sizes = membership.sum(axis=1)
    barred = np.eye(count, dtype=bool)
    row_of = {member: row for row, group in enumerate(members) for member in group}
    for first, second in apart:
        barred[row_of[first], row_of[second]] = barred[row_of[second], row_of[first]] = True
    means = np.where(barred, -1.0, sums / np.outer(sizes, sizes))
    while count > 1:
        kept, joined = sorted(divmod(int(means.argmax()), len(means)))
        if means[kept, joined] < least:
            break
        members[kept] += members[joined]
        members[joined] = []
        sums[kept] += sums[joined]
        sums[:, kept] += sums[:, joined]
        sizes[kept] += sizes[joined]
        barred[kept] |= barred[joined]
        barred[:, kept] |= barred[:, joined]
        means[kept] = np.where(barred[kept], -1.0, sums[kept] / (sizes[kept] * sizes))
        means[:, kept] = means[kept]
        means[joined] = means[:, joined] = -1.0
        barred[joined] = barred[:, joined] = True
        count -= 1
    return sorted(sorted(group) for group in members if group)


def _changed(
    clusters: Sequence[Sequence[int]], known: Mapping[int, int], partial: Collection[int]
) -> list[HappeningAssignment]:
    """Return the clusters whose stories change their happening, each under its id."""
    names = _names_of(clusters, known, partial)
    changed = []
    for number, cluster in enumerate(clusters):
        name = names.get(number)
        absorbed = sorted({known[lineage] for lineage in cluster if lineage in known} & set(partial) - {name})
        if name is None or any(known.get(lineage) != name for lineage in cluster):
            changed.append(HappeningAssignment(name, tuple(cluster), tuple(absorbed)))
    return changed


def _names_of(clusters: Sequence[Sequence[int]], known: Mapping[int, int], partial: Collection[int]) -> dict[int, int]:
    """Return number of the cluster -> the happening that most of its stories were of; new clusters have none.

    Partial happenings go first, then larger shares; of equal shares the older id is given first.
    """
    shares = sorted(
        (-count, happening, number)
        for number, cluster in enumerate(clusters)
        for happening, count in Counter(known[lineage] for lineage in cluster if lineage in known).items()
    )
    names: dict[int, int] = {}
    for _, happening, number in sorted(shares, key=lambda share: (share[1] not in partial, share)):
        if number not in names and happening not in names.values():
            names[number] = happening
    return names
