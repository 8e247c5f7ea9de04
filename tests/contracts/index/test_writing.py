"""Writing: one document a lineage, the highest revision wins, whatever the order."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import permutations
from typing import Any

import pytest

from pipeline.index.documents import blanked
from pipeline.index.field_values import shown
from pipeline.models import SearchRequest, Status, StoryDocument, WriteOutcome, WriteState
from pipeline.ports import SearchIndex
from tests.index.stories import LIBRARY, story

WRITTEN, SUPERSEDED, REJECTED = WriteState.WRITTEN, WriteState.SUPERSEDED, WriteState.REJECTED


def headlines_found(engine: SearchIndex, query: str, all_statuses: bool = False) -> dict[int, str]:
    request = SearchRequest(query=query, limit=100, all_statuses=all_statuses)
    return {hit.lineage: hit.fields["headline"] for hit in engine.search(request).hits}


def found_all(engine: SearchIndex, query: str) -> list[int]:
    request = SearchRequest(query=query, limit=200, all_statuses=True)
    return [hit.lineage for hit in engine.search(request).hits]


def states(outcomes: list[WriteOutcome]) -> list[WriteState]:
    return [outcome.state for outcome in outcomes]


def test_an_index_that_was_never_written_is_empty(engine: SearchIndex) -> None:
    assert engine.count() == 0
    result = engine.search(SearchRequest(query="deal", facets=("person",)))
    assert (result.total, result.hits, result.next_key) == (0, (), None)
    assert result.facets == {"person": ()}
    assert engine.write([]) == []


def test_what_is_written_can_be_found_when_write_returns(engine: SearchIndex) -> None:
    outcomes = engine.write([story(1, headline="A loan"), story(2, headline="A tender", revision=7)])
    assert outcomes == [WriteOutcome(1, 1, WRITTEN), WriteOutcome(2, 7, WRITTEN)]
    assert headlines_found(engine, "loan tender") == {1: "A loan", 2: "A tender"}
    assert engine.count() == 2


def test_a_higher_revision_replaces_and_a_lower_or_equal_one_does_not(engine: SearchIndex) -> None:
    engine.write([story(1, headline="second take", revision=2)])
    assert states(engine.write([story(1, headline="first take", revision=1)])) == [SUPERSEDED]
    assert states(engine.write([story(1, headline="other take", revision=2)])) == [SUPERSEDED]
    assert headlines_found(engine, "take") == {1: "second take"}
    assert states(engine.write([story(1, headline="third take", revision=3)])) == [WRITTEN]
    assert headlines_found(engine, "take") == {1: "third take"}
    assert headlines_found(engine, "second") == {}
    assert engine.count() == 1


def test_within_a_batch_the_highest_revision_wins_too(engine: SearchIndex) -> None:
    takes = [story(1, headline=f"take {revision}", revision=revision) for revision in (2, 1, 3, 3)]
    assert states(engine.write(takes)) == [WRITTEN, SUPERSEDED, WRITTEN, SUPERSEDED]
    assert headlines_found(engine, "take") == {1: "take 3"}
    assert engine.count() == 1


TAKE: dict[str, Any] = {"headline": "take two", "body": "Signed in Ankara.", "version": 2, "agency": "Northwire"}
TAGS: dict[str, Any] = {**TAKE, "person": ("Jens Stoltenberg",), "terms": ("ankara",), "event_type": "agreement"}
LINKS: dict[str, Any] = {**TAGS, "follows": ((5, 0.5),), "thread": 5, "copy_group": 2, "copies": 1}
LATE_OLD_TAKE: dict[str, Any] = {**LINKS, "version": 3, "published_at": datetime(2017, 11, 1, tzinfo=UTC)}
WITHDRAWAL: dict[str, Any] = {**LATE_OLD_TAKE, "status": Status.WITHDRAWN, "version": 4}


@pytest.mark.parametrize(
    "history",
    [
        pytest.param((TAKE, TAGS, LINKS, LATE_OLD_TAKE, WITHDRAWAL), id="withdrawn in the end"),
        pytest.param((TAKE, WITHDRAWAL, TAGS, LINKS, LATE_OLD_TAKE), id="withdrawn and sent again"),
    ],
)
def test_every_order_of_writes_ends_in_the_same_document(
    engine: SearchIndex, history: tuple[dict[str, Any], ...]
) -> None:
    orders = list(permutations(enumerate(history, start=1)))
    for step in range(len(history)):
        engine.write(
            [
                story(lineage, month="2017.11", **{**order[step][1], "revision": order[step][0]})
                for lineage, order in enumerate(orders, start=1)
            ]
        )
    assert engine.count() == len(orders) == 120
    hits = engine.search(SearchRequest(query="*:*", limit=200, all_statuses=True)).hits
    last = [story(n, **{**history[-1], "revision": len(history)}) for n in range(1, len(orders) + 1)]
    assert {hit.lineage: hit.fields for hit in hits} == {
        document.lineage: shown(blanked(document)) for document in last
    }
    readable = 0 if history[-1] is WITHDRAWAL else 120
    assert len(found_all(engine, "ankara AND follows:5 AND _exists_:person AND thread:5")) == readable


def test_a_withdrawn_story_is_blank_and_a_late_take_does_not_bring_it_back(engine: SearchIndex) -> None:
    claim = story(1, headline="A claim", body="Never said.", person=("A Person",), agency="Northwire")
    engine.write([claim])
    engine.write([replace(claim, status=Status.WITHDRAWN, revision=3)])
    assert states(engine.write([story(1, headline="A claim again", revision=2)])) == [SUPERSEDED]
    assert headlines_found(engine, "claim OR *:*") == {}
    assert headlines_found(engine, "claim OR said OR _exists_:person", all_statuses=True) == {}
    assert headlines_found(engine, "*:*", all_statuses=True) == {1: ""}
    (hit,) = engine.search(SearchRequest(query="agency:Northwire", all_statuses=True)).hits
    assert (hit.fields["status"], hit.fields["body"], hit.fields["person"]) == ("withdrawn", "", [])
    engine.write([story(1, headline="A claim, released again", revision=4)])
    assert headlines_found(engine, "claim") == {1: "A claim, released again"}


def test_a_story_that_can_never_be_indexed_is_rejected_with_the_reason_and_the_rest_is_written(
    engine: SearchIndex,
) -> None:
    outcomes = engine.write([story(1), story(2, body="half a character: \ud83d"), story(3)])
    assert states(outcomes) == [WRITTEN, REJECTED, WRITTEN]
    assert outcomes[1].reason
    assert headlines_found(engine, "story") == {1: "Story number 1", 3: "Story number 3"}


def test_awkward_texts_are_written_and_found(engine: SearchIndex) -> None:
    engine.write(
        [
            story(1, headline="", body=""),
            story(2, body="\x00control\x07 characters\x1b"),
            story(3, body="x" * 100_000 + " needle"),
            story(4, body="word " * 200_000 + "haystack"),
            story(5, body="北京 Παρίσι Москва القاهرة 🚀 rocket"),
        ]
    )
    for lineage, query in ((2, "control"), (3, "needle"), (4, "haystack"), (5, "Москва"), (5, "rocket")):
        assert list(headlines_found(engine, query)) == [lineage]
    assert engine.count() == 5


# --------------------------------------------------------------------------- retention


def dated(lineage: int, year: int | None, **fields: Any) -> StoryDocument:
    time = None if year is None else datetime(year, 11, 5, tzinfo=UTC)
    month = None if year is None else f"{year}.11"
    return story(lineage, published_at=time, month=month, **fields)


def test_old_months_are_dropped_and_the_rest_stays(engine: SearchIndex) -> None:
    engine.write([dated(n, year) for n, year in enumerate((2013, 2014, 2014, 2015, None), start=1)])
    assert engine.drop_before("2014.11") == ["2013.11"]
    assert engine.drop_before("2014.11") == []
    assert engine.drop_before("2015.11") == ["2014.11"]
    assert headlines_found(engine, "*:*").keys() == {4, 5}
    assert engine.count() == 2
    assert states(engine.write([dated(4, 2015, revision=2), dated(6, 2016)])) == [WRITTEN, WRITTEN]
    assert headlines_found(engine, "*:*").keys() == {4, 5, 6}


def test_there_is_nothing_to_drop_in_an_index_that_was_never_written(engine: SearchIndex) -> None:
    assert engine.drop_before("2015.11") == []


# --------------------------------------------------------------------------- rebuilding


def test_a_rebuild_holds_what_it_was_given_and_nothing_else(engine: SearchIndex) -> None:
    engine.write([story(1, headline="old"), story(2, headline="gone")])
    outcomes = list(engine.rebuild([story(1, headline="new", revision=1), story(3, headline="new")]))
    assert states(outcomes) == [WRITTEN, WRITTEN]
    assert headlines_found(engine, "old gone new") == {1: "new", 3: "new"}
    assert engine.count() == 2


def test_an_index_can_be_rebuilt_before_it_was_ever_written(engine: SearchIndex) -> None:
    assert states(list(engine.rebuild(LIBRARY))) == [WRITTEN] * len(LIBRARY)
    assert engine.count() == len(LIBRARY)


def test_searches_see_the_old_index_whole_until_the_rebuild_is_done(engine: SearchIndex) -> None:
    engine.write([story(1, headline="old")])
    seen = []

    def documents() -> Iterator[StoryDocument]:
        for lineage in range(1, 6):
            seen.append(headlines_found(engine, "old new"))
            yield story(lineage, headline="new", revision=2)
        seen.append(headlines_found(engine, "old new"))

    for _ in engine.rebuild(documents()):
        pass
    assert seen == [{1: "old"}] * 6
    assert headlines_found(engine, "old new") == dict.fromkeys(range(1, 6), "new")


def test_what_is_written_during_a_rebuild_is_in_both(engine: SearchIndex) -> None:
    engine.write([story(1, headline="old", revision=1)])

    def documents() -> Iterator[StoryDocument]:
        yield story(1, headline="as read", revision=1)
        engine.write([story(1, headline="written meanwhile", revision=2), story(2, headline="written meanwhile")])
        assert headlines_found(engine, "written") == {1: "written meanwhile", 2: "written meanwhile"}
        yield story(3, headline="as read")

    for _ in engine.rebuild(documents()):
        pass
    assert headlines_found(engine, "read written") == {1: "written meanwhile", 2: "written meanwhile", 3: "as read"}


def test_a_rebuild_that_fails_or_is_given_up_changes_nothing(engine: SearchIndex) -> None:
    engine.write([story(1, headline="old")])

    def documents() -> Iterator[StoryDocument]:
        yield story(1, headline="new", revision=2)
        raise KeyError("the store went away")

    with pytest.raises(KeyError):
        list(engine.rebuild(documents()))
    given_up = engine.rebuild([story(1, headline="new", revision=2)])
    next(given_up)
    del given_up
    assert headlines_found(engine, "old new") == {1: "old"}
    assert states(engine.write([story(2, headline="new")])) == [WRITTEN]
    assert states(list(engine.rebuild([story(5, headline="new")]))) == [WRITTEN]
    assert headlines_found(engine, "old new") == {5: "new"}
