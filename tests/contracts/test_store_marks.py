"""MarkStore: what readers say of follow-ups, honoured in links and records; on both databases."""

from datetime import timedelta

import pytest

from pipeline.errors import NotFoundError
from pipeline.models import Link, Mark, PublisherLink, Reason, Relations, Stage
from pipeline.ports import Store
from tests.store.newsroom import NOW, Newsroom, at, story

SHARED = (Reason("term", "dam", 0.6),)


def told(earlier: int, later: int, right: bool, by: str = "ana", minutes: int = 0) -> Mark:
    return Mark(earlier=earlier, later=later, right=right, by=by, at=NOW + timedelta(minutes=minutes))


@pytest.fixture
def three(newsroom: Newsroom) -> list[int]:
    """Three stories, a day apart; the third is linked to the first."""
    added = newsroom.add(
        *(story(name, published_at=at(day), updated_at=at(day)) for day, name in enumerate(("a", "b", "c"), 1))
    )
    lineages = [one.lineage for one in added]
    link = Link(earlier=lineages[0], later=lineages[2], score=0.6, reasons=SHARED, new=("Brenn",))
    newsroom.tag()
    ids = newsroom.claim(Stage.RELATE)
    last = added[2].version_id
    newsroom.store.work.record_related(
        [
            Relations(lineage=one.lineage, version_id=one.version_id, links=(link,) if one.version_id == last else ())
            for one in added
            if one.version_id in ids
        ]
    )
    newsroom.index()
    return lineages


def test_a_wrong_one_is_no_follow_up_any_more(store: Store, three: list[int]) -> None:
    first, _, third = three
    assert [link.later for link in store.relations.links_from(first)] == [third]
    store.marks.mark(told(first, third, right=False))
    assert store.relations.links_from(first) == []
    assert store.relations.links_to(third) == []
    assert store.stories.records([third])[0].follows == ()


def test_a_right_one_scores_one_and_its_reasons_add_up(store: Store, three: list[int]) -> None:
    first, _, third = three
    store.marks.mark(told(first, third, right=True, by="Ana Orsic"))
    (link,) = store.relations.links_from(first)
    assert link.reasons == (Reason("mark", "marked right by Ana Orsic", 0.4), *SHARED)
    assert link.score == pytest.approx(sum(reason.weight for reason in link.reasons)) == 1.0
    assert link.new == ("Brenn",)
    assert store.stories.records([third])[0].follows == ((first, 1.0),)


def test_a_right_one_that_no_machine_found_is_linked(store: Store, three: list[int]) -> None:
    first, second, third = three
    store.marks.mark(told(first, second, right=True))
    assert [(link.later, link.score) for link in store.relations.links_from(first)] == [(second, 1.0), (third, 0.6)]
    assert [link.earlier for link in store.relations.links_to(second)] == [first]
    assert store.stories.records([second])[0].follows == ((first, 1.0),)


def test_the_later_story_is_indexed_again(newsroom: Newsroom, three: list[int]) -> None:
    first, _, third = three
    assert newsroom.claim(Stage.INDEX) == []
    newsroom.store.marks.mark(told(first, third, right=False))
    assert newsroom.claim(Stage.INDEX) == [third]


def test_the_newest_word_counts_and_can_be_taken_back(store: Store, three: list[int]) -> None:
    first, second, third = three
    store.marks.mark(told(first, third, right=True))
    store.marks.mark(told(first, third, right=False, by="ben", minutes=1))
    store.marks.mark(told(second, third, right=True, minutes=2))
    assert [(mark.later, mark.right, mark.by) for mark in store.marks.marks([first])] == [(third, False, "ben")]
    assert [mark.earlier for mark in store.marks.marks()] == [first, second]
    store.marks.unmark(first, third)
    assert [link.score for link in store.relations.links_from(first)] == [0.6]
    with pytest.raises(NotFoundError, match="are not marked"):
        store.marks.unmark(first, third)


def test_a_mark_goes_with_a_story_that_is_joined_to_another(newsroom: Newsroom, store: Store, three: list[int]) -> None:
    first, second, third = three
    store.marks.mark(told(second, third, right=True))
    newsroom.add(story("b", version=2, body="More of it", links=(PublisherLink("evolved_from", "a"),)))
    assert store.stories.resolve("b") == first
    assert [(mark.earlier, mark.later) for mark in store.marks.marks([first])] == [(first, third)]
    assert [link.later for link in store.relations.links_from(first)] == [third]
    store.marks.unmark(first, third)
    assert store.marks.marks() == []
