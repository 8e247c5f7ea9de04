"""ThreadStore: what operators rule on happenings and threads, and what holds afterwards; on both databases."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from pipeline.errors import NotFoundError, UsageError
from pipeline.models import Added, Ruling, Status, TakeKind
from pipeline.ports import Store, ThreadStore
from pipeline.store.happenings.ruling_rules import MAX_RULED
from tests.store.builders import NOW
from tests.store.opened_stores import opened
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


def four(runner: StageRunner) -> tuple[Added, Added, Added, Added]:
    """Two happenings of two stories each."""
    a, b, c, d = runner.add(dated("a", 8), dated("b", 8), dated("c", 9), dated("d", 9))
    relate(runner, assignments=[new_happening(a, b), new_happening(c, d)])
    return a, b, c, d


def test_merged_happenings_are_ruled_to_be_one_story_by_story(runner: StageRunner) -> None:
    a, b, c, d = four(runner)
    kept, absorbed = happenings(runner, a, c)
    changes = runner.store.threads.merge(HAPPENING, a.lineage, d.lineage, "ana")
    (change,) = [change for change in changes if change.kind is HAPPENING]
    assert (change.left, change.joined, change.stories, change.merge, change.by) == (absorbed, kept, 2, True, "ana")
    assert happenings(runner, a, b, c, d) == [kept] * 4
    rulings = runner.store.threads.rulings_between([story.lineage for story in (a, b, c, d)])
    assert {(ruling.one, ruling.other, ruling.same) for ruling in rulings} == {
        (story.lineage, a.lineage, True) for story in (b, c, d)
    }
    with pytest.raises(UsageError):
        runner.store.threads.merge(HAPPENING, a.lineage, d.lineage, "ana")


def test_split_stories_are_ruled_to_be_apart_from_all_that_stay(runner: StageRunner) -> None:
    a, b, c, d = four(runner)
    runner.store.threads.merge(HAPPENING, a.lineage, c.lineage, "ana")
    runner.store.threads.split(HAPPENING, [c.lineage, b.lineage], "ana")
    (of_a, of_b, of_c, of_d) = happenings(runner, a, b, c, d)
    assert of_a == of_d
    assert of_b == of_c != of_a
    rulings = runner.store.threads.rulings_between([story.lineage for story in (a, b, c, d)])
    same = {(ruling.one, ruling.other): ruling.same for ruling in rulings}
    assert same[c.lineage, a.lineage] is False
    assert same[b.lineage, c.lineage] is True
    with pytest.raises(UsageError):
        runner.store.threads.split(HAPPENING, [b.lineage, c.lineage], "ana")
    with pytest.raises(UsageError):
        runner.store.threads.split(HAPPENING, [a.lineage, c.lineage], "ana")


def test_a_thread_that_was_split_stays_so_when_stories_arrive(runner: StageRunner) -> None:
    deal, study, blocked = runner.add(dated("deal", 8), dated("study", 15), dated("blocked", 20))
    relate(runner, [link(deal, study), link(study, blocked)])
    runner.store.threads.split(THREAD, [study.lineage], "ana")
    (of_deal, of_study, of_blocked) = threads(runner, deal, study, blocked)
    assert of_deal != of_study == of_blocked
    (late,) = runner.add(dated("late", 12))
    relate(runner, [link(deal, late), link(late, study, 0.9)])
    assert threads(runner, deal, study, blocked, late) == [of_deal, of_study, of_study, of_deal]


def test_threads_that_were_merged_stay_so_and_the_later_goes_on_in_the_earlier(runner: StageRunner) -> None:
    deal, study = runner.add(dated("deal", 8), dated("study", 15))
    relate(runner)
    (change,) = runner.store.threads.merge(THREAD, study.lineage, deal.lineage, "ana")
    assert (change.kind, change.merge, change.by, change.at) == (THREAD, True, "ana", NOW)
    (late,) = runner.add(dated("late", 20))
    relate(runner, [link(study, late)])
    assert len(set(threads(runner, deal, study, late))) == 1
    thread = runner.store.threads.thread(deal.lineage)
    assert [happening.stories[0].uri for happening in thread.happenings] == ["deal", "study", "late"]


def test_rulings_give_the_same_in_another_store_with_the_same_stories(runner: StageRunner, store_url: str) -> None:
    a, b, c, d = four(runner)
    store: ThreadStore = runner.store.threads
    store.merge(HAPPENING, a.lineage, c.lineage, "ana")
    store.split(HAPPENING, [b.lineage], "bo")
    store.merge(THREAD, a.lineage, b.lineage, "bo")
    store.split(THREAD, [b.lineage], "bo")
    rulings, expected = store.all_rulings(), runner.export()
    runner.store.close()
    with opened(store_url) as again:
        _undo_rulings(again, [story.lineage for story in (a, b, c, d)])
        again.threads.apply_rulings(rulings)
        assert list(again.stories.export(canonical=True)) == expected


def _undo_rulings(store: Store, lineages: Sequence[int]) -> None:
    """Undo by rulings what was ruled, so that the same rulings can be applied once more."""
    a, b, c, d = lineages
    opposite = [(b, a, True), (c, a, False), (c, b, False), (d, a, False), (d, b, False), (d, c, True)]
    rulings = [Ruling(HAPPENING, first, second, same, "test", NOW) for first, second, same in opposite]
    store.threads.apply_rulings(rulings)
    happening_of = store.threads.happenings(lineages)
    assert happening_of[a] == happening_of[b] != happening_of[c] == happening_of[d]


# --------------------------------------------------------------------------- what follows from it


def test_what_followed_a_merged_happening_follows_the_one_that_it_became_part_of(runner: StageRunner) -> None:
    a, b, c = runner.add(dated("a", 8), dated("b", 9), dated("c", 15))
    relate(runner, [link(b, c)])
    (absorbed,) = threads(runner, b)
    kept, _, _ = happenings(runner, a, b, c)
    changes = runner.store.threads.merge(HAPPENING, a.lineage, b.lineage, "ana")
    assert len(set(threads(runner, a, b, c))) == 1
    assert [happening.follows for happening in runner.store.threads.thread(a.lineage).happenings] == [None, kept]
    assert [(change.left, change.merge) for change in changes if change.kind is THREAD] == [(absorbed, True)]


def test_what_followed_a_story_that_is_split_off_follows_it_still(runner: StageRunner) -> None:
    a, b = runner.add(dated("a", 8), dated("b", 9))
    relate(runner, assignments=[new_happening(a, b)])
    (c,) = runner.add(dated("c", 15))
    relate(runner, [link(b, c)])
    runner.store.threads.split(HAPPENING, [b.lineage], "ana")
    _, new = happenings(runner, a, b)
    assert threads(runner, b) == threads(runner, c) != threads(runner, a)
    assert [happening.follows for happening in runner.store.threads.thread(c.lineage).happenings] == [None, new]


def kill(runner: StageRunner, uri: str, day: int) -> None:
    runner.add(dated(uri, day, version=2, take=TakeKind.KILL, status=Status.WITHDRAWN))


def rulings_by_pair(runner: StageRunner, *stories: Added) -> dict[frozenset[int], bool]:
    """Pair of lineages -> whether they are ruled to be one; for all rulings between these stories."""
    rulings = runner.store.threads.rulings_between([story.lineage for story in stories])
    return {frozenset((ruling.one, ruling.other or 0)): ruling.same for ruling in rulings}


def pair(first: Added, second: Added) -> frozenset[int]:
    return frozenset((first.lineage, second.lineage))


def test_merged_happenings_stay_one_when_the_story_that_they_are_tied_to_is_withdrawn(runner: StageRunner) -> None:
    a, b, c, d = four(runner)
    runner.store.threads.merge(HAPPENING, a.lineage, c.lineage, "ana")
    kill(runner, "a", 8)
    assert rulings_by_pair(runner, b, c, d) == {pair(b, c): True, pair(b, d): True}
    assert rulings_by_pair(runner, c, d) == {pair(c, d): True}


def test_stories_stay_apart_from_what_is_tied_to_a_withdrawn_one(runner: StageRunner) -> None:
    a, b, c, d = four(runner)
    runner.store.threads.merge(HAPPENING, a.lineage, c.lineage, "ana")
    runner.store.threads.split(HAPPENING, [a.lineage], "ana")
    assert rulings_by_pair(runner, b, c, d) == {pair(b, c): True, pair(b, d): True}
    (e,) = runner.add(dated("e", 9))
    relate(runner)
    runner.store.threads.merge(HAPPENING, a.lineage, e.lineage, "ana")
    kill(runner, "a", 8)
    assert {stories: same for stories, same in rulings_by_pair(runner, b, c, d, e).items() if not same} == {
        pair(e, story): False for story in (b, c, d)
    }


def test_rulings_hold_elsewhere_though_the_story_that_all_are_tied_to_was_withdrawn(runner: StageRunner) -> None:
    a, b, c, d = four(runner)
    kill(runner, "a", 8)
    tied = [Ruling(HAPPENING, story.lineage, a.lineage, True, "ana", NOW) for story in (c, d, b)]
    runner.store.threads.apply_rulings(tied)
    assert len(set(happenings(runner, b, c, d))) == 1
    assert happenings(runner, a) == [None]


@pytest.mark.parametrize("killed", ["deal", "study"])
def test_merged_threads_stay_one_when_the_first_story_of_either_is_withdrawn(runner: StageRunner, killed: str) -> None:
    deal, reprint, study, again = runner.add(
        dated("deal", 8), dated("reprint", 8), dated("study", 15), dated("again", 15)
    )
    relate(runner, assignments=[new_happening(deal, reprint), new_happening(study, again)])
    runner.store.threads.merge(THREAD, deal.lineage, study.lineage, "ana")
    kill(runner, killed, 8 if killed == "deal" else 15)
    (late,) = runner.add(dated("late", 15))
    (happening,) = happenings(runner, again)
    relate(runner, assignments=[assigned(happening, again, late)])
    assert len(set(threads(runner, reprint, again, late))) == 1


def test_a_thread_that_was_split_stays_so_when_its_first_story_is_withdrawn(runner: StageRunner) -> None:
    deal, study, again = runner.add(dated("deal", 8), dated("study", 15), dated("again", 16))
    events = [new_happening(deal), new_happening(study, again)]
    relate(runner, [link(deal, study), link(deal, again)], assignments=events)
    runner.store.threads.split(THREAD, [study.lineage], "ana")
    kill(runner, "study", 15)
    (late,) = runner.add(dated("late", 16))
    (happening,) = happenings(runner, again)
    relate(runner, [link(deal, late)], assignments=[assigned(happening, again, late)])
    assert threads(runner, again, late) == threads(runner, again) * 2 != threads(runner, deal) * 2


# --------------------------------------------------------------------------- numbers that were merged or emptied


def numbers(runner: StageRunner, *added: Added) -> list[tuple[int, int]]:
    return [(happening or 0, thread or 0) for happening, thread in ids(runner, *added)]


def test_a_merged_number_leads_to_what_it_became_part_of_through_every_merge(runner: StageRunner) -> None:
    a, b, c = runner.add(dated("a", 8), dated("b", 9), dated("c", 10))
    relate(runner)
    before = [number for pair in numbers(runner, a, b, c) for number in pair]
    store: ThreadStore = runner.store.threads
    store.merge(HAPPENING, b.lineage, c.lineage, "ana")
    store.merge(HAPPENING, a.lineage, b.lineage, "ana")
    expected = store.thread(a.lineage)
    assert [happening.size for happening in expected.happenings] == [3]
    assert [store.thread(number) for number in before] == [expected] * 6


def test_the_number_of_a_merged_thread_leads_to_the_one_that_took_it_in(runner: StageRunner) -> None:
    a, b, c = runner.add(dated("a", 8), dated("b", 15), dated("c", 20))
    relate(runner)
    store: ThreadStore = runner.store.threads
    before = [thread for _, thread in numbers(runner, a, b, c)]
    store.merge(THREAD, b.lineage, c.lineage, "ana")
    store.merge(THREAD, a.lineage, b.lineage, "ana")
    assert [store.thread(number).thread for number in before] == [store.thread(a.lineage).thread] * 3


def test_operators_may_name_what_was_merged_by_its_old_number(runner: StageRunner) -> None:
    a, b, c = runner.add(dated("a", 8), dated("b", 9), dated("c", 10))
    relate(runner)
    store: ThreadStore = runner.store.threads
    (kept, _), (absorbed, thread), _ = numbers(runner, a, b, c)
    store.merge(HAPPENING, a.lineage, b.lineage, "ana")
    with pytest.raises(UsageError, match="one happening already"):
        store.merge(HAPPENING, kept, absorbed, "ana")
    with pytest.raises(UsageError, match="one thread already"):
        store.merge(THREAD, kept, thread, "ana")
    store.merge(HAPPENING, absorbed, c.lineage, "ana")
    assert happenings(runner, a, b, c) == [kept] * 3


def test_what_nothing_tells_of_any_more_is_refused(runner: StageRunner) -> None:
    a, b = runner.add(dated("a", 8), dated("b", 9))
    relate(runner)
    store: ThreadStore = runner.store.threads
    ((happening, thread),) = numbers(runner, b)
    kill(runner, "b", 9)
    for kind, number in ((HAPPENING, happening), (THREAD, happening), (THREAD, thread)):
        for first, second in ((number, a.lineage), (a.lineage, number)):
            with pytest.raises(NotFoundError):
                store.merge(kind, first, second, "ana")
        with pytest.raises(NotFoundError):
            store.split(kind, [number], "ana")
    for number in (happening, thread):
        with pytest.raises(NotFoundError):
            store.thread(number)


def test_a_merged_happening_goes_with_all_its_stories_however_many(runner: StageRunner) -> None:
    first, *others = runner.add(*(dated(f"s{number}", 8, body=f"Body {number}") for number in range(MAX_RULED + 4)))
    relate(runner, assignments=[new_happening(first), new_happening(*others)])
    (kept,) = happenings(runner, first)
    (change,) = runner.store.threads.merge(HAPPENING, first.lineage, others[0].lineage, "ana")
    assert (change.stories, change.merge, change.joined) == (MAX_RULED + 3, True, kept)
    assert set(happenings(runner, first, *others)) == {kept}


# --------------------------------------------------------------------------- ruled again from a file


def test_what_was_ruled_already_is_not_ruled_twice(runner: StageRunner) -> None:
    a, b, c, _ = four(runner)
    store: ThreadStore = runner.store.threads
    store.merge(HAPPENING, a.lineage, c.lineage, "ana")
    store.split(HAPPENING, [b.lineage], "bo")
    store.split(THREAD, [b.lineage], "bo")
    before, exported, changes = store.all_rulings(), runner.export(), store.changes()
    assert store.apply_rulings(before) == []
    assert (store.all_rulings(), runner.export(), store.changes()) == (before, exported, changes)


def test_what_was_overruled_since_is_ruled_again_as_the_latest_word(runner: StageRunner) -> None:
    a, b, c, d = four(runner)
    store: ThreadStore = runner.store.threads
    store.merge(HAPPENING, a.lineage, c.lineage, "ana")
    before = store.all_rulings()
    store.split(HAPPENING, [c.lineage, d.lineage], "bo")
    store.apply_rulings(before)
    assert len(set(happenings(runner, a, b, c, d))) == 1
    assert store.all_rulings()[-len(before) :] == before
    assert len(set(store.all_rulings())) == len(store.all_rulings())


def test_changes_bear_the_name_of_who_ruled_so(runner: StageRunner) -> None:
    a, b, c, d = four(runner)
    later = NOW + timedelta(hours=1)
    rulings = [Ruling(HAPPENING, story.lineage, a.lineage, True, "ana", NOW) for story in (c, d)]
    rulings.append(Ruling(HAPPENING, b.lineage, a.lineage, False, "bo", later))
    changes = [change for change in runner.store.threads.apply_rulings(rulings) if change.kind is HAPPENING]
    assert [(change.by, change.at, change.merge) for change in changes] == [("bo", later, False), ("ana", NOW, True)]


def test_a_story_is_not_ruled_to_be_apart_from_itself(runner: StageRunner) -> None:
    a, b, _, _ = four(runner)
    before = ids(runner, a, b)
    assert runner.store.threads.apply_rulings([Ruling(HAPPENING, a.lineage, a.lineage, False, "ana", NOW)]) == []
    assert (ids(runner, a, b), runner.store.threads.all_rulings()) == (before, [])


# --------------------------------------------------------------------------- ruled while relating was at work


def test_a_merge_stands_over_what_relating_found_before_it(runner: StageRunner) -> None:
    a, b = runner.add(dated("a", 2), dated("b", 3))
    relate(runner)
    of_a, of_b = happenings(runner, a, b)
    (late,) = runner.add(dated("late", 3))
    decided_before = [assigned(of_a, a, late)]
    runner.store.threads.merge(HAPPENING, b.lineage, a.lineage, "ana")
    relate(runner, assignments=decided_before)
    first, second, third = happenings(runner, a, b, late)
    assert first == second == of_b
    assert third not in (None, of_a, of_b)


def test_a_split_stands_over_what_relating_found_before_it(runner: StageRunner) -> None:
    a, b, c, d = four(runner)
    of_a, of_c = happenings(runner, a, c)
    (late,) = runner.add(dated("late", 9))
    decided_before = [assigned(of_a, a, b, late, absorbs=(of_c or 0,))]
    runner.store.threads.merge(HAPPENING, a.lineage, c.lineage, "ana")
    runner.store.threads.split(HAPPENING, [b.lineage], "ana")
    before = happenings(runner, a, b, c, d)
    relate(runner, assignments=decided_before)
    assert happenings(runner, a, b, c, d) == before


def test_what_relating_found_is_kept_where_no_ruling_is_against_it(runner: StageRunner) -> None:
    a, b, c, d = four(runner)
    (of_a,) = happenings(runner, a)
    e, late = runner.add(dated("e", 9), dated("late", 9))
    runner.store.threads.merge(HAPPENING, a.lineage, c.lineage, "ana")
    relate(runner, assignments=[assigned(of_a, a, late), new_happening(e)])
    assert happenings(runner, a, b, c, d, late) == [of_a] * 5
    runner.store.threads.split(HAPPENING, [b.lineage], "ana")
    (f,) = runner.add(dated("f", 9))
    (of_e,) = happenings(runner, e)
    relate(runner, assignments=[assigned(of_e, e, f)])
    assert happenings(runner, f) == [of_e]
