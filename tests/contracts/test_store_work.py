"""WorkQueue: claims, leases, outcomes and what follows from them; on both databases."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from pipeline.errors import NotFoundError, UsageError
from pipeline.models import Enrichment, Rejected, Relations, Stage, Status, TakeKind, WriteOutcome, WriteState
from pipeline.ports import Store
from tests.store.newsroom import IMPORT, LEASE, NOW, Newsroom, at, enrichment, story

BACKFILL = replace(IMPORT, backfill=True)


def revision(newsroom: Newsroom, lineage: int) -> int:
    return newsroom.store.stories.records([lineage])[0].revision


# --------------------------------------------------------------------------- claims and leases


def test_work_is_claimed_in_order_of_publication_undated_last(newsroom: Newsroom) -> None:
    late, undated, early = newsroom.add(
        story("late", updated_at=at(9)), story("none", published_at=None, updated_at=None), story("early")
    )
    assert newsroom.claim(Stage.ENRICH, limit=2) == [early.version_id, late.version_id]
    assert newsroom.claim(Stage.ENRICH) == [undated.version_id]
    assert newsroom.claim(Stage.ENRICH) == []
    assert newsroom.store.work.pending(Stage.ENRICH) == 3


def test_a_claim_is_pending_again_when_its_lease_runs_out(newsroom: Newsroom) -> None:
    (added,) = newsroom.add(story())
    assert newsroom.claim(Stage.ENRICH)
    assert newsroom.claim(Stage.ENRICH, now=NOW + LEASE - timedelta(seconds=1)) == []
    assert newsroom.claim(Stage.ENRICH, now=NOW + LEASE) == [added.version_id]
    assert newsroom.claim(Stage.ENRICH, now=NOW + LEASE) == []


def test_a_clock_set_back_holds_no_claim_for_longer_than_a_lease(newsroom: Newsroom) -> None:
    (added,) = newsroom.add(story())
    assert newsroom.claim(Stage.ENRICH)
    assert newsroom.claim(Stage.ENRICH, now=NOW - LEASE / 2) == []  # another machine's clock, a little behind
    assert newsroom.claim(Stage.ENRICH, now=NOW - timedelta(days=400)) == [added.version_id]
    assert newsroom.claim(Stage.ENRICH, now=NOW - timedelta(days=400)) == []


def test_a_released_claim_is_pending_at_once(newsroom: Newsroom) -> None:
    first, second = newsroom.add(story("a"), story("b"))
    newsroom.claim(Stage.ENRICH)
    newsroom.store.work.release(Stage.ENRICH, [second.version_id])
    assert newsroom.claim(Stage.ENRICH) == [second.version_id]
    assert first.version_id != second.version_id


def test_what_a_dead_worker_held_is_taken_back(newsroom: Newsroom) -> None:
    newsroom.add(story("a"), story("b"))
    work = newsroom.store.work
    (mine,) = work.claim(Stage.ENRICH, "me", NOW, LEASE, 1)
    (theirs,) = work.claim(Stage.ENRICH, "them", NOW, LEASE, 1)
    assert work.workers() == ["me", "them"]
    work.take_back("them")
    assert work.workers() == ["me"]
    assert work.claim(Stage.ENRICH, "me", NOW, LEASE, 9) == [theirs] != [mine]


def test_a_limit_of_nothing_claims_nothing(newsroom: Newsroom) -> None:
    newsroom.add(story())
    assert newsroom.claim(Stage.ENRICH, limit=0) == []


# --------------------------------------------------------------------------- the stages in turn


def test_each_stage_opens_the_next(newsroom: Newsroom) -> None:
    newsroom.add(story())
    assert newsroom.pending() == {"enrich": 1}
    newsroom.tag()
    assert newsroom.pending() == {"relate": 1}
    newsroom.relate()
    assert newsroom.pending() == {"index": 1, "alert": 1}
    assert newsroom.claim(Stage.ALERT) == []  # it is not indexed yet
    newsroom.index()
    assert newsroom.pending() == {"alert": 1}
    newsroom.alert()
    assert not newsroom.pending()


def test_alerts_wait_until_the_newest_revision_is_indexed(newsroom: Newsroom) -> None:
    (first,) = newsroom.add(story(version=1))
    newsroom.tag()
    newsroom.relate()
    (stale,) = newsroom.store.stories.records(newsroom.claim(Stage.INDEX))
    (second,) = newsroom.add(story(version=2, headline="Two", updated_at=at(8, 10)))
    newsroom.store.work.record_indexed([WriteOutcome(stale.lineage, stale.revision, WriteState.WRITTEN)], NOW)
    assert newsroom.claim(Stage.ALERT) == []
    newsroom.tag()
    newsroom.relate()
    newsroom.index()
    assert newsroom.claim(Stage.ALERT) == [second.version_id]  # which stands for the first, not alerted yet
    assert first.lineage == second.lineage


def test_a_live_take_is_not_silenced_by_a_backfill_that_overtakes_it(newsroom: Newsroom) -> None:
    (live,) = newsroom.add(story(version=1))
    (archived,) = newsroom.add(story(version=2, headline="Two", updated_at=at(8, 10)), origin=BACKFILL)
    newsroom.tag()
    newsroom.relate()
    newsroom.index()
    assert newsroom.claim(Stage.ALERT) == [live.version_id, archived.version_id]
    assert [take.origin.backfill for take in newsroom.store.stories.takes([live.version_id, archived.version_id])] == [
        False,
        True,
    ]


def test_an_older_take_is_tagged_and_related_but_not_alerted(newsroom: Newsroom) -> None:
    newsroom.add(story(version=2, headline="Two", updated_at=at(8, 10)))
    newsroom.walk()
    (late,) = newsroom.add(story(version=1))
    assert newsroom.tag() == [late.version_id]
    assert newsroom.relate() == [late.version_id]
    assert newsroom.store.work.pending(Stage.ALERT) == 0


def test_a_document_that_changed_while_it_was_written_is_offered_again(newsroom: Newsroom) -> None:
    (added,) = newsroom.add(story(version=1))
    newsroom.tag()
    newsroom.relate()
    (record,) = newsroom.store.stories.records(newsroom.claim(Stage.INDEX))
    newsroom.add(story(version=2, headline="Two", updated_at=at(8, 10)))
    newsroom.tag()
    newsroom.relate()
    newsroom.store.work.record_indexed([WriteOutcome(record.lineage, record.revision, WriteState.WRITTEN)], NOW)
    assert newsroom.claim(Stage.INDEX) == [added.lineage]


def test_a_document_that_the_engine_has_newer_is_done(newsroom: Newsroom) -> None:
    (added,) = newsroom.add(story())
    newsroom.tag()
    newsroom.relate()
    newsroom.claim(Stage.INDEX)
    superseded = WriteOutcome(added.lineage, revision(newsroom, added.lineage), WriteState.SUPERSEDED)
    newsroom.store.work.record_indexed([superseded], NOW)
    assert newsroom.pending() == {"alert": 1}


def test_a_refused_document_is_quarantined_and_tried_again_when_it_changes(newsroom: Newsroom) -> None:
    (added,) = newsroom.add(story(version=1))
    newsroom.tag()
    newsroom.relate()
    newsroom.claim(Stage.INDEX)
    refused = WriteOutcome(added.lineage, revision(newsroom, added.lineage), WriteState.REJECTED, "too long")
    newsroom.store.work.record_indexed([refused], NOW)
    assert newsroom.pending() == {"alert": 1}
    (kept,) = newsroom.store.stories.quarantined()
    assert (kept.stage, kept.subject, kept.reason, kept.origin) == ("index", "wire:deal", "too long", IMPORT)
    newsroom.add(story(version=2, headline="Two", updated_at=at(8, 10)))
    newsroom.tag()
    newsroom.relate()
    assert newsroom.claim(Stage.INDEX) == [added.lineage]


def test_outcomes_recorded_twice_change_nothing(newsroom: Newsroom) -> None:
    """Two workers did the same work, since the first one's lease had run out."""
    (added,) = newsroom.add(story(body="NATO"))
    (take,) = newsroom.store.stories.takes(newsroom.claim(Stage.ENRICH))
    for _ in range(2):
        newsroom.store.work.record_enriched([enrichment(take)])
    assert newsroom.store.relations.counts(["nato"], []).terms == {"nato": 1}
    newsroom.relate()
    newsroom.store.work.record_enriched([enrichment(take, "late")])
    newsroom.store.work.record_related([Relations(lineage=added.lineage, version_id=added.version_id)])
    newsroom.index()
    newsroom.alert()
    newsroom.store.work.record_related([Relations(lineage=added.lineage, version_id=added.version_id)])
    assert not newsroom.pending()
    found = newsroom.store.stories.enrichment(added.version_id)
    assert found is not None
    assert found.revision == "tagger 1"


def test_outcomes_of_unknown_work_are_ignored(store: Store) -> None:
    store.work.record_enriched([Enrichment(version_id=9, revision="1")])
    store.work.record_related([Relations(lineage=9, version_id=9)])
    store.work.record_indexed([WriteOutcome(9, 1, WriteState.WRITTEN)], NOW)
    store.work.record_enriched([])
    store.work.record_related([])
    store.work.record_indexed([], NOW)
    store.work.release(Stage.INDEX, [9])
    store.work.fail(Stage.ENRICH, [9], "what?", NOW)
    assert store.stories.quarantined() == []
    assert store.work.workers() == []


# --------------------------------------------------------------------------- giving up


@pytest.mark.parametrize("stage", [Stage.ENRICH, Stage.RELATE])
def test_what_cannot_be_tagged_or_related_is_found_all_the_same(newsroom: Newsroom, stage: Stage) -> None:
    bad, good = newsroom.add(story("bad"), story("good"))
    if stage is Stage.RELATE:
        newsroom.tag()
    newsroom.claim(stage)
    newsroom.store.work.fail(stage, [bad.version_id], "not a text\0", NOW)
    newsroom.store.work.release(stage, [good.version_id])
    newsroom.walk()
    assert set(newsroom.indexed) == {bad.lineage, good.lineage}
    assert not newsroom.pending()
    (kept,) = newsroom.store.stories.quarantined()
    assert (kept.stage, kept.subject, kept.reason) == (stage.value, "bad", "not a text\ufffd")
    assert (newsroom.store.stories.enrichment(bad.version_id) is None) == (stage is Stage.ENRICH)


def test_what_cannot_be_indexed_or_alerted_is_closed(newsroom: Newsroom) -> None:
    (added,) = newsroom.add(story())
    newsroom.tag()
    newsroom.relate()
    newsroom.claim(Stage.INDEX)
    newsroom.store.work.fail(Stage.INDEX, [added.lineage], "no document", NOW)
    assert newsroom.claim(Stage.ALERT) == [added.version_id]
    newsroom.store.work.fail(Stage.ALERT, [added.version_id], "no match", NOW)
    assert not newsroom.pending()
    assert [kept.stage for kept in newsroom.store.stories.quarantined()] == ["alert", "index"]


def test_a_failed_take_is_tagged_again_by_a_retag(newsroom: Newsroom) -> None:
    (added,) = newsroom.add(story())
    newsroom.claim(Stage.ENRICH)
    newsroom.store.work.fail(Stage.ENRICH, [added.version_id], "the model failed", NOW)
    newsroom.walk()
    assert newsroom.store.work.requeue(Stage.ENRICH) == 1
    newsroom.walk()
    assert newsroom.store.stories.enrichment(added.version_id) is not None


@pytest.mark.parametrize("stage", [Stage.ENRICH, Stage.RELATE])
def test_replayed_work_is_done_without_a_second_alert(newsroom: Newsroom, stage: Stage) -> None:
    (added,) = newsroom.add(story())
    if stage is Stage.RELATE:
        newsroom.tag()
    newsroom.claim(stage)
    newsroom.store.work.fail(stage, [added.version_id], "the model was not installed", NOW)
    newsroom.walk()
    (kept,) = newsroom.store.stories.quarantined()
    assert newsroom.store.work.replay([kept.id]) == 1
    assert newsroom.store.stories.quarantined() == []
    assert newsroom.pending() == {stage.value: 1}
    if stage is Stage.ENRICH:
        newsroom.tag()
    newsroom.relate()
    newsroom.index()
    assert newsroom.store.stories.enrichment(added.version_id) is not None
    assert not newsroom.pending()
    assert newsroom.store.work.replay([kept.id]) == 0


def test_replayed_documents_and_alerts_are_tried_again(newsroom: Newsroom) -> None:
    (added,) = newsroom.add(story())
    newsroom.tag()
    newsroom.relate()
    for stage, subject in ((Stage.INDEX, added.lineage), (Stage.ALERT, added.version_id)):
        newsroom.claim(stage)
        newsroom.store.work.fail(stage, [subject], "refused", NOW)
    kept = newsroom.store.stories.in_quarantine()
    assert [entry.stage for entry in kept] == ["index", "alert"]
    assert newsroom.store.work.replay([entry.id for entry in kept]) == 2
    assert newsroom.claim(Stage.INDEX) == [added.lineage]
    newsroom.store.work.release(Stage.INDEX, [added.lineage])
    newsroom.index()
    assert newsroom.claim(Stage.ALERT) == [added.version_id]


def test_entries_are_taken_out_of_quarantine_by_their_id(store: Store) -> None:
    store.stories.quarantine("parse", [Rejected(IMPORT, f"line {n}", "no story", b"%d" % n) for n in range(3)])
    first, second, third = store.stories.in_quarantine()
    assert store.stories.in_quarantine([third.id, first.id]) == [first, third]
    store.stories.discharge([second.id])
    assert store.stories.in_quarantine() == [first, third]
    with pytest.raises(NotFoundError, match=f"no entry {second.id} in quarantine"):
        store.stories.in_quarantine([first.id, second.id])


# --------------------------------------------------------------------------- again


def test_a_retag_renews_counts_and_documents_and_alerts_nobody(newsroom: Newsroom) -> None:
    first, second = newsroom.add(story("a", body="NATO met"), story("b", body="NATO left"))
    newsroom.walk()
    before = dict(newsroom.indexed)
    assert newsroom.store.work.requeue(Stage.ENRICH) == 2
    assert newsroom.pending() == {"enrich": 2}
    newsroom.tag("tagger 2", terms={"alliance": 2}, entities=())
    counts = newsroom.store.relations.counts(["nato", "met", "left", "alliance"], ["gaz:nato"])
    assert (counts.documents, counts.terms, counts.entities) == (2, {"alliance": 2}, {})
    assert newsroom.relate() == [first.version_id, second.version_id]
    assert newsroom.pending() == {"index": 2}
    newsroom.index()
    assert not newsroom.pending()
    assert all(newsroom.indexed[lineage] > before[lineage] for lineage in before)
    assert newsroom.export()[0]["entities"] == []


def test_a_retag_during_the_walk_silences_nothing_that_was_not_told_yet(newsroom: Newsroom) -> None:
    newsroom.add(story("a"))
    assert newsroom.store.work.requeue(Stage.ENRICH) == 1
    newsroom.tag()
    newsroom.relate()
    assert newsroom.store.work.pending(Stage.ALERT) == 1
    newsroom.store.work.requeue(Stage.ENRICH)
    newsroom.walk()
    assert not newsroom.pending()


def test_a_retag_leaves_withdrawn_and_withheld_stories_alone(newsroom: Newsroom) -> None:
    newsroom.add(story("a"), story("b", embargo_until=at(30)))
    newsroom.add(story("a", version=2, take=TakeKind.KILL, status=Status.WITHDRAWN))
    assert newsroom.store.work.requeue(Stage.ENRICH) == 0


def test_everything_is_indexed_again_with_higher_revisions(newsroom: Newsroom) -> None:
    newsroom.add(story("a"), story("b"), story("c", embargo_until=at(30)))
    newsroom.walk()
    before = dict(newsroom.indexed)
    assert newsroom.store.work.requeue(Stage.INDEX) == 2
    newsroom.walk()
    assert {lineage: number + 1 for lineage, number in before.items()} == newsroom.indexed
    assert not newsroom.pending()


@pytest.mark.parametrize("stage", [Stage.RELATE, Stage.ALERT])
def test_stages_that_follow_are_not_opened_by_themselves(store: Store, stage: Stage) -> None:
    with pytest.raises(UsageError, match="enrich"):
        store.work.requeue(stage)


# --------------------------------------------------------------------------- what is indexed


@pytest.mark.parametrize(
    ("published", "month"), [(at(8), "2017.11"), (None, None), (datetime(1905, 1, 22), "1905.01")], ids=str
)
def test_the_month_is_fixed_when_the_story_is_first_offered_to_the_index(
    newsroom: Newsroom, published: datetime | None, month: str | None
) -> None:
    dated: dict[str, Any] = {"published_at": published, "updated_at": published}
    (added,) = newsroom.add(story(version=2, **dated))
    newsroom.walk()
    assert newsroom.store.stories.records([added.lineage])[0].month == month
    newsroom.add(story(version=1, published_at=at(1).replace(month=3), updated_at=None, headline="Earlier"))
    newsroom.walk()
    assert newsroom.store.stories.records([added.lineage])[0].month == month


def test_an_older_take_that_changes_the_date_of_publication_changes_the_document(newsroom: Newsroom) -> None:
    (added,) = newsroom.add(story(version=2, published_at=None, updated_at=at(8, 10)))
    newsroom.walk()
    before = revision(newsroom, added.lineage)
    newsroom.add(story(version=1, headline="Earlier", published_at=at(7), updated_at=at(7)))
    assert newsroom.claim(Stage.INDEX) == [added.lineage]
    assert revision(newsroom, added.lineage) > before
    assert newsroom.store.stories.records([added.lineage])[0].published_at == at(7)
