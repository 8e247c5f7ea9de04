"""Which lineages carry the same text: pairs that were found to be copies form groups. Pure.

Groups never chain through weak links: a lineage has to be a copy of a group's representative or of half its members.
"""

from collections.abc import Iterable, Mapping


def group_copies(order: Iterable[int], edges: Mapping[tuple[int, int], float]) -> list[list[int]]:
    """Form copy groups.

    In the given order, each lineage joins the group whose representative (its earliest member) it is a copy of, or at
    least half of whose members it is a copy of. Of several such groups it joins the one that it is most like on average
    over all members, then the earliest. The result depends on nothing else.

    Args:
        order: The lineages from first to last published.
        edges: Unordered pairs that were found to be copies -> similarity, 0..1.

    Returns:
        The groups of two or more, each with its earliest member first.
    """
    similar: dict[int, dict[int, float]] = {}
    for (a, b), similarity in edges.items():
        similar.setdefault(a, {})[b] = similarity
        similar.setdefault(b, {})[a] = similarity
    groups: list[list[int]] = []
    group_of: dict[int, int] = {}
    for lineage in order:
        similarities = similar.get(lineage, {})
        number = _best_group(similarities, groups, group_of)
        if number is None:
            number = len(groups)
            groups.append([])
        group_of[lineage] = number
        groups[number].append(lineage)
    return [members for members in groups if len(members) > 1]


def _best_group(similarities: Mapping[int, float], groups: list[list[int]], group_of: Mapping[int, int]) -> int | None:
    """The number of the group that a lineage joins; None if it joins none.

    Args:
        similarities: Lineage that it is a copy of -> similarity.
        groups: The groups so far.
        group_of: Lineage -> number of its group.
    """
    best: tuple[float, int] | None = None
    for number in sorted({group_of[other] for other in similarities if other in group_of}):
        members = groups[number]
        known = [similarities[member] for member in members if member in similarities]
        if members[0] not in similarities and 2 * len(known) < len(members):
            continue
        average = sum(known) / len(members)
        if best is None or average > best[0]:
            best = average, number
    return None if best is None else best[1]
