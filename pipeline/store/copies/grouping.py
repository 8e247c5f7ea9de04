"""Which lineages carry the same text: the pure grouping of pairwise findings, without chaining through weak links."""

from collections.abc import Iterable, Mapping


def group(order: Iterable[int], edges: Mapping[tuple[int, int], float]) -> list[list[int]]:
    """The copy groups of two and more, each with its earliest member first.

    order: the lineages from first to last published. edges: unordered pairs found to be copies, with similarity 0..1.
    In that order, each lineage joins the group whose representative (its earliest member) it was found to copy, or at
    least half of whose members; of several such groups the one that it is most like on average over all members, then
    the earliest. The result depends on nothing else.
    """
    near: dict[int, dict[int, float]] = {}
    for (a, b), similarity in edges.items():
        near.setdefault(a, {})[b] = similarity
        near.setdefault(b, {})[a] = similarity
    groups: list[list[int]] = []
    group_of: dict[int, int] = {}
    for lineage in order:
        mine = near.get(lineage, {})
        touched = sorted({group_of[other] for other in mine if other in group_of})
        best: tuple[float, int] | None = None
        for place in touched:
            members = groups[place]
            known = [mine[member] for member in members if member in mine]
            if members[0] not in mine and 2 * len(known) < len(members):
                continue
            likeness = sum(known) / len(members)
            if best is None or likeness > best[0]:
                best = likeness, place
        if best is None:
            group_of[lineage] = len(groups)
            groups.append([lineage])
        else:
            group_of[lineage] = best[1]
            groups[best[1]].append(lineage)
    return [members for members in groups if len(members) > 1]
