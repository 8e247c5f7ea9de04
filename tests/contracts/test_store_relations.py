"""RelationStore: outlines, counts, links and copies; on both databases."""

from dataclasses import replace
from datetime import timedelta
from itertools import combinations, permutations

import numpy as np
import pytest

from pipeline.models import (
    Added,
    CopyEdge,
    Link,
    PublisherLink,
    Reason,
    Relations,
    Span,
    Stage,
    Status,
    Story,
    TakeKind,
)
from pipeline.ports import Store
from pipeline.shared_formats.sketch import label_key, pack_sketch
from tests.store.newsroom import NOW, WINDOW, Newsroom, at, enrichment, story


def signature(seed: int, changed: float = 0.0) -> bytes:
    """A MinHash signature of 128 values; ``changed``: the share of values that differ from the seed's own."""
    values = np.random.default_rng(seed).integers(0, 2**32, 128, dtype=np.uint64).astype("<u4")
    values[: round(128 * changed)] ^= 0xFFFF
    return values.tobytes()


def tag_with(newsroom: Newsroom, signatures: dict[str, bytes | None]) -> None:
    takes = newsroom.store.stories.takes(newsroom.claim(Stage.ENRICH))
    newsroom.store.work.record_enriched(
        [replace(enrichment(take), signature=signatures[take.story.uri]) for take in takes]
    )


def paper(name: str, **fields: object) -> Story:
    """The same text in another paper."""
    return story(name, source=name, agency=None, body="The same text", **fields)


def similar(newsroom: Newsroom, added: Added, window: timedelta = WINDOW) -> list[str]:
    found = newsroom.store.relations.copy_candidates([added.version_id], window)
    return [take.story.uri for take in found[added.version_id]]


# --------------------------------------------------------------------------- outlines and counts


def test_an_outline_is_the_winning_take_without_its_text(newsroom: Newsroom) -> None:
    (added,) = newsroom.add(story(version=1, body="NATO met EUROSAM"))
    newsroom.walk()
    (outline,) = newsroom.store.relations.outlines([added.lineage])
    (record,) = newsroom.store.stories.records([added.lineage])
    assert record.enrichment is not None
    assert outline.enrichment == record.enrichment
    assert outline.enrichment.mentions == ()
    assert (outline.lineage, outline.version_id) == (added.lineage, added.version_id)
    assert (outline.headline, outline.agency, outline.source) == (story().headline, "Bosphorus", "Bosphorus")
    assert (outline.published_at, outline.updated_at) == (at(8, 9), at(8, 9))


def test_an_outline_is_called_like_its_story(newsroom: Newsroom) -> None:
    body = "BRENN, Nov 8 - The pilot boat ran aground off Castle Point. " * 20
    added = newsroom.add(story("a"), story("b", headline="", body=body, dateline=Span(0, 13)))
    newsroom.walk()
    lineages = [one.lineage for one in added]
    titles = [outline.title for outline in newsroom.store.relations.outlines(lineages)]
    assert titles == [record.current.story.title for record in newsroom.store.stories.records(lineages)]
    assert titles[1].startswith("The pilot boat ran")
    assert titles[1].endswith(" …")


def test_outlines_answer_in_the_order_asked_without_untagged_and_withdrawn_ones(newsroom: Newsroom) -> None:
    first, second, killed = newsroom.add(story("a"), story("b"), story("k"))
    newsroom.walk()
    (untagged,) = newsroom.add(story("c"))
    newsroom.add(story("k", version=2, take=TakeKind.KILL, status=Status.WITHDRAWN))
    asked = [second.lineage, untagged.lineage, killed.lineage, 10**9, first.lineage]
    for _ in range(2):
        outlines = newsroom.store.relations.outlines(asked)
        assert [outline.lineage for outline in outlines] == [second.lineage, first.lineage]


def test_an_outline_kept_in_memory_is_never_stale(newsroom: Newsroom) -> None:
    (added,) = newsroom.add(story(version=2, body="NATO"))
    newsroom.walk()
    relations = newsroom.store.relations
    assert relations.outlines([added.lineage])[0].enrichment.revision == "tagger 1"
    newsroom.store.work.requeue(Stage.ENRICH)
    newsroom.tag("tagger 2")
    assert relations.outlines([added.lineage])[0].enrichment.revision == "tagger 2"
    newsroom.add(story(version=1, headline="Earlier", published_at=at(6), updated_at=at(6)))
    assert relations.outlines([added.lineage])[0].published_at == at(6)
    newsroom.add(story(version=3, headline="Third", updated_at=at(9)))
    newsroom.walk()
    assert relations.outlines([added.lineage])[0].headline == "Third"


def test_counts_are_of_lineages_by_their_winning_takes(newsroom: Newsroom) -> None:
    newsroom.add(story("a", body="NATO met NATO"), story("b", body="NATO left", version=1))
    newsroom.walk()
    counts = newsroom.store.relations.counts(["nato", "met", "left", "none"], ["gaz:nato", "gaz:none"])
    assert (counts.documents, counts.terms, counts.entities) == (2, {"nato": 2, "met": 1, "left": 1}, {"gaz:nato": 2})
    newsroom.add(story("b", version=2, body="EUROSAM met", updated_at=at(8, 10)))
    assert newsroom.store.relations.counts(["left"], []).terms == {"left": 1}  # until the new take is tagged
    newsroom.walk()
    counts = newsroom.store.relations.counts(["nato", "met", "left"], ["gaz:nato"])
    assert (counts.documents, counts.terms, counts.entities) == (2, {"nato": 1, "met": 2}, {"gaz:nato": 1})


def test_counts_do_not_depend_on_the_order_of_arrival(newsroom: Newsroom) -> None:
    for number, order in enumerate(permutations((1, 2, 3))):
        for version in order:
            newsroom.add(story(f"s{number}", version=version, body=f"word{version}", updated_at=at(8, version)))
            newsroom.walk()
    counts = newsroom.store.relations.counts(["word1", "word2", "word3"], [])
    assert (counts.documents, counts.terms) == (6, {"word3": 6})


def test_thousands_of_terms_are_counted_in_one_call(newsroom: Newsroom) -> None:
    newsroom.add(story(body=" ".join(f"w{number}" for number in range(3000))))
    newsroom.walk()
    asked = [f"w{number}" for number in range(5000)]
    assert len(newsroom.store.relations.counts(asked, asked).terms) == 3000


# --------------------------------------------------------------------------- links


def test_links_come_back_best_first_with_their_reasons(newsroom: Newsroom) -> None:
    first, second, third = newsroom.add(story("a"), story("b"), story("c"))
    newsroom.tag()
    weak = Link(earlier=first.lineage, later=third.lineage, score=0.25)
    strong = Link(
        earlier=first.lineage,
        later=second.lineage,
        score=0.75,
        reasons=(Reason("entity", "Türkiye\0", 0.5), Reason("time", "58 days later", 0.25)),
        new=("Aselsan", "18-month study"),
    )
    newsroom.relate([weak, strong])
    relations = newsroom.store.relations
    assert relations.links_from(first.lineage) == [strong, weak]
    assert relations.links_to(second.lineage) == [strong]
    assert relations.links_to(first.lineage) == []
    (record,) = newsroom.store.stories.records([third.lineage])
    assert record.follows == ((first.lineage, 0.25),)


def test_a_late_arrival_gives_links_to_stories_already_indexed(newsroom: Newsroom) -> None:
    (later,) = newsroom.add(story("later", published_at=at(9), updated_at=at(9)))
    newsroom.walk()
    (earlier,) = newsroom.add(story("earlier"))
    newsroom.tag()
    ids = newsroom.claim(Stage.RELATE)
    link = Link(earlier=earlier.lineage, later=later.lineage, score=0.5)
    newsroom.store.work.record_related([Relations(lineage=earlier.lineage, version_id=ids[0], links=(link,))])
    assert newsroom.claim(Stage.INDEX) == [earlier.lineage, later.lineage]
    assert newsroom.store.stories.records([later.lineage])[0].follows == ((earlier.lineage, 0.5),)


def test_relating_again_replaces_what_was_decided_before(newsroom: Newsroom) -> None:
    first, second, third = newsroom.add(story("a"), story("b"), story("c", version=1))
    newsroom.tag()
    newsroom.relate([Link(earlier=first.lineage, later=third.lineage, score=0.5)])
    newsroom.add(story("c", version=2, headline="Two", updated_at=at(8, 10)))
    newsroom.tag()
    newsroom.relate([Link(earlier=second.lineage, later=third.lineage, score=0.75)])
    assert [link.earlier for link in newsroom.store.relations.links_to(third.lineage)] == [second.lineage]


def test_an_older_take_does_not_overwrite_the_newest_one_s_links(newsroom: Newsroom) -> None:
    first, second = newsroom.add(story("a"), story("b", version=2))
    newsroom.tag()
    newsroom.relate([Link(earlier=first.lineage, later=second.lineage, score=0.5)])
    newsroom.add(story("b", version=1, headline="Earlier"))
    newsroom.tag()
    newsroom.relate()
    assert [link.earlier for link in newsroom.store.relations.links_to(second.lineage)] == [first.lineage]


def test_links_named_before_a_join_hold_after_it(newsroom: Newsroom) -> None:
    """Relating works outside of any transaction: meanwhile its lineages may have been joined to others."""
    older, younger, follow = newsroom.add(story("a"), story("b"), story("c", updated_at=at(9)))
    newsroom.tag()
    ids = newsroom.claim(Stage.RELATE)
    newsroom.add(story("b", version=2, links=(PublisherLink("evolved_from", "a"),), headline="Two"))
    links = (
        Link(earlier=younger.lineage, later=follow.lineage, score=0.5),
        Link(earlier=older.lineage, later=younger.lineage, score=0.5),
        Link(earlier=10**9, later=follow.lineage, score=0.5),
    )
    newsroom.store.work.record_related([Relations(lineage=follow.lineage, version_id=ids[2], links=links)])
    assert [link.earlier for link in newsroom.store.relations.links_to(follow.lineage)] == [older.lineage]


# --------------------------------------------------------------------------- copies


def test_takes_that_share_bands_are_found_most_similar_first(newsroom: Newsroom) -> None:
    texts = {"a": signature(1), "b": signature(1, 0.3), "c": signature(1, 0.05), "d": signature(2), "e": None}
    added = newsroom.add(*(paper(name) for name in texts))
    tag_with(newsroom, texts)
    assert similar(newsroom, added[0]) == ["c", "b"]
    assert similar(newsroom, added[3]) == []
    assert similar(newsroom, added[4]) == []
    assert newsroom.store.relations.signature(added[0].version_id) == texts["a"]
    assert newsroom.store.relations.signature(added[4].version_id) is None
    assert newsroom.store.relations.copy_candidates([10**9], WINDOW) == {10**9: []}


@pytest.mark.parametrize("days", [2, 3, 13, 14, 15, 400])
def test_the_window_bounds_copies_wherever_time_is_cut(newsroom: Newsroom, days: int) -> None:
    earlier = at(8, 9) - timedelta(days=days)
    first, second = newsroom.add(paper("a", published_at=earlier, updated_at=earlier), paper("b"))
    tag_with(newsroom, {"a": signature(1), "b": signature(1)})
    assert similar(newsroom, second, timedelta(days=days)) == ["a"]
    assert similar(newsroom, first, timedelta(days=days) - timedelta(seconds=1)) == []


def test_undated_takes_are_found_among_themselves(newsroom: Newsroom) -> None:
    first, _ = newsroom.add(*(paper(name, published_at=None, updated_at=None) for name in "ab"))
    tag_with(newsroom, {"a": signature(1), "b": signature(1)})
    assert similar(newsroom, first) == ["b"]


def test_takes_of_one_story_and_unseen_ones_are_no_copies_of_it(newsroom: Newsroom) -> None:
    added = newsroom.add(paper("a", version=1), paper("a", version=2, headline="Two"), paper("b"), paper("c"))
    tag_with(newsroom, dict.fromkeys("abc", signature(1)))
    newsroom.add(paper("c", version=2, take=TakeKind.KILL, status=Status.WITHDRAWN))
    assert similar(newsroom, added[0]) == ["b"]


def test_at_most_fifty_candidates_the_nearest_first(newsroom: Newsroom) -> None:
    times = [at(8) + timedelta(minutes=minutes) for minutes in range(60)]
    added = newsroom.add(*(paper(f"{n:02}", published_at=time, updated_at=time) for n, time in enumerate(times)))
    tag_with(newsroom, {f"{n:02}": signature(1) for n in range(60)})
    assert similar(newsroom, added[0]) == [f"{n:02}" for n in range(1, 51)]


def test_boilerplate_that_everybody_carries_stops_being_filed(newsroom: Newsroom) -> None:
    """The cost of a story does not grow with the corpus."""
    for batch in range(3):
        stories = [paper(f"{batch}/{n}") for n in range(120)]
        added = newsroom.add(*stories)
        tag_with(newsroom, {one.uri: signature(1) for one in stories})
    (last,) = newsroom.add(paper("last", published_at=at(8, 8), updated_at=at(8, 8)))
    tag_with(newsroom, {"last": signature(1)})
    assert len(similar(newsroom, last)) == 50
    assert similar(newsroom, added[0])


def test_a_retag_renews_the_bands(newsroom: Newsroom) -> None:
    first, second = newsroom.add(paper("a"), paper("b"))
    tag_with(newsroom, {"a": signature(1), "b": signature(1)})
    newsroom.relate(copies=[CopyEdge(first.version_id, second.version_id, 1.0)])
    newsroom.store.work.requeue(Stage.ENRICH)
    tag_with(newsroom, {"a": signature(1), "b": signature(2)})
    assert similar(newsroom, first) == []
    newsroom.relate()
    assert newsroom.store.relations.copies(first.lineage) == []
    assert newsroom.store.relations.copy_edges(first.lineage) == []


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


def test_copies_form_a_group_named_by_its_oldest_lineage(newsroom: Newsroom) -> None:
    times = {"a": at(8, 9), "b": at(8, 8), "c": at(8, 7), "d": at(8, 9)}
    a, b, c, d = newsroom.add(*(paper(name, published_at=time, updated_at=time) for name, time in times.items()))
    newsroom.tag()
    edges = [CopyEdge(a.version_id, b.version_id, 0.8), CopyEdge(b.version_id, c.version_id, 0.9)]
    newsroom.relate(copies=edges)
    # c is the earliest published, and b its copy; a is like b, which is half of the group
    assert grouped(newsroom.store) == {"a": ("a", 2), "b": ("a", 2), "c": ("a", 2), "d": (None, 0)}
    assert newsroom.store.relations.copies(a.lineage) == [c.lineage, b.lineage]
    assert newsroom.store.relations.copies(d.lineage) == []
    assert newsroom.store.relations.copy_edges(c.lineage) == edges
    assert newsroom.index() == [c.lineage, b.lineage, a.lineage, d.lineage]


def test_the_order_in_which_copies_are_found_does_not_matter(newsroom: Newsroom) -> None:
    found = set()
    pairs = [(0, 1), (1, 2), (2, 3), (0, 2), (3, 4)]
    for number, order in enumerate(permutations(range(5))):
        if number % 10:
            continue
        times = [at(8, hour) for hour in range(5)]
        papers = [paper(f"{number}/{n}", published_at=times[n], updated_at=times[n]) for n in range(5)]
        ids: dict[int, int] = {}
        for place in order:
            (added,) = newsroom.add(papers[place])
            ids[place] = added.version_id
            newsroom.tag()
            known = [CopyEdge(ids[a], ids[b], 0.8) for a, b in pairs if a in ids and b in ids and place in (a, b)]
            newsroom.claim(Stage.RELATE)
            relations = Relations(lineage=added.lineage, version_id=added.version_id, copies=tuple(known))
            newsroom.store.work.record_related([relations])
        rows = [row for row in newsroom.export() if row["uri"].startswith(f"{number}/")]
        found.add(tuple((row["uri"].split("/")[1], (row["copy_group"] or "/-").split("/")[1]) for row in rows))
    assert found == {(("0", "0"), ("1", "0"), ("2", "0"), ("3", "3"), ("4", "3"))}


def test_a_withdrawn_story_leaves_its_group(newsroom: Newsroom) -> None:
    a, b, c = newsroom.add(paper("a"), paper("b"), paper("c"))
    newsroom.tag()
    ids = [a.version_id, b.version_id, c.version_id]
    newsroom.relate(copies=[CopyEdge(one, other, 0.9) for one, other in combinations(ids, 2)])
    newsroom.index()
    newsroom.add(paper("a", version=2, take=TakeKind.KILL, status=Status.WITHDRAWN))
    assert grouped(newsroom.store) == {"a": (None, 0), "b": ("b", 1), "c": ("b", 1)}
    assert newsroom.index() == [a.lineage, b.lineage, c.lineage]


def test_copies_of_an_earlier_take_are_copies_of_the_story(newsroom: Newsroom) -> None:
    first, copy = newsroom.add(paper("a", version=1), paper("b"))
    (second,) = newsroom.add(paper("a", version=2, headline="Rewritten", updated_at=at(9)))
    newsroom.tag()
    newsroom.relate(copies=[CopyEdge(first.version_id, copy.version_id, 0.9)])
    assert newsroom.store.relations.copies(second.lineage) == [copy.lineage]


def test_findings_within_one_story_and_of_unknown_takes_are_left_out(newsroom: Newsroom) -> None:
    first, second = newsroom.add(paper("a", version=1), paper("a", version=2, headline="Two"))
    newsroom.tag()
    edges = [CopyEdge(first.version_id, second.version_id, 1.0), CopyEdge(10**9, second.version_id, 1.0)]
    newsroom.relate(copies=edges)
    assert newsroom.store.relations.copy_edges(first.lineage) == []
    assert newsroom.store.stories.records([first.lineage])[0].copy_group is None


def test_lineages_that_were_copies_and_turn_out_to_be_one_story(newsroom: Newsroom) -> None:
    a, b, c = newsroom.add(story("a"), story("b"), paper("c"))
    newsroom.tag()
    newsroom.relate(copies=[CopyEdge(a.version_id, b.version_id, 0.9), CopyEdge(b.version_id, c.version_id, 0.9)])
    newsroom.index()
    assert newsroom.store.stories.records([a.lineage])[0].copies == 2
    newsroom.add(story("b", version=2, headline="Two", links=(PublisherLink("evolved_from", "a"),), updated_at=at(9)))
    (record,) = newsroom.store.stories.records([a.lineage])
    assert (record.copies, newsroom.store.relations.copies(a.lineage)) == (1, [c.lineage])
    assert newsroom.store.relations.copies(b.lineage) == [c.lineage]
    assert newsroom.store.stories.records([c.lineage])[0].fetched_at == NOW


# --------------------------------------------------------------------------- what ranking reads


def test_heads_and_sketches_are_those_of_tagged_usable_stories(newsroom: Newsroom) -> None:
    first, killed = newsroom.add(story("a"), story("k"))
    newsroom.walk()
    (untagged,) = newsroom.add(story("c"))
    newsroom.add(story("k", version=2, take=TakeKind.KILL, status=Status.WITHDRAWN))
    relations = newsroom.store.relations
    asked = [first.lineage, killed.lineage, untagged.lineage, 10**9]
    (head,) = relations.heads(asked)
    (sketched,) = relations.sketches(asked)
    (outline,) = relations.outlines(asked)
    assert sketched.head == head
    assert (head.lineage, head.copy_group) == (first.lineage, None)
    assert sketched.sketch == pack_sketch(outline.enrichment)
    assert sketched.vector == outline.enrichment.vector
    assert relations.uris([first.lineage, 10**9]) == {first.lineage: outline.uri} == {first.lineage: story("a").uri}
    assert list(relations.heads([])) == []
    assert list(relations.sketches([])) == []


def test_frequencies_count_each_lineage_once_by_key(newsroom: Newsroom) -> None:
    newsroom.add(story("a", body="NATO met"), story("b", body="NATO left"))
    newsroom.walk()
    documents, counts = newsroom.store.relations.frequencies([label_key("nato"), label_key("absent")])
    (outline,) = newsroom.store.relations.outlines([newsroom.store.stories.resolve(story("a").uri)])
    assert documents == 2
    expected = 2 if "nato" in outline.enrichment.terms else 0
    assert counts.get(label_key("nato"), 0) == expected
    assert label_key("absent") not in counts
    assert newsroom.store.relations.frequencies([]) == (2, {})


def test_the_mark_stays_while_nothing_is_committed_and_changes_when_something_is(newsroom: Newsroom) -> None:
    relations = newsroom.store.relations
    before = relations.change_token()
    newsroom.store.stories.export()
    assert relations.change_token() == before
    newsroom.add(story("a"))
    after = relations.change_token()
    assert after != before
    newsroom.walk()
    assert relations.change_token() != after
