"""MarkStore: what readers say of follow-ups, applied to links and records; on both databases."""

from datetime import timedelta

import pytest

from pipeline.errors import NotFoundError
from pipeline.models import CopyEdge, HappeningAssignment, Link, Mark, PublisherLink, Reason, Relations, Stage
from pipeline.ports import Store
from tests.store.builders import NOW, at, story
from tests.store.stage_runner import StageRunner

SHARED = (Reason("term", "dam", 0.6),)


def verdict(earlier: int, later: int, right: bool, by: str = "ana", minutes: int = 0) -> Mark:
    return Mark(earlier=earlier, later=later, right=right, by=by, at=NOW + timedelta(minutes=minutes))


@pytest.fixture
def three(runner: StageRunner) -> list[int]:
    """Three stories, a day apart; the third is linked to the first."""
    added = runner.add(
        *(story(name, published_at=at(day), updated_at=at(day)) for day, name in enumerate(("a", "b", "c"), 1))
    )
    lineages = [story.lineage for story in added]
    link = Link(earlier=lineages[0], later=lineages[2], score=0.6, reasons=SHARED, new=("Brenn",))
    runner.tag()
    ids = runner.claim(Stage.RELATE)
    last = added[2].version_id
    runner.store.work.record_related(
        [
            Relations(
                lineage=take.lineage, version_id=take.version_id, links=(link,) if take.version_id == last else ()
            )
            for take in added
            if take.version_id in ids
        ]
    )
    runner.index()
    return lineages


def test_a_wrong_one_is_no_follow_up_any_more(store: Store, three: list[int]) -> None:
    first, _, third = three
    assert [link.later for link in store.relations.links_from(first)] == [third]
    store.marks.mark(verdict(first, third, right=False))
    assert store.relations.links_from(first) == []
    assert store.relations.links_to(third) == []
    assert store.stories.records([third])[0].follows == ()


def test_a_right_one_scores_one_and_its_reasons_add_up(store: Store, three: list[int]) -> None:
    first, _, third = three
    store.marks.mark(verdict(first, third, right=True, by="Ana Orsic"))
    (link,) = store.relations.links_from(first)
    assert link.reasons == (Reason("mark", "marked right by Ana Orsic", 0.4), *SHARED)
    assert link.score == pytest.approx(sum(reason.weight for reason in link.reasons)) == 1.0
    assert link.new == ("Brenn",)
    assert store.stories.records([third])[0].follows == ((first, 1.0),)


def test_a_right_one_that_no_machine_found_is_linked(store: Store, three: list[int]) -> None:
    first, second, third = three
    store.marks.mark(verdict(first, second, right=True))
    assert [(link.later, link.score) for link in store.relations.links_from(first)] == [(second, 1.0), (third, 0.6)]
    assert [link.earlier for link in store.relations.links_to(second)] == [first]
    assert store.stories.records([second])[0].follows == ((first, 1.0),)


def test_the_later_story_is_indexed_again(runner: StageRunner, three: list[int]) -> None:
    first, _, third = three
    assert runner.claim(Stage.INDEX) == []
    runner.store.marks.mark(verdict(first, third, right=False))
    assert runner.claim(Stage.INDEX) == [third]


def test_the_newest_word_counts_and_can_be_taken_back(store: Store, three: list[int]) -> None:
    first, second, third = three
    store.marks.mark(verdict(first, third, right=True))
    store.marks.mark(verdict(first, third, right=False, by="ben", minutes=1))
    store.marks.mark(verdict(second, third, right=True, minutes=2))
    assert [(mark.later, mark.right, mark.by) for mark in store.marks.marks([first])] == [(third, False, "ben")]
    assert [mark.earlier for mark in store.marks.marks()] == [first, second]
    store.marks.unmark(first, third)
    assert [link.score for link in store.relations.links_from(first)] == [0.6]
    with pytest.raises(NotFoundError, match="are not marked"):
        store.marks.unmark(first, third)


def test_to_take_back_what_was_never_said_changes_nothing(runner: StageRunner, three: list[int]) -> None:
    before = runner.store.stories.records(three)
    with pytest.raises(NotFoundError, match="are not marked"):
        runner.store.marks.unmark(three[0], three[2])
    assert runner.store.stories.records(three) == before
    assert runner.claim(Stage.INDEX) == []


@pytest.fixture
def copied(runner: StageRunner) -> list[int]:
    """Two copies, and two copies a day later; the third is linked to the first and the fourth to the second."""
    names = (("a", 1), ("a again", 1), ("b", 2), ("b again", 2))
    added = runner.add(*(story(name, published_at=at(day), updated_at=at(day)) for name, day in names))
    first, second, third, fourth = [take.lineage for take in added]
    links = [Link(earlier=first, later=third, score=0.6), Link(earlier=second, later=fourth, score=0.5)]
    versions = [take.version_id for take in added]
    runner.tag()
    runner.relate(links, [CopyEdge(versions[0], versions[1], 1.0), CopyEdge(versions[2], versions[3], 1.0)])
    runner.index()
    return [first, second, third, fourth]


def followed(store: Store, lineages: list[int]) -> list[tuple[tuple[int, float], ...]]:
    return [record.follows for record in store.stories.records(lineages)]


def test_a_mark_holds_for_the_copies_of_both(runner: StageRunner, copied: list[int]) -> None:
    store, (first, second, third, fourth) = runner.store, copied
    assert followed(store, copied[2:]) == [((first, 0.6),), ((second, 0.5),)]
    store.marks.mark(verdict(first, third, right=False))
    assert followed(store, copied[2:]) == [(), ()]
    assert (store.relations.links_from(second), store.relations.links_to(fourth)) == ([], [])
    assert sorted(runner.claim(Stage.INDEX)) == [third, fourth]


def test_of_marks_on_copies_the_newest_counts(store: Store, copied: list[int]) -> None:
    first, second, third, fourth = copied
    store.marks.mark(verdict(first, third, right=False))
    store.marks.mark(verdict(first, fourth, right=True, minutes=1))
    assert followed(store, copied[2:]) == [((first, 1.0), (second, 1.0))] * 2
    assert [(link.later, link.score) for link in store.relations.links_from(second)] == [(third, 1.0), (fourth, 1.0)]
    resolved = store.marks.resolved([second])
    assert [resolved.is_wrong(*pair) for pair in ((first, third), (second, fourth), (third, first))] == [False] * 3
    store.marks.unmark(first, fourth)
    assert followed(store, copied[2:]) == [(), ()]
    assert store.marks.resolved([second]).is_wrong(second, fourth)


def arrived(
    runner: StageRunner, name: str, day: int, happening: int, follows: int | None = None, copies: int | None = None
) -> int:
    """A further story, related: it follows up this one, and is a copy of that one."""
    (added,) = runner.add(story(name, published_at=at(day), updated_at=at(day)))
    runner.tag()
    (version_id,) = runner.claim(Stage.RELATE)
    copied = () if copies is None else runner.store.stories.history(copies)
    runner.store.work.record_related(
        [
            Relations(
                lineage=added.lineage,
                version_id=version_id,
                links=() if follows is None else (Link(earlier=follows, later=added.lineage, score=0.6),),
                copies=tuple(CopyEdge(take.version_id, version_id, 1.0) for take in copied),
                assignments=(HappeningAssignment(happening, (added.lineage,)),),
            )
        ]
    )
    return added.lineage


def test_a_thread_honours_marks_whatever_copies_arrive(runner: StageRunner) -> None:
    threads = runner.store.threads

    def apart() -> bool:
        return threads.thread(first).thread != threads.thread(later).thread

    first = arrived(runner, "a", 1, 1001)
    later = arrived(runner, "b", 2, 1002, follows=first)
    assert not apart()
    runner.store.marks.mark(verdict(first, later, right=False))
    assert apart()
    again = arrived(runner, "b again", 3, 1002, follows=first, copies=later)
    assert runner.store.relations.copies(later) == [again]
    assert apart()
    runner.store.marks.unmark(first, later)
    assert not apart()


def test_a_copy_that_arrives_later_is_followed_up_as_well(runner: StageRunner, three: list[int]) -> None:
    first, second, _ = three
    runner.store.marks.mark(verdict(first, second, right=True))
    runner.index()
    again = arrived(runner, "a again", 1, 1001, copies=first)
    assert followed(runner.store, [second]) == [((first, 1.0), (again, 1.0))]
    assert second in runner.claim(Stage.INDEX)


def test_a_mark_goes_with_a_story_that_is_joined_to_another(
    runner: StageRunner, store: Store, three: list[int]
) -> None:
    first, second, third = three
    store.marks.mark(verdict(second, third, right=True))
    runner.add(story("b", version=2, body="More of it", links=(PublisherLink("evolved_from", "a"),)))
    assert store.stories.resolve("b") == first
    assert [(mark.earlier, mark.later) for mark in store.marks.marks([first])] == [(first, third)]
    assert [link.later for link in store.relations.links_from(first)] == [third]
    store.marks.unmark(first, third)
    assert store.marks.marks() == []
