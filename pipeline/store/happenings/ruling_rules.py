"""What operators' rulings on happenings come to: rulings in, the groups that follow from them out. Pure.

A ruling is on two stories, and rulings are applied in order. "Same" takes the first story, and no other, to the other
story's happening. "Different" takes the first story to a new happening, where the two are together. So the rulings can
be applied again, to any store that has the stories, with the same result. Of several on one pair the latest holds.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import count
from typing import TypeAlias

from pipeline.models import GroupKind, HappeningAssignment, Ruling

MAX_RULED = 100  # stories of a happening, the first, that a merge or split is ruled on one by one

StoryPair: TypeAlias = tuple[int, int, Ruling]
"""Two different stories, and a ruling on them."""


def story_pairs(rulings: Iterable[Ruling]) -> list[StoryPair]:
    """The rulings that are on two different stories."""
    return [
        (ruling.one, ruling.other, ruling)
        for ruling in rulings
        if ruling.other is not None and ruling.other != ruling.one
    ]


# --------------------------------------------------------------------------- what holds between stories


def rulings_between(rulings: Iterable[Ruling], lineages: Collection[int]) -> list[Ruling]:
    """Find what holds between some stories: that they report one event, or two.

    Stories that are ruled to be one with a third story are one, and apart from what that is apart from.

    Args:
        rulings: Rulings on happenings, oldest first, that concern these stories, also by way of other stories.
        lineages: The stories.

    Returns:
        Rulings on two of the stories. The first ones hold together those of one event, the others hold events apart.
    """
    pairs = story_pairs(rulings)
    event_of, brought_by = _ruled_events(pairs)
    members: dict[int, list[int]] = {}
    for story in sorted(event_of.keys() & set(lineages), key=lambda story: (story in brought_by, story)):
        members.setdefault(event_of[story], []).append(story)
    together = [
        replace(brought_by[story], one=story, other=first) for first, *others in members.values() for story in others
    ]
    return together + _held_apart(pairs, event_of, members)


def _ruled_events(pairs: Iterable[StoryPair]) -> tuple[dict[int, int], dict[int, Ruling]]:
    """Find which stories report one event by these rulings.

    These are no disjoint sets that only merge: a ruling moves one story, which leaves the others of its event behind.

    Returns:
        Story -> a number for its event, and story -> the ruling that brought it there. At most one story of each event
        was not brought there.
    """
    event_of: dict[int, int] = {}
    brought_by: dict[int, Ruling] = {}
    new_events = count()
    for first, second, ruling in pairs:
        first_event = event_of.setdefault(first, next(new_events))
        second_event = event_of.setdefault(second, next(new_events))
        if ruling.same and first_event != second_event:
            event_of[first], brought_by[first] = second_event, ruling
        elif not ruling.same and first_event == second_event:
            event_of[first] = next(new_events)
            brought_by.pop(first, None)
    return event_of, brought_by


def _held_apart(
    pairs: Iterable[StoryPair], event_of: Mapping[int, int], members: Mapping[int, Sequence[int]]
) -> list[Ruling]:
    """The latest rulings that hold two events apart, each on a story of either event.

    Args:
        pairs: The rulings, oldest first.
        event_of: Story -> number of its event.
        members: Event -> the stories of it that were asked for.
    """
    latest = {frozenset((first, second)): (first, second, ruling) for first, second, ruling in pairs}
    apart: dict[frozenset[int], Ruling] = {}
    for first, second, ruling in latest.values():
        if ruling.same or event_of[first] == event_of[second]:
            continue
        first_member = _representative(first, members.get(event_of[first], ()))
        second_member = _representative(second, members.get(event_of[second], ()))
        if first_member is not None and second_member is not None:
            apart[frozenset((first_member, second_member))] = replace(ruling, one=first_member, other=second_member)
    return list(apart.values())


def _representative(story: int, members: Sequence[int]) -> int | None:
    """The story itself if it is among these members of its event, else the first of them."""
    return story if story in members else next(iter(members), None)


def stories_of_broken_rulings(
    rulings: Iterable[Ruling], before: Mapping[int, int], after: Mapping[int, int]
) -> set[int]:
    """The stories between which a ruling is kept now, and would not be any more.

    Args:
        rulings: Rulings on happenings.
        before: Story -> its present happening, if it has one.
        after: Story -> the happening that it would have; for all stories that the rulings name.
    """
    broken: set[int] = set()
    for first, second, ruling in story_pairs(rulings):
        is_kept = _agrees(ruling, before.get(first), before.get(second))
        if is_kept and not _agrees(ruling, after[first], after[second]):
            broken |= {first, second}
    return broken


def _agrees(ruling: Ruling, first: int | None, second: int | None) -> bool:
    """Whether two stories with these happenings are as was ruled."""
    return (first is not None and first == second) == ruling.same


# --------------------------------------------------------------------------- making and applying rulings


def merge_rulings(first: Sequence[int], second: Sequence[int], by: str, at: datetime) -> list[Ruling]:
    """Rule that two happenings are one: all their stories report the event of the first one's first story.

    Args:
        first: The first stories of the happening that stays.
        second: The first stories of the happening that becomes part of it.
        by: Who rules so.
        at: When.
    """
    head = first[0]
    return [Ruling(GroupKind.HAPPENING, story, head, True, by, at) for story in (*second, *first[1:])]


def split_rulings(leaving: Sequence[int], staying: Sequence[int], by: str, at: datetime) -> list[Ruling]:
    """Rule that the leaving stories report an event of their own, and none of the staying ones does."""
    head = leaving[0]
    rulings = []
    for story in leaving:
        if story != head:
            rulings.append(Ruling(GroupKind.HAPPENING, story, head, True, by, at))
        rulings += [Ruling(GroupKind.HAPPENING, story, other, False, by, at) for other in staying[:MAX_RULED]]
    return rulings


def assignments_by_rulings(rulings: Iterable[Ruling], happening_of: Mapping[int, int]) -> list[HappeningAssignment]:
    """Apply rulings on happenings in this order.

    Args:
        rulings: The rulings.
        happening_of: Lineage -> its present happening. A story that has none, being withdrawn, still holds together
            those that are ruled to be one with it.

    Returns:
        The assignments of stories whose happening changes.
    """
    after = dict(happening_of)
    new_happening = 0  # new ones count down from -1
    for first, second, ruling in story_pairs(rulings):
        if ruling.same and first in after and second in after:
            after[first] = after[second]
        elif ruling.same and (first in after or second in after):
            after[first] = after[second] = after[first] if first in after else after[second]
        elif first in after and after[first] == after.get(second):
            new_happening -= 1
            after[first] = new_happening
    groups: dict[int, list[int]] = {}
    for lineage, happening in happening_of.items():
        if after[lineage] != happening:
            groups.setdefault(after[lineage], []).append(lineage)
    return [
        HappeningAssignment(happening if happening > 0 else None, tuple(lineages))
        for happening, lineages in sorted(groups.items(), reverse=True)
    ]
