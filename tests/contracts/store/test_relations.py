"""RelationStore: outlines, sketches, document frequencies and links; on both databases."""

from itertools import permutations

import pytest

from pipeline.models import (
    Link,
    PublisherLink,
    Reason,
    Relations,
    Span,
    Stage,
    Status,
    TakeKind,
)
from pipeline.shared_formats.sketch import label_key, pack_sketch
from tests.store.builders import at, story
from tests.store.stage_runner import StageRunner

pytestmark = pytest.mark.slow  # takes more than five seconds of processor time

# --------------------------------------------------------------------------- outlines and counts


def test_an_outline_is_the_winning_take_without_its_text(runner: StageRunner) -> None:
    (added,) = runner.add(story(version=1, body="NATO met EUROSAM"))
    runner.walk()
    (outline,) = runner.store.relations.outlines([added.lineage])
    (record,) = runner.store.stories.records([added.lineage])
    assert record.enrichment is not None
    assert outline.enrichment == record.enrichment
    assert outline.enrichment.mentions == ()
    assert (outline.lineage, outline.version_id) == (added.lineage, added.version_id)
    assert (outline.headline, outline.agency, outline.source) == (story().headline, "Bosphorus", "Bosphorus")
    assert (outline.published_at, outline.updated_at) == (at(8, 9), at(8, 9))


def test_an_outline_is_called_like_its_story(runner: StageRunner) -> None:
    body = "BRENN, Nov 8 - The pilot boat ran aground off Castle Point. " * 20
    added = runner.add(story("a"), story("b", headline="", body=body, dateline=Span(0, 13)))
    runner.walk()
    lineages = [story.lineage for story in added]
    titles = [outline.title for outline in runner.store.relations.outlines(lineages)]
    assert titles == [record.current.story.title for record in runner.store.stories.records(lineages)]
    assert titles[1].startswith("The pilot boat ran")
    assert titles[1].endswith(" …")


def test_outlines_answer_in_the_order_asked_without_untagged_and_withdrawn_ones(runner: StageRunner) -> None:
    first, second, killed = runner.add(story("a"), story("b"), story("k"))
    runner.walk()
    (untagged,) = runner.add(story("c"))
    runner.add(story("k", version=2, take=TakeKind.KILL, status=Status.WITHDRAWN))
    asked = [second.lineage, untagged.lineage, killed.lineage, 10**9, first.lineage]
    for _ in range(2):
        outlines = runner.store.relations.outlines(asked)
        assert [outline.lineage for outline in outlines] == [second.lineage, first.lineage]


def test_an_outline_kept_in_memory_is_never_stale(runner: StageRunner) -> None:
    (added,) = runner.add(story(version=2, body="NATO"))
    runner.walk()
    relations = runner.store.relations
    assert relations.outlines([added.lineage])[0].enrichment.revision == "tagger 1"
    runner.store.work.requeue(Stage.ENRICH)
    runner.tag("tagger 2")
    assert relations.outlines([added.lineage])[0].enrichment.revision == "tagger 2"
    runner.add(story(version=1, headline="Earlier", published_at=at(6), updated_at=at(6)))
    assert relations.outlines([added.lineage])[0].published_at == at(6)
    runner.add(story(version=3, headline="Third", updated_at=at(9)))
    runner.walk()
    assert relations.outlines([added.lineage])[0].headline == "Third"


def test_counts_are_of_lineages_by_their_winning_takes(runner: StageRunner) -> None:
    runner.add(story("a", body="NATO met NATO"), story("b", body="NATO left", version=1))
    runner.walk()
    counts = runner.store.relations.counts(["nato", "met", "left", "none"], ["gaz:nato", "gaz:none"])
    assert (counts.documents, counts.terms, counts.entities) == (2, {"nato": 2, "met": 1, "left": 1}, {"gaz:nato": 2})
    runner.add(story("b", version=2, body="EUROSAM met", updated_at=at(8, 10)))
    assert runner.store.relations.counts(["left"], []).terms == {"left": 1}  # until the new take is tagged
    runner.walk()
    counts = runner.store.relations.counts(["nato", "met", "left"], ["gaz:nato"])
    assert (counts.documents, counts.terms, counts.entities) == (2, {"nato": 1, "met": 2}, {"gaz:nato": 1})


def test_counts_do_not_depend_on_the_order_of_arrival(runner: StageRunner) -> None:
    for number, order in enumerate(permutations((1, 2, 3))):
        for version in order:
            runner.add(story(f"s{number}", version=version, body=f"word{version}", updated_at=at(8, version)))
            runner.walk()
    counts = runner.store.relations.counts(["word1", "word2", "word3"], [])
    assert (counts.documents, counts.terms) == (6, {"word3": 6})


def test_thousands_of_terms_are_counted_in_one_call(runner: StageRunner) -> None:
    runner.add(story(body=" ".join(f"w{number}" for number in range(3000))))
    runner.walk()
    asked = [f"w{number}" for number in range(5000)]
    assert len(runner.store.relations.counts(asked, asked).terms) == 3000


# --------------------------------------------------------------------------- links


def test_links_come_back_best_first_with_their_reasons(runner: StageRunner) -> None:
    first, second, third = runner.add(story("a"), story("b"), story("c"))
    runner.tag()
    weak = Link(earlier=first.lineage, later=third.lineage, score=0.25)
    strong = Link(
        earlier=first.lineage,
        later=second.lineage,
        score=0.75,
        reasons=(Reason("entity", "Türkiye\0", 0.5), Reason("time", "58 days later", 0.25)),
        new=("Aselsan", "18-month study"),
    )
    runner.relate([weak, strong])
    relations = runner.store.relations
    assert relations.links_from(first.lineage) == [strong, weak]
    assert relations.links_to(second.lineage) == [strong]
    assert relations.links_to(first.lineage) == []
    (record,) = runner.store.stories.records([third.lineage])
    assert record.follows == ((first.lineage, 0.25),)


def test_a_late_arrival_gives_links_to_stories_already_indexed(runner: StageRunner) -> None:
    (later,) = runner.add(story("later", published_at=at(9), updated_at=at(9)))
    runner.walk()
    (earlier,) = runner.add(story("earlier"))
    runner.tag()
    ids = runner.claim(Stage.RELATE)
    link = Link(earlier=earlier.lineage, later=later.lineage, score=0.5)
    runner.store.work.record_related([Relations(lineage=earlier.lineage, version_id=ids[0], links=(link,))])
    assert runner.claim(Stage.INDEX) == [earlier.lineage, later.lineage]
    assert runner.store.stories.records([later.lineage])[0].follows == ((earlier.lineage, 0.5),)


def test_relating_again_replaces_what_was_decided_before(runner: StageRunner) -> None:
    first, second, third = runner.add(story("a"), story("b"), story("c", version=1))
    runner.tag()
    runner.relate([Link(earlier=first.lineage, later=third.lineage, score=0.5)])
    runner.add(story("c", version=2, headline="Two", updated_at=at(8, 10)))
    runner.tag()
    runner.relate([Link(earlier=second.lineage, later=third.lineage, score=0.75)])
    assert [link.earlier for link in runner.store.relations.links_to(third.lineage)] == [second.lineage]


def test_an_older_take_does_not_overwrite_the_links_of_the_newest(runner: StageRunner) -> None:
    first, second = runner.add(story("a"), story("b", version=2))
    runner.tag()
    runner.relate([Link(earlier=first.lineage, later=second.lineage, score=0.5)])
    runner.add(story("b", version=1, headline="Earlier"))
    runner.tag()
    runner.relate()
    assert [link.earlier for link in runner.store.relations.links_to(second.lineage)] == [first.lineage]


def test_links_named_before_a_join_hold_after_it(runner: StageRunner) -> None:
    """Relating works outside of any transaction: meanwhile its lineages may have been joined to others."""
    older, younger, follow = runner.add(story("a"), story("b"), story("c", updated_at=at(9)))
    runner.tag()
    ids = runner.claim(Stage.RELATE)
    runner.add(story("b", version=2, links=(PublisherLink("evolved_from", "a"),), headline="Two"))
    links = (
        Link(earlier=younger.lineage, later=follow.lineage, score=0.5),
        Link(earlier=older.lineage, later=younger.lineage, score=0.5),
        Link(earlier=10**9, later=follow.lineage, score=0.5),
    )
    runner.store.work.record_related([Relations(lineage=follow.lineage, version_id=ids[2], links=links)])
    assert [link.earlier for link in runner.store.relations.links_to(follow.lineage)] == [older.lineage]


# --------------------------------------------------------------------------- what ranking reads


def test_heads_and_sketches_are_those_of_tagged_usable_stories(runner: StageRunner) -> None:
    first, killed = runner.add(story("a"), story("k"))
    runner.walk()
    (untagged,) = runner.add(story("c"))
    runner.add(story("k", version=2, take=TakeKind.KILL, status=Status.WITHDRAWN))
    relations = runner.store.relations
    asked = [first.lineage, killed.lineage, untagged.lineage, 10**9]
    (head,) = relations.heads(asked)
    (story_sketch,) = relations.sketches(asked)
    (outline,) = relations.outlines(asked)
    assert story_sketch.head == head
    assert (head.lineage, head.copy_group) == (first.lineage, None)
    assert story_sketch.sketch == pack_sketch(outline.enrichment)
    assert story_sketch.vector == outline.enrichment.vector
    assert relations.uris([first.lineage, 10**9]) == {first.lineage: outline.uri} == {first.lineage: story("a").uri}
    assert list(relations.heads([])) == []
    assert list(relations.sketches([])) == []


def test_frequencies_count_each_lineage_once_by_key(runner: StageRunner) -> None:
    runner.add(story("a", body="NATO met"), story("b", body="NATO left"))
    runner.walk()
    documents, counts = runner.store.relations.frequencies([label_key("nato"), label_key("absent")])
    (outline,) = runner.store.relations.outlines([runner.store.stories.resolve(story("a").uri)])
    assert documents == 2
    expected = 2 if "nato" in outline.enrichment.terms else 0
    assert counts.get(label_key("nato"), 0) == expected
    assert label_key("absent") not in counts
    assert runner.store.relations.frequencies([]) == (2, {})


def test_the_change_token_stays_while_nothing_is_committed_and_changes_when_something_is(runner: StageRunner) -> None:
    relations = runner.store.relations
    before = relations.change_token()
    runner.store.stories.export()
    assert relations.change_token() == before
    runner.add(story("a"))
    after = relations.change_token()
    assert after != before
    runner.walk()
    assert relations.change_token() != after
