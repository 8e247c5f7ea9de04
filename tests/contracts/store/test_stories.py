"""StoryStore: identity, versions, lineages; the same on both databases."""

from dataclasses import replace
from datetime import timedelta

import pytest

from pipeline.errors import NotFoundError
from pipeline.models import (
    Added,
    AddOutcome,
    Origin,
    PublisherLink,
    Rejected,
    Span,
    Stage,
    Status,
    Story,
    TakeKind,
)
from pipeline.ports import Store
from tests.store.builders import IMPORT, NOW, at, enrichment, story
from tests.store.opened_stores import SetClock
from tests.store.stage_runner import StageRunner

pytestmark = pytest.mark.slow  # takes more than five seconds of processor time

NEW, NEW_TAKE, UNCHANGED, STALE = AddOutcome.NEW, AddOutcome.NEW_TAKE, AddOutcome.UNCHANGED, AddOutcome.STALE


def outcomes(added: list[Added]) -> list[AddOutcome]:
    return [answer.outcome for answer in added]


def current(store: Store, lineage: int) -> Story:
    (record,) = store.stories.records([lineage])
    return record.current.story


# --------------------------------------------------------------------------- what goes in comes out


def test_a_story_comes_back_as_it_was_sent(store: Store) -> None:
    sent = Story(
        uri="urn:newsml:bosphorus:20171108:deal",
        version=3,
        status=Status.USABLE,
        embargo_until=at(1),
        take=TakeKind.UPDATE,
        take_number=2,
        corrected=True,
        note="(Adds quotes)",
        headline="Türkiye signs — “letter” of intent",
        slugline="TURKEY-DEFENCE",
        body="ISTANBUL, Nov 8 (Bosphorus) - Türkiye\n\n\tsigned. 🚀 Trailer",
        dateline=Span(0, 34),
        trailer=Span(50, 57),
        dateline_place="ISTANBUL",
        language="en",
        byline="By A. Writer",
        agency="Bosphorus",
        source="Bosphorus",
        url="https://example.org/deal?utm_source=feed",
        urgency=2,
        topics=("medtop:20000053", "medtop:11000000"),
        published_at=at(8, 9),
        updated_at=at(8, 9, 30),
        links=(PublisherLink("see_also", "urn:other"),),
        rights="No archive",
        expires_at=at(30),
    )
    origin = Origin("bosphorus-world", "https://example.org/feed", at(8, 10), backfill=True)
    (added,) = store.stories.add([sent], origin)
    (take,) = store.stories.takes([added.version_id])
    assert take.story == sent
    assert take.origin == origin
    assert (take.lineage, take.version) == (added.lineage, 1)
    assert added.outcome is NEW


def test_takes_answer_in_the_order_asked_without_unknown_ones(runner: StageRunner) -> None:
    first, second = runner.add(story("a"), story("b"))
    takes = runner.store.stories.takes([second.version_id, 10**9, first.version_id])
    assert [take.story.uri for take in takes] == ["b", "a"]


def test_records_answer_in_the_order_asked_without_unknown_ones(runner: StageRunner) -> None:
    first, second = runner.add(story("a"), story("b"))
    records = runner.store.stories.records([second.lineage, 10**9, first.lineage])
    assert [record.current.story.uri for record in records] == ["b", "a"]


def test_nothing_added_is_nothing_answered(store: Store) -> None:
    assert store.stories.add([], IMPORT) == []
    assert list(store.stories.export(canonical=True)) == []
    assert list(store.stories.lineages()) == []


# --------------------------------------------------------------------------- one uri, one item


def test_a_higher_version_wins_and_a_lower_one_is_kept_as_history(runner: StageRunner) -> None:
    second = story(version=2, headline="Second", updated_at=at(8, 10))
    added = runner.add(second) + runner.add(story(version=1, headline="First"))
    added += runner.add(story(version=3, headline="Third", updated_at=at(8, 8)))
    assert outcomes(added) == [NEW, STALE, NEW_TAKE]
    assert {answer.lineage for answer in added} == {added[0].lineage}
    history = runner.store.stories.history(added[0].lineage)
    assert [(take.version, take.story.headline) for take in history] == [(1, "First"), (2, "Second"), (3, "Third")]
    (record,) = runner.store.stories.records([added[0].lineage])
    assert record.current.story.headline == "Third"
    assert record.current.version == 3
    assert record.published_at == at(8, 8)
    assert record.updated_at == at(8, 8)


def test_without_version_numbers_the_newer_date_wins(runner: StageRunner) -> None:
    added = runner.add(
        story(headline="Newer", updated_at=at(8, 11)),
        story(headline="Older", updated_at=at(8, 10)),
        story(headline="Newest", updated_at=at(8, 12)),
    )
    assert outcomes(added) == [NEW, STALE, NEW_TAKE]
    assert current(runner.store, added[0].lineage).headline == "Newest"


def test_without_any_date_what_was_fetched_later_wins(store: Store) -> None:
    undated = story(published_at=None, updated_at=None)
    store.stories.add([undated], replace(IMPORT, fetched_at=at(9)))
    (added,) = store.stories.add([replace(undated, headline="Later")], replace(IMPORT, fetched_at=at(10)))
    assert added.outcome is NEW_TAKE
    assert current(store, added.lineage).headline == "Later"


@pytest.mark.parametrize(
    "same",
    [
        {"updated_at": at(8, 15)},
        {"published_at": at(7), "updated_at": at(7)},
        {"version": 9},
        {"url": "https://example.org/deal?utm_medium=email&fbclid=1"},
        {"headline": "  Letter of   intent\u00a0signed "},
        {"body": "Read more at https://example.org/x?id=7&utm_campaign=c \n today."},
        {"source": "Bosphorus World"},
        {"dateline": Span(0, 4)},
    ],
)
def test_dates_tracking_parameters_and_whitespace_make_no_version(runner: StageRunner, same: dict[str, object]) -> None:
    first = story(
        headline="Letter of intent signed",
        body="Read more at https://example.org/x?id=7&utm_campaign=a today.",
        url="https://example.org/deal",
    )
    (before,) = runner.add(first)
    (after,) = runner.add(replace(first, **same))  # type: ignore[arg-type]
    assert after.outcome is UNCHANGED
    assert after.version_id == before.version_id
    assert len(runner.store.stories.history(before.lineage)) == 1


@pytest.mark.parametrize(
    "other",
    [
        {"body": "Read more at https://example.org/x?id=8 today."},
        {"headline": "Letter of intent not signed"},
        {"note": "(Corrects day)", "corrected": True},
        {"topics": ("medtop:16000000",)},
        {"embargo_until": at(9)},
    ],
)
def test_what_a_reader_would_see_makes_a_version(runner: StageRunner, other: dict[str, object]) -> None:
    first = story(headline="Letter of intent signed", body="Read more at https://example.org/x?id=7 today.")
    (before,) = runner.add(first)
    (after,) = runner.add(replace(first, updated_at=at(8, 10), **other))  # type: ignore[arg-type]
    assert after.outcome is NEW_TAKE
    assert after.version_id != before.version_id


def test_a_version_that_returns_to_an_earlier_text_is_a_version(runner: StageRunner) -> None:
    first, second = story(version=1), story(version=2, headline="Changed")
    added = runner.add(first, second, replace(first, version=3))
    assert outcomes(added) == [NEW, NEW_TAKE, NEW_TAKE]
    assert current(runner.store, added[0].lineage) == replace(first, version=3)


def test_a_version_missed_between_two_equal_ones_is_put_between(runner: StageRunner) -> None:
    first, second = story(version=1), story(version=2, headline="Changed")
    assert outcomes(runner.add(first, replace(first, version=3))) == [NEW, UNCHANGED]
    (late,) = runner.add(second)
    assert late.outcome is STALE
    history = runner.store.stories.history(late.lineage)
    assert [take.story.headline for take in history] == [first.headline, "Changed", first.headline]
    assert history[-1].story == replace(first, version=3)


def test_two_answers_that_alternate_without_a_date_end_as_two_versions(store: Store) -> None:
    """Two servers of one publisher that carry different texts must not fill the store."""
    for hour in range(20):
        text = "long text" if hour % 2 else "short text"
        store.stories.add([story(body=text)], replace(IMPORT, fetched_at=at(9) + timedelta(hours=hour)))
    assert len(store.stories.history(store.stories.resolve("wire:deal"))) == 2


def test_a_text_that_changes_at_every_fetch_is_kept_a_few_times_a_day(store: Store) -> None:
    for number in range(100):
        fetched = replace(IMPORT, fetched_at=at(9) + timedelta(minutes=10 * number))
        store.stories.add([story(body=f"visitor {number}")], fetched)
    assert len(store.stories.history(store.stories.resolve("wire:deal"))) == 10


def test_one_batch_is_as_good_as_three(runner: StageRunner, clock: SetClock) -> None:
    versions = [story(version=number, headline=f"Version {number}") for number in (1, 2, 3)]
    assert outcomes(runner.add(versions[0], versions[2], versions[1], versions[2])) == [
        NEW, NEW_TAKE, STALE, UNCHANGED,
    ]  # fmt: skip
    assert outcomes(runner.add(*versions)) == [UNCHANGED] * 3


# --------------------------------------------------------------------------- finding


def test_ids_and_uris_find_the_story(runner: StageRunner) -> None:
    (added,) = runner.add(story("https://example.org/a b"))
    assert runner.store.stories.resolve("https://example.org/a b") == added.lineage
    assert runner.store.stories.resolve(f" {added.lineage} ") == added.lineage


@pytest.mark.parametrize("unknown", ["", "99", "-1", "wire:none", "9" * 30, "\u0660", "a\0b", "\ud800"])
def test_what_names_no_story_is_not_found(store: Store, unknown: str) -> None:
    with pytest.raises(NotFoundError, match="search"):
        store.stories.resolve(unknown)


def test_lineages_are_listed_by_id_without_aliases(runner: StageRunner) -> None:
    first, second, third = runner.add(story("a"), story("b"), story("c"))
    runner.add(story("c", version=2, links=(PublisherLink("evolved_from", "a"),), headline="Follows a"))
    assert list(runner.store.stories.lineages()) == [first.lineage, second.lineage]
    assert runner.store.stories.resolve(str(third.lineage)) == first.lineage


# --------------------------------------------------------------------------- bad input


def test_one_bad_story_does_not_take_its_batch_down(runner: StageRunner) -> None:
    bad = [
        story("bad:nul\0", headline="nul \0 here", body="\0\0", byline="\0"),
        story("bad:surrogate\ud83d", headline="half \ud83d a rocket", topics=("\udc00",)),
        story("bad:numbers", version=10**30, take_number=-(10**30), urgency=10**40),
        story("bad:dates", published_at=at(8).replace(year=1), updated_at=at(8).replace(year=9999), version=2),
        story("bad:large", body="long word " * 100_000),
        story("bad:uri" + "x" * 5000),
        story("", headline="no uri at all"),
        story("bad:empty", headline="", body="", agency=None, source=None, published_at=None, updated_at=None),
    ]
    added = runner.add(story("good:1"), *bad, story("good:2"))
    assert outcomes(added) == [NEW] * 10
    assert outcomes(runner.add(*bad)) == [UNCHANGED] * len(bad)
    runner.walk()
    takes = runner.store.stories.takes([answer.version_id for answer in added])
    assert takes[1].story.headline == "nul \ufffd here"
    assert takes[1].story.body == "\ufffd\ufffd"
    assert takes[2].story.topics == ("\ufffd",)
    assert takes[3].story.version == 2**63 - 1
    assert takes[4].story.published_at is None
    assert takes[4].story.updated_at is None
    assert len(takes[5].story.body) == 1_000_000
    assert takes[7].story.uri.startswith("urn:wirewatch:content:")


def test_times_without_a_zone_are_taken_as_utc(runner: StageRunner) -> None:
    (added,) = runner.add(story(published_at=at(8, 7).replace(tzinfo=None), updated_at=None))
    assert runner.store.stories.records([added.lineage])[0].published_at == at(8, 7)


def test_the_same_rejected_payload_is_kept_once(store: Store, clock: SetClock) -> None:
    rejected = Rejected(IMPORT, "line 3", "no such thing", b"\x00\xff{")
    store.stories.quarantine("parse", [rejected, rejected])
    clock.at = NOW + timedelta(hours=1)
    store.stories.quarantine("parse", [replace(rejected, reason="still no such thing\0")])
    store.stories.quarantine("parse", [replace(rejected, origin=replace(IMPORT, location="elsewhere"))])
    first, second = store.stories.quarantined()
    assert {first.origin, second.origin} == {IMPORT, replace(IMPORT, location="elsewhere")}
    (kept,) = [entry for entry in (first, second) if entry.origin == IMPORT]
    assert (kept.stage, kept.subject, kept.payload) == ("parse", "line 3", b"\x00\xff{")
    assert kept.reason == "still no such thing\ufffd"
    assert kept.at == clock.at
    assert len(store.stories.quarantined(limit=1)) == 1


# --------------------------------------------------------------------------- enrichment and export


def test_an_enrichment_comes_back_whole(runner: StageRunner) -> None:
    (added,) = runner.add(story(body="NATO met EUROSAM"))
    assert runner.store.stories.enrichment(added.version_id) is None
    (take,) = runner.store.stories.takes(runner.claim(Stage.ENRICH))
    tagged = enrichment(take, language="en", event_type="meeting", amounts=("EUR 5",), headline_terms={"nato": 1})
    tagged = replace(tagged, signature=bytes(range(256)) * 2)
    runner.store.work.record_enriched([tagged])
    assert runner.store.stories.enrichment(added.version_id) == tagged
    (record,) = runner.store.stories.records([added.lineage])
    assert record.enrichment == replace(tagged, mentions=())


def test_the_export_names_groups_by_their_smallest_uri_and_sorts_by_code_point(runner: StageRunner) -> None:
    runner.add(story("b", body="NATO"), story("Z", body="EUROSAM and NATO"), story("é"), story("a"))
    runner.add(story("c", headline="Follows", links=(PublisherLink("replaces", "b"),), updated_at=at(8, 10)))
    runner.walk()
    rows = runner.export()
    assert [row["uri"] for row in rows] == ["Z", "a", "b", "c", "é"]
    assert rows[0] == {
        "uri": "Z",
        "lineage": "Z",
        "version": 1,
        "status": "usable",
        "copy_group": None,
        "happening": None,
        "thread": None,
        "entities": ["gaz:eurosam", "gaz:nato"],
    }
    assert [(row["lineage"], row["version"], row["entities"]) for row in rows[2:4]] == [("b", 1, []), ("b", 2, [])]
    plain = list(runner.store.stories.export())
    assert plain[2]["lineage"] == runner.store.stories.resolve("b")
