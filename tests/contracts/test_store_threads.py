"""ThreadStore: happenings and threads as they follow from assignments and links; on both databases."""

from itertools import permutations

import pytest

from pipeline.errors import NotFoundError
from pipeline.models import Added, Status, TakeKind
from tests.store.newsroom import Newsroom, at, story
from tests.store.relating import (
    HAPPENING,
    THREAD,
    assigned,
    dated,
    happenings,
    ids,
    link,
    new_happening,
    relate,
    threads,
)


def revisions(newsroom: Newsroom, *stories: Added) -> dict[int, int]:
    records = newsroom.store.stories.records([story.lineage for story in stories])
    return {record.lineage: record.revision for record in records}


# --------------------------------------------------------------------------- happenings


def test_stories_of_one_event_share_a_happening_whose_id_stays_as_it_grows(newsroom: Newsroom) -> None:
    first, second = newsroom.add(dated("a", 8), dated("b", 8))
    relate(newsroom, assignments=[new_happening(first, second)])
    (happening, other) = happenings(newsroom, first, second)
    assert happening is not None
    assert happening == other
    (third,) = newsroom.add(dated("c", 9))
    relate(newsroom, assignments=[assigned(happening, first, second, third)])
    assert happenings(newsroom, first, second, third) == [happening] * 3
    assert newsroom.store.threads.happenings([first.lineage, third.lineage, 10**9]) == {
        first.lineage: happening,
        third.lineage: happening,
    }
    assert newsroom.store.threads.members([happening], 2) == {happening: [first.lineage, second.lineage]}


def test_happenings_and_threads_have_numbers_that_no_story_has(newsroom: Newsroom) -> None:
    added = newsroom.add(dated("a", 8), dated("b", 8))
    relate(newsroom)
    added += newsroom.add(dated("c", 9), dated("d", 9))
    relate(newsroom)
    numbers = [number for pair in ids(newsroom, *added) for number in pair]
    assert len({*numbers, *(story.lineage for story in added)}) == 3 * len(added)


def test_a_change_raises_the_revisions_of_all_whose_ids_change_and_only_of_these(newsroom: Newsroom) -> None:
    first, second, third = newsroom.add(dated("a", 8), dated("b", 8), dated("c", 20))
    relate(newsroom)
    newsroom.index()
    before = revisions(newsroom, first, third)
    (of_first, _), (of_second, _) = ids(newsroom, first, second)
    (fourth,) = newsroom.add(dated("d", 8))
    relate(newsroom, assignments=[assigned(of_second, first, second, fourth)])
    after = revisions(newsroom, first, third)
    assert after[first.lineage] > before[first.lineage]
    assert after[third.lineage] == before[third.lineage]
    assert first.lineage in newsroom.index()
    (change,) = [change for change in newsroom.store.threads.changes() if change.kind is HAPPENING]
    assert (change.left, change.joined, change.stories, change.merge, change.by) == (
        of_first,
        of_second,
        1,
        True,
        None,
    )


def test_a_split_is_recorded_and_the_part_that_leaves_has_a_new_id(newsroom: Newsroom) -> None:
    first, second, third = newsroom.add(dated("a", 8), dated("b", 8), dated("c", 8))
    relate(newsroom, assignments=[new_happening(first, second, third)])
    (happening,) = set(happenings(newsroom, first, second, third))
    (fourth,) = newsroom.add(dated("d", 8))
    relate(newsroom, assignments=[new_happening(third, fourth)])
    assert happenings(newsroom, first, second) == [happening] * 2
    (new,) = set(happenings(newsroom, third, fourth))
    assert new not in (None, happening)
    (change,) = [change for change in newsroom.store.threads.changes() if change.kind is HAPPENING]
    assert (change.left, change.joined, change.stories, change.merge) == (happening, new, 1, False)


def test_a_happening_that_is_absorbed_goes_with_all_its_stories(newsroom: Newsroom) -> None:
    first, second, third = newsroom.add(dated("a", 8), dated("b", 8), dated("c", 8))
    relate(newsroom, assignments=[new_happening(first), new_happening(second, third)])
    (kept, absorbed, _) = happenings(newsroom, first, second, third)
    assert kept is not None
    assert absorbed is not None
    (fourth,) = newsroom.add(dated("d", 8))
    relate(newsroom, assignments=[assigned(kept, first, second, fourth, absorbs=(absorbed,))])
    assert happenings(newsroom, first, second, third, fourth) == [kept] * 4


def test_a_withdrawn_story_leaves_its_happening_and_a_joined_one_goes_by_the_older(newsroom: Newsroom) -> None:
    first, second = newsroom.add(dated("a", 8), dated("k", 8))
    relate(newsroom, assignments=[new_happening(first, second)])
    (happening, _) = happenings(newsroom, first, second)
    newsroom.add(dated("k", 8, version=2, take=TakeKind.KILL, status=Status.WITHDRAWN))
    assert ids(newsroom, second) == [(None, None)]
    assert newsroom.store.threads.members([happening or 0], 9) == {happening: [first.lineage]}
    rows = {row["uri"]: row["happening"] for row in newsroom.export()}
    assert rows == {"a": "a", "k": None}


# --------------------------------------------------------------------------- threads


def test_what_follows_up_is_one_thread_and_what_does_not_is_another(newsroom: Newsroom) -> None:
    deal, study, other = newsroom.add(dated("deal", 8), dated("study", 15), dated("other", 15))
    relate(newsroom, [link(deal, study), link(deal, other, 0.3)])
    (of_deal, of_study, of_other) = threads(newsroom, deal, study, other)
    assert of_deal == of_study != of_other
    thread = newsroom.store.threads.thread(study.lineage)
    assert [story.uri for happening in thread.happenings for story in happening.stories] == ["deal", "study"]
    assert [happening.follows for happening in thread.happenings] == [None, thread.happenings[0].happening]
    assert thread == newsroom.store.threads.thread(thread.thread)
    assert thread == newsroom.store.threads.thread(thread.happenings[1].happening)


@pytest.mark.parametrize("order", list(permutations(range(4)))[::3])
def test_threads_are_the_same_in_whichever_order_stories_arrive(newsroom: Newsroom, order: tuple[int, ...]) -> None:
    stories = [dated("deal", 5), dated("study", 10), dated("blocked", 20), dated("unrelated", 12)]
    scores = {("deal", "study"): 0.9, ("deal", "blocked"): 0.5, ("study", "blocked"): 0.7}
    known: dict[str, Added] = {}
    for number in order:
        (known[stories[number].uri],) = newsroom.add(stories[number])
        links = [link(known[a], known[b], score) for (a, b), score in scores.items() if a in known and b in known]
        relate(newsroom, links)
    assert {row["uri"]: row["thread"] for row in newsroom.export()} == {
        "blocked": "blocked",
        "deal": "blocked",
        "study": "blocked",
        "unrelated": "unrelated",
    }
    thread = newsroom.store.threads.thread(known["deal"].lineage)
    follows = {happening.stories[0].uri: happening.follows for happening in thread.happenings}
    (deal, study) = happenings(newsroom, known["deal"], known["study"])
    assert follows == {"deal": None, "study": deal, "blocked": study}


def test_one_link_against_all_others_does_not_carry_a_story_into_another_affair(newsroom: Newsroom) -> None:
    order, a, b, c, offer = newsroom.add(
        dated("poland", 5), dated("a", 6), dated("b", 7), dated("c", 8), dated("offer", 9)
    )
    links = [link(a, b), link(b, c), link(a, c), link(order, offer, 0.9)]
    relate(newsroom, [*links, link(a, offer, 0.6), link(b, offer, 0.7), link(c, offer, 0.8)])
    (of_order, of_affair, of_offer) = threads(newsroom, order, c, offer)
    assert of_offer == of_affair != of_order


def test_a_late_story_joins_the_threads_that_follow_it_and_the_larger_keeps_its_name(newsroom: Newsroom) -> None:
    second, third, fourth, fifth = newsroom.add(dated("b", 10), dated("c", 20), dated("d", 25), dated("e", 26))
    relate(newsroom, [link(third, fourth), link(fourth, fifth)])
    small, large, _, _ = threads(newsroom, second, third, fourth, fifth)
    assert small != large
    (first,) = newsroom.add(dated("a", 5))
    relate(newsroom, [link(first, second), link(first, third)])
    assert threads(newsroom, first, second, third, fourth, fifth) == [large] * 5
    (change,) = [
        change for change in newsroom.store.threads.changes() if change.kind is THREAD and change.left == small
    ]
    assert (change.joined, change.merge) == (large, True)


def test_stories_of_identical_times_and_undated_ones_follow_in_order_and_never_in_a_circle(newsroom: Newsroom) -> None:
    first, second = newsroom.add(dated("one", 8), dated("two", 8))
    relate(newsroom, [link(first, second), link(second, first)])
    third, fourth = newsroom.add(
        story("three", published_at=None, updated_at=None), story("four", published_at=None, updated_at=None)
    )
    relate(newsroom, [link(second, third), link(third, fourth), link(fourth, third)])
    assert len(set(threads(newsroom, first, second, third, fourth))) == 1
    thread = newsroom.store.threads.thread(first.lineage)
    assert [happening.follows is None for happening in thread.happenings] == [True, False, False, False]


def test_what_is_new_in_a_step_is_told(newsroom: Newsroom) -> None:
    deal, study = newsroom.add(dated("deal", 8), dated("study", 15))
    relate(newsroom, [link(deal, study, new=("Aselsan", "18 months"))])
    (_, step) = newsroom.store.threads.thread(deal.lineage).happenings
    assert (step.new, step.score, step.size) == (("Aselsan", "18 months"), 0.8, 1)


def test_unknown_numbers_are_refused(newsroom: Newsroom) -> None:
    (added,) = newsroom.add(dated("a", 8))
    for number in (added.lineage, 10**9):
        with pytest.raises(NotFoundError):
            newsroom.store.threads.thread(number)


def test_what_follows_a_happening_goes_with_the_story_that_it_follows(newsroom: Newsroom) -> None:
    first, second = newsroom.add(dated("a", 5), dated("b", 6))
    relate(newsroom, assignments=[new_happening(first), new_happening(second)])
    (third,) = newsroom.add(dated("c", 15))
    relate(newsroom, [link(second, third)])
    kept, absorbed = happenings(newsroom, first, second)
    assert threads(newsroom, second) == threads(newsroom, third) != threads(newsroom, first)
    (fourth,) = newsroom.add(dated("d", 7))
    relate(newsroom, assignments=[assigned(kept, first, fourth, absorbs=(absorbed or 0,))])
    thread = newsroom.store.threads.thread(first.lineage)
    assert [(happening.size, happening.follows) for happening in thread.happenings] == [(3, None), (1, kept)]
    (fifth,) = newsroom.add(dated("e", 6))
    relate(newsroom, assignments=[new_happening(second, fifth)])
    assert threads(newsroom, second, third, fifth) == threads(newsroom, second) * 3 != threads(newsroom, first) * 3


# --------------------------------------------------------------------------- withdrawal


def test_what_follows_a_happening_is_looked_at_again_when_that_begins_later(newsroom: Newsroom) -> None:
    first, reprint = newsroom.add(dated("a", 2), dated("reprint", 9))
    relate(newsroom, assignments=[new_happening(first, reprint)])
    (step,) = newsroom.add(dated("c", 5))
    relate(newsroom, [link(first, step), link(step, reprint)])
    thread = newsroom.store.threads.thread(step.lineage)
    assert [happening.stories[0].uri for happening in thread.happenings] == ["a", "c"]
    newsroom.index()
    newsroom.add(dated("a", 2, version=2, take=TakeKind.KILL, status=Status.WITHDRAWN))
    thread = newsroom.store.threads.thread(reprint.lineage)
    (of_step, of_reprint) = happenings(newsroom, step, reprint)
    follows = [(happening.happening, happening.follows) for happening in thread.happenings]
    assert follows == [(of_step, None), (of_reprint, of_step)]


def test_stories_whose_thread_changes_by_a_withdrawal_are_offered_to_the_index(newsroom: Newsroom) -> None:
    first, reprint = newsroom.add(dated("a", 2), dated("reprint", 9))
    relate(newsroom, assignments=[new_happening(first, reprint)])
    (step,) = newsroom.add(dated("c", 5))
    relate(newsroom, [link(first, step)])
    newsroom.index()
    newsroom.add(dated("a", 2, version=2, take=TakeKind.KILL, status=Status.WITHDRAWN))
    assert threads(newsroom, step) != threads(newsroom, reprint)
    assert step.lineage in newsroom.index()


def test_a_step_is_shown_to_follow_the_nearest_one_that_still_has_stories(newsroom: Newsroom) -> None:
    deal, study, blocked = newsroom.add(dated("deal", 2), dated("study", 5), dated("blocked", 9))
    relate(newsroom, [link(deal, study), link(study, blocked, new=("Aselsan",))])
    (of_deal,) = happenings(newsroom, deal)
    newsroom.add(dated("study", 5, version=2, take=TakeKind.KILL, status=Status.WITHDRAWN))
    _, step = newsroom.store.threads.thread(deal.lineage).happenings
    assert (step.follows, step.score, step.new) == (of_deal, None, ())


def test_the_threads_that_went_on_last_come_first(newsroom: Newsroom) -> None:
    old, older, lone, new, newer = newsroom.add(
        dated("a", 1), dated("b", 4), dated("c", 9), dated("d", 2), dated("e", 8)
    )
    relate(newsroom, [link(old, older), link(new, newer)])
    first, second = newsroom.store.threads.active_threads(10)
    assert [first.thread, second.thread] == threads(newsroom, newer, older)
    assert (first.first, first.happenings, first.stories) == (new.lineage, 2, 2)
    assert (first.first_at, first.last_at) == (at(2), at(8))
    assert newsroom.store.threads.active_threads(1) == [first]
    assert threads(newsroom, lone) != [None], "a thread of its own, which has not gone on"
