"""RelationStore: candidates for copies, and copy groups; on both databases."""

from dataclasses import replace
from datetime import timedelta
from itertools import combinations, permutations

import numpy as np
import pytest

from pipeline.models import (
    Added,
    CopyEdge,
    PublisherLink,
    Relations,
    Stage,
    Status,
    Story,
    TakeKind,
)
from pipeline.ports import Store
from tests.store.builders import NOW, WINDOW, at, enrichment, story
from tests.store.stage_runner import StageRunner


def signature(seed: int, changed: float = 0.0) -> bytes:
    """A MinHash signature of 128 values; ``changed``: the share of values that differ from the seed's own."""
    values = np.random.default_rng(seed).integers(0, 2**32, 128, dtype=np.uint64).astype("<u4")
    values[: round(128 * changed)] ^= 0xFFFF
    return values.tobytes()


def tag_with(runner: StageRunner, signatures: dict[str, bytes | None]) -> None:
    takes = runner.store.stories.takes(runner.claim(Stage.ENRICH))
    runner.store.work.record_enriched(
        [replace(enrichment(take), signature=signatures[take.story.uri]) for take in takes]
    )


def paper(name: str, **fields: object) -> Story:
    """The same text in another paper."""
    return story(name, source=name, agency=None, body="The same text", **fields)


def similar(runner: StageRunner, added: Added, window: timedelta = WINDOW) -> list[str]:
    candidates = runner.store.relations.copy_candidates([added.version_id], window)
    return [take.story.uri for take in candidates[added.version_id]]


# --------------------------------------------------------------------------- candidates


def test_takes_that_share_bands_are_found_most_similar_first(runner: StageRunner) -> None:
    texts = {"a": signature(1), "b": signature(1, 0.3), "c": signature(1, 0.05), "d": signature(2), "e": None}
    added = runner.add(*(paper(name) for name in texts))
    tag_with(runner, texts)
    assert similar(runner, added[0]) == ["c", "b"]
    assert similar(runner, added[3]) == []
    assert similar(runner, added[4]) == []
    assert runner.store.relations.signature(added[0].version_id) == texts["a"]
    assert runner.store.relations.signature(added[4].version_id) is None
    assert runner.store.relations.copy_candidates([10**9], WINDOW) == {10**9: []}


@pytest.mark.parametrize("days", [2, 3, 13, 14, 15, 400])
def test_the_window_bounds_copies_wherever_time_is_cut(runner: StageRunner, days: int) -> None:
    earlier = at(8, 9) - timedelta(days=days)
    first, second = runner.add(paper("a", published_at=earlier, updated_at=earlier), paper("b"))
    tag_with(runner, {"a": signature(1), "b": signature(1)})
    assert similar(runner, second, timedelta(days=days)) == ["a"]
    assert similar(runner, first, timedelta(days=days) - timedelta(seconds=1)) == []


def test_undated_takes_are_found_among_themselves(runner: StageRunner) -> None:
    first, _ = runner.add(*(paper(name, published_at=None, updated_at=None) for name in "ab"))
    tag_with(runner, {"a": signature(1), "b": signature(1)})
    assert similar(runner, first) == ["b"]


def test_takes_of_one_story_and_unseen_ones_are_no_copies_of_it(runner: StageRunner) -> None:
    added = runner.add(paper("a", version=1), paper("a", version=2, headline="Two"), paper("b"), paper("c"))
    tag_with(runner, dict.fromkeys("abc", signature(1)))
    runner.add(paper("c", version=2, take=TakeKind.KILL, status=Status.WITHDRAWN))
    assert similar(runner, added[0]) == ["b"]


def test_at_most_fifty_candidates_the_nearest_first(runner: StageRunner) -> None:
    times = [at(8) + timedelta(minutes=minutes) for minutes in range(60)]
    added = runner.add(*(paper(f"{n:02}", published_at=time, updated_at=time) for n, time in enumerate(times)))
    tag_with(runner, {f"{n:02}": signature(1) for n in range(60)})
    assert similar(runner, added[0]) == [f"{n:02}" for n in range(1, 51)]


def test_boilerplate_that_everybody_carries_stops_being_filed(runner: StageRunner) -> None:
    """The cost of a story does not grow with the corpus."""
    for batch in range(3):
        stories = [paper(f"{batch}/{n}") for n in range(120)]
        added = runner.add(*stories)
        tag_with(runner, {paper.uri: signature(1) for paper in stories})
    (last,) = runner.add(paper("last", published_at=at(8, 8), updated_at=at(8, 8)))
    tag_with(runner, {"last": signature(1)})
    assert len(similar(runner, last)) == 50
    assert similar(runner, added[0])


def test_a_retag_renews_the_bands(runner: StageRunner) -> None:
    first, second = runner.add(paper("a"), paper("b"))
    tag_with(runner, {"a": signature(1), "b": signature(1)})
    runner.relate(copies=[CopyEdge(first.version_id, second.version_id, 1.0)])
    runner.store.work.requeue(Stage.ENRICH)
    tag_with(runner, {"a": signature(1), "b": signature(2)})
    assert similar(runner, first) == []
    runner.relate()
    assert runner.store.relations.copies(first.lineage) == []
    assert runner.store.relations.copy_edges(first.lineage) == []


# --------------------------------------------------------------------------- groups


def grouped(store: Store) -> dict[str, tuple[str | None, int]]:
    lineages = list(store.stories.lineages())
    records = {record.lineage: record for record in store.stories.records(lineages)}
    return {
        record.current.story.uri: (
            None if record.copy_group is None else records[record.copy_group].current.story.uri,
            record.copies,
        )
        for record in records.values()
    }


def test_copies_form_a_group_named_by_its_oldest_lineage(runner: StageRunner) -> None:
    times = {"a": at(8, 9), "b": at(8, 8), "c": at(8, 7), "d": at(8, 9)}
    a, b, c, d = runner.add(*(paper(name, published_at=time, updated_at=time) for name, time in times.items()))
    runner.tag()
    edges = [CopyEdge(a.version_id, b.version_id, 0.8), CopyEdge(b.version_id, c.version_id, 0.9)]
    runner.relate(copies=edges)
    # c is the earliest published, and b its copy; a is like b, which is half of the group
    assert grouped(runner.store) == {"a": ("a", 2), "b": ("a", 2), "c": ("a", 2), "d": (None, 0)}
    assert runner.store.relations.copies(a.lineage) == [c.lineage, b.lineage]
    assert runner.store.relations.copies(d.lineage) == []
    assert runner.store.relations.copy_edges(c.lineage) == edges
    assert runner.index() == [c.lineage, b.lineage, a.lineage, d.lineage]


def test_the_order_in_which_copies_are_found_does_not_matter(runner: StageRunner) -> None:
    groupings = set()
    pairs = [(0, 1), (1, 2), (2, 3), (0, 2), (3, 4)]
    for number, order in enumerate(permutations(range(5))):
        if number % 10:
            continue
        times = [at(8, hour) for hour in range(5)]
        papers = [paper(f"{number}/{n}", published_at=times[n], updated_at=times[n]) for n in range(5)]
        ids: dict[int, int] = {}
        for number_of_paper in order:
            (added,) = runner.add(papers[number_of_paper])
            ids[number_of_paper] = added.version_id
            runner.tag()
            known = [
                CopyEdge(ids[a], ids[b], 0.8) for a, b in pairs if a in ids and b in ids and number_of_paper in (a, b)
            ]
            runner.claim(Stage.RELATE)
            relations = Relations(lineage=added.lineage, version_id=added.version_id, copies=tuple(known))
            runner.store.work.record_related([relations])
        rows = [row for row in runner.export() if row["uri"].startswith(f"{number}/")]
        groupings.add(tuple((row["uri"].split("/")[1], (row["copy_group"] or "/-").split("/")[1]) for row in rows))
    assert groupings == {(("0", "0"), ("1", "0"), ("2", "0"), ("3", "3"), ("4", "3"))}


def test_a_withdrawn_story_leaves_its_group(runner: StageRunner) -> None:
    a, b, c = runner.add(paper("a"), paper("b"), paper("c"))
    runner.tag()
    ids = [a.version_id, b.version_id, c.version_id]
    runner.relate(copies=[CopyEdge(a_id, b_id, 0.9) for a_id, b_id in combinations(ids, 2)])
    runner.index()
    runner.add(paper("a", version=2, take=TakeKind.KILL, status=Status.WITHDRAWN))
    assert grouped(runner.store) == {"a": (None, 0), "b": ("b", 1), "c": ("b", 1)}
    assert runner.index() == [a.lineage, b.lineage, c.lineage]


def test_copies_of_an_earlier_take_are_copies_of_the_story(runner: StageRunner) -> None:
    first, copy = runner.add(paper("a", version=1), paper("b"))
    (second,) = runner.add(paper("a", version=2, headline="Rewritten", updated_at=at(9)))
    runner.tag()
    runner.relate(copies=[CopyEdge(first.version_id, copy.version_id, 0.9)])
    assert runner.store.relations.copies(second.lineage) == [copy.lineage]


def test_findings_within_one_story_and_of_unknown_takes_are_left_out(runner: StageRunner) -> None:
    first, second = runner.add(paper("a", version=1), paper("a", version=2, headline="Two"))
    runner.tag()
    edges = [CopyEdge(first.version_id, second.version_id, 1.0), CopyEdge(10**9, second.version_id, 1.0)]
    runner.relate(copies=edges)
    assert runner.store.relations.copy_edges(first.lineage) == []
    assert runner.store.stories.records([first.lineage])[0].copy_group is None


def test_lineages_that_were_copies_and_turn_out_to_be_one_story(runner: StageRunner) -> None:
    a, b, c = runner.add(story("a"), story("b"), paper("c"))
    runner.tag()
    runner.relate(copies=[CopyEdge(a.version_id, b.version_id, 0.9), CopyEdge(b.version_id, c.version_id, 0.9)])
    runner.index()
    assert runner.store.stories.records([a.lineage])[0].copies == 2
    runner.add(story("b", version=2, headline="Two", links=(PublisherLink("evolved_from", "a"),), updated_at=at(9)))
    (record,) = runner.store.stories.records([a.lineage])
    assert (record.copies, runner.store.relations.copies(a.lineage)) == (1, [c.lineage])
    assert runner.store.relations.copies(b.lineage) == [c.lineage]
    assert runner.store.stories.records([c.lineage])[0].fetched_at == NOW
