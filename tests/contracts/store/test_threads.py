"""ThreadStore: happenings and threads as they follow from assignments and links; on both databases."""

from itertools import permutations

import pytest

from pipeline.errors import NotFoundError
from pipeline.models import Added, Status, TakeKind
from tests.store.builders import at, story
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
from tests.store.stage_runner import StageRunner

pytestmark = pytest.mark.slow  # takes more than five seconds of processor time


def revisions(runner: StageRunner, *stories: Added) -> dict[int, int]:
    records = runner.store.stories.records([story.lineage for story in stories])
    return {record.lineage: record.revision for record in records}


# --------------------------------------------------------------------------- happenings


def test_stories_of_one_event_share_a_happening_whose_id_stays_as_it_grows(runner: StageRunner) -> None:
    first, second = runner.add(dated("a", 8), dated("b", 8))
    relate(runner, assignments=[new_happening(first, second)])
    (happening, other) = happenings(runner, first, second)
    assert happening is not None
    assert happening == other
    (third,) = runner.add(dated("c", 9))
    relate(runner, assignments=[assigned(happening, first, second, third)])
    assert happenings(runner, first, second, third) == [happening] * 3
    assert runner.store.threads.happenings([first.lineage, third.lineage, 10**9]) == {
        first.lineage: happening,
        third.lineage: happening,
    }
    assert runner.store.threads.members([happening], 2) == {happening: [first.lineage, second.lineage]}


def test_happenings_and_threads_have_numbers_that_no_story_has(runner: StageRunner) -> None:
    added = runner.add(dated("a", 8), dated("b", 8))
    relate(runner)
    added += runner.add(dated("c", 9), dated("d", 9))
    relate(runner)
    numbers = [number for pair in ids(runner, *added) for number in pair]
    assert len({*numbers, *(story.lineage for story in added)}) == 3 * len(added)


def test_a_change_raises_the_revisions_of_all_whose_ids_change_and_only_of_these(runner: StageRunner) -> None:
    first, second, third = runner.add(dated("a", 8), dated("b", 8), dated("c", 20))
    relate(runner)
    runner.index()
    before = revisions(runner, first, third)
    (of_first, _), (of_second, _) = ids(runner, first, second)
    (fourth,) = runner.add(dated("d", 8))
    relate(runner, assignments=[assigned(of_second, first, second, fourth)])
    after = revisions(runner, first, third)
    assert after[first.lineage] > before[first.lineage]
    assert after[third.lineage] == before[third.lineage]
    assert first.lineage in runner.index()
    (change,) = [change for change in runner.store.threads.changes() if change.kind is HAPPENING]
    assert (change.left, change.joined, change.stories, change.merge, change.by) == (
        of_first,
        of_second,
        1,
        True,
        None,
    )


def test_a_split_is_recorded_and_the_part_that_leaves_has_a_new_id(runner: StageRunner) -> None:
    first, second, third = runner.add(dated("a", 8), dated("b", 8), dated("c", 8))
    relate(runner, assignments=[new_happening(first, second, third)])
    (happening,) = set(happenings(runner, first, second, third))
    (fourth,) = runner.add(dated("d", 8))
    relate(runner, assignments=[new_happening(third, fourth)])
    assert happenings(runner, first, second) == [happening] * 2
    (new,) = set(happenings(runner, third, fourth))
    assert new not in (None, happening)
    (change,) = [change for change in runner.store.threads.changes() if change.kind is HAPPENING]
    assert (change.left, change.joined, change.stories, change.merge) == (happening, new, 1, False)


def test_a_happening_that_is_absorbed_goes_with_all_its_stories(runner: StageRunner) -> None:
    first, second, third = runner.add(dated("a", 8), dated("b", 8), dated("c", 8))
    relate(runner, assignments=[new_happening(first), new_happening(second, third)])
    (kept, absorbed, _) = happenings(runner, first, second, third)
    assert kept is not None
    assert absorbed is not None
    (fourth,) = runner.add(dated("d", 8))
    relate(runner, assignments=[assigned(kept, first, second, fourth, absorbs=(absorbed,))])
    assert happenings(runner, first, second, third, fourth) == [kept] * 4


def test_a_withdrawn_story_leaves_its_happening_and_a_joined_one_goes_by_the_older(runner: StageRunner) -> None:
    first, second = runner.add(dated("a", 8), dated("k", 8))
    relate(runner, assignments=[new_happening(first, second)])
    (happening, _) = happenings(runner, first, second)
    runner.add(dated("k", 8, version=2, take=TakeKind.KILL, status=Status.WITHDRAWN))
    assert ids(runner, second) == [(None, None)]
    assert runner.store.threads.members([happening or 0], 9) == {happening: [first.lineage]}
    rows = {row["uri"]: row["happening"] for row in runner.export()}
    assert rows == {"a": "a", "k": None}


# --------------------------------------------------------------------------- threads


def test_what_follows_up_is_one_thread_and_what_does_not_is_another(runner: StageRunner) -> None:
    deal, study, other = runner.add(dated("deal", 8), dated("study", 15), dated("other", 15))
    relate(runner, [link(deal, study), link(deal, other, 0.3)])
    (of_deal, of_study, of_other) = threads(runner, deal, study, other)
    assert of_deal == of_study != of_other
    thread = runner.store.threads.thread(study.lineage)
    assert [story.uri for happening in thread.happenings for story in happening.stories] == ["deal", "study"]
    assert [happening.follows for happening in thread.happenings] == [None, thread.happenings[0].happening]
    assert thread == runner.store.threads.thread(thread.thread)
    assert thread == runner.store.threads.thread(thread.happenings[1].happening)


@pytest.mark.parametrize("order", list(permutations(range(4)))[::3])
def test_threads_are_the_same_in_whichever_order_stories_arrive(runner: StageRunner, order: tuple[int, ...]) -> None:
    stories = [dated("deal", 5), dated("study", 10), dated("blocked", 20), dated("unrelated", 12)]
    scores = {("deal", "study"): 0.9, ("deal", "blocked"): 0.5, ("study", "blocked"): 0.7}
    known: dict[str, Added] = {}
    for number in order:
        (known[stories[number].uri],) = runner.add(stories[number])
        links = [link(known[a], known[b], score) for (a, b), score in scores.items() if a in known and b in known]
        relate(runner, links)
    assert {row["uri"]: row["thread"] for row in runner.export()} == {
        "blocked": "blocked",
        "deal": "blocked",
        "study": "blocked",
        "unrelated": "unrelated",
    }
    thread = runner.store.threads.thread(known["deal"].lineage)
    follows = {happening.stories[0].uri: happening.follows for happening in thread.happenings}
    (deal, study) = happenings(runner, known["deal"], known["study"])
    assert follows == {"deal": None, "study": deal, "blocked": study}


def test_one_link_against_all_others_does_not_carry_a_story_into_another_affair(runner: StageRunner) -> None:
    order, a, b, c, offer = runner.add(
        dated("poland", 5), dated("a", 6), dated("b", 7), dated("c", 8), dated("offer", 9)
    )
    links = [link(a, b), link(b, c), link(a, c), link(order, offer, 0.9)]
    relate(runner, [*links, link(a, offer, 0.6), link(b, offer, 0.7), link(c, offer, 0.8)])
    (of_order, of_affair, of_offer) = threads(runner, order, c, offer)
    assert of_offer == of_affair != of_order


def test_a_late_story_joins_the_threads_that_follow_it_and_the_larger_keeps_its_name(runner: StageRunner) -> None:
    second, third, fourth, fifth = runner.add(dated("b", 10), dated("c", 20), dated("d", 25), dated("e", 26))
    relate(runner, [link(third, fourth), link(fourth, fifth)])
    small, large, _, _ = threads(runner, second, third, fourth, fifth)
    assert small != large
    (first,) = runner.add(dated("a", 5))
    relate(runner, [link(first, second), link(first, third)])
    assert threads(runner, first, second, third, fourth, fifth) == [large] * 5
    (change,) = [change for change in runner.store.threads.changes() if change.kind is THREAD and change.left == small]
    assert (change.joined, change.merge) == (large, True)


def test_stories_of_identical_times_and_undated_ones_follow_in_order_and_never_in_a_circle(runner: StageRunner) -> None:
    first, second = runner.add(dated("one", 8), dated("two", 8))
    relate(runner, [link(first, second), link(second, first)])
    third, fourth = runner.add(
        story("three", published_at=None, updated_at=None), story("four", published_at=None, updated_at=None)
    )
    relate(runner, [link(second, third), link(third, fourth), link(fourth, third)])
    assert len(set(threads(runner, first, second, third, fourth))) == 1
    thread = runner.store.threads.thread(first.lineage)
    assert [happening.follows is None for happening in thread.happenings] == [True, False, False, False]


def test_what_is_new_in_a_step_is_told(runner: StageRunner) -> None:
    deal, study = runner.add(dated("deal", 8), dated("study", 15))
    relate(runner, [link(deal, study, new=("Aselsan", "18 months"))])
    (_, step) = runner.store.threads.thread(deal.lineage).happenings
    assert (step.new, step.score, step.size) == (("Aselsan", "18 months"), 0.8, 1)


def test_unknown_numbers_are_refused(runner: StageRunner) -> None:
    (added,) = runner.add(dated("a", 8))
    for number in (added.lineage, 10**9):
        with pytest.raises(NotFoundError):
            runner.store.threads.thread(number)


def test_what_follows_a_happening_goes_with_the_story_that_it_follows(runner: StageRunner) -> None:
    first, second = runner.add(dated("a", 5), dated("b", 6))
    relate(runner, assignments=[new_happening(first), new_happening(second)])
    (third,) = runner.add(dated("c", 15))
    relate(runner, [link(second, third)])
    kept, absorbed = happenings(runner, first, second)
    assert threads(runner, second) == threads(runner, third) != threads(runner, first)
    (fourth,) = runner.add(dated("d", 7))
    relate(runner, assignments=[assigned(kept, first, fourth, absorbs=(absorbed or 0,))])
    thread = runner.store.threads.thread(first.lineage)
    assert [(happening.size, happening.follows) for happening in thread.happenings] == [(3, None), (1, kept)]
    (fifth,) = runner.add(dated("e", 6))
    relate(runner, assignments=[new_happening(second, fifth)])
    assert threads(runner, second, third, fifth) == threads(runner, second) * 3 != threads(runner, first) * 3


# --------------------------------------------------------------------------- withdrawal


def test_what_follows_a_happening_is_looked_at_again_when_that_begins_later(runner: StageRunner) -> None:
    first, reprint = runner.add(dated("a", 2), dated("reprint", 9))
    relate(runner, assignments=[new_happening(first, reprint)])
    (step,) = runner.add(dated("c", 5))
    relate(runner, [link(first, step), link(step, reprint)])
    thread = runner.store.threads.thread(step.lineage)
    assert [happening.stories[0].uri for happening in thread.happenings] == ["a", "c"]
    runner.index()
    runner.add(dated("a", 2, version=2, take=TakeKind.KILL, status=Status.WITHDRAWN))
    thread = runner.store.threads.thread(reprint.lineage)
    (of_step, of_reprint) = happenings(runner, step, reprint)
    follows = [(happening.happening, happening.follows) for happening in thread.happenings]
    assert follows == [(of_step, None), (of_reprint, of_step)]


def test_stories_whose_thread_changes_by_a_withdrawal_are_offered_to_the_index(runner: StageRunner) -> None:
    first, reprint = runner.add(dated("a", 2), dated("reprint", 9))
    relate(runner, assignments=[new_happening(first, reprint)])
    (step,) = runner.add(dated("c", 5))
    relate(runner, [link(first, step)])
    runner.index()
    runner.add(dated("a", 2, version=2, take=TakeKind.KILL, status=Status.WITHDRAWN))
    assert threads(runner, step) != threads(runner, reprint)
    assert step.lineage in runner.index()


def test_a_step_is_shown_to_follow_the_nearest_one_that_still_has_stories(runner: StageRunner) -> None:
    deal, study, blocked = runner.add(dated("deal", 2), dated("study", 5), dated("blocked", 9))
    relate(runner, [link(deal, study), link(study, blocked, new=("Aselsan",))])
    (of_deal,) = happenings(runner, deal)
    runner.add(dated("study", 5, version=2, take=TakeKind.KILL, status=Status.WITHDRAWN))
    _, step = runner.store.threads.thread(deal.lineage).happenings
    assert (step.follows, step.score, step.new) == (of_deal, None, ())


def test_the_threads_that_went_on_last_come_first(runner: StageRunner) -> None:
    old, older, lone, new, newer = runner.add(dated("a", 1), dated("b", 4), dated("c", 9), dated("d", 2), dated("e", 8))
    relate(runner, [link(old, older), link(new, newer)])
    first, second = runner.store.threads.active_threads(10)
    assert [first.thread, second.thread] == threads(runner, newer, older)
    assert (first.first, first.happenings, first.stories) == (new.lineage, 2, 2)
    assert (first.first_at, first.last_at) == (at(2), at(8))
    assert runner.store.threads.active_threads(1) == [first]
    assert threads(runner, lone) != [None], "a thread of its own, which has not gone on"
