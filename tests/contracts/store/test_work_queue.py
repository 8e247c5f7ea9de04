"""WorkQueue: claims, leases, outcomes and what follows from them; on both databases."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from pipeline.errors import NotFoundError, UsageError
from pipeline.models import Enrichment, Rejected, Relations, Stage, Status, TakeKind, WriteOutcome, WriteState
from pipeline.ports import Store
from tests.store.builders import IMPORT, LEASE, NOW, at, enrichment, story
from tests.store.stage_runner import StageRunner

pytestmark = pytest.mark.slow  # takes more than five seconds of processor time

BACKFILL = replace(IMPORT, backfill=True)


def revision(runner: StageRunner, lineage: int) -> int:
    return runner.store.stories.records([lineage])[0].revision


# --------------------------------------------------------------------------- claims and leases


def test_work_is_claimed_in_order_of_publication_undated_last(runner: StageRunner) -> None:
    late, undated, early = runner.add(
        story("late", updated_at=at(9)), story("none", published_at=None, updated_at=None), story("early")
    )
    assert runner.claim(Stage.ENRICH, limit=2) == [early.version_id, late.version_id]
    assert runner.claim(Stage.ENRICH) == [undated.version_id]
    assert runner.claim(Stage.ENRICH) == []
    assert runner.store.work.pending(Stage.ENRICH) == 3


def test_a_claim_is_pending_again_when_its_lease_runs_out(runner: StageRunner) -> None:
    (added,) = runner.add(story())
    assert runner.claim(Stage.ENRICH)
    assert runner.claim(Stage.ENRICH, now=NOW + LEASE - timedelta(seconds=1)) == []
    assert runner.claim(Stage.ENRICH, now=NOW + LEASE) == [added.version_id]
    assert runner.claim(Stage.ENRICH, now=NOW + LEASE) == []


def test_a_clock_set_back_holds_no_claim_for_longer_than_a_lease(runner: StageRunner) -> None:
    (added,) = runner.add(story())
    assert runner.claim(Stage.ENRICH)
    assert runner.claim(Stage.ENRICH, now=NOW - LEASE / 2) == []  # another machine's clock, a little behind
    assert runner.claim(Stage.ENRICH, now=NOW - timedelta(days=400)) == [added.version_id]
    assert runner.claim(Stage.ENRICH, now=NOW - timedelta(days=400)) == []


def test_a_released_claim_is_pending_at_once(runner: StageRunner) -> None:
    first, second = runner.add(story("a"), story("b"))
    runner.claim(Stage.ENRICH)
    runner.store.work.release(Stage.ENRICH, [second.version_id])
    assert runner.claim(Stage.ENRICH) == [second.version_id]
    assert first.version_id != second.version_id


def test_what_a_dead_worker_held_is_taken_back(runner: StageRunner) -> None:
    runner.add(story("a"), story("b"))
    work = runner.store.work
    (own,) = work.claim(Stage.ENRICH, "me", NOW, LEASE, 1)
    (theirs,) = work.claim(Stage.ENRICH, "them", NOW, LEASE, 1)
    assert work.workers() == ["me", "them"]
    work.take_back("them")
    assert work.workers() == ["me"]
    assert work.claim(Stage.ENRICH, "me", NOW, LEASE, 9) == [theirs] != [own]


def test_a_limit_of_nothing_claims_nothing(runner: StageRunner) -> None:
    runner.add(story())
    assert runner.claim(Stage.ENRICH, limit=0) == []


# --------------------------------------------------------------------------- the stages in turn


def test_each_stage_opens_the_next(runner: StageRunner) -> None:
    runner.add(story())
    assert runner.pending() == {"enrich": 1}
    runner.tag()
    assert runner.pending() == {"relate": 1}
    runner.relate()
    assert runner.pending() == {"index": 1, "alert": 1}
    assert runner.claim(Stage.ALERT) == []  # it is not indexed yet
    runner.index()
    assert runner.pending() == {"alert": 1}
    runner.alert()
    assert not runner.pending()


def test_alerts_wait_until_the_newest_revision_is_indexed(runner: StageRunner) -> None:
    (first,) = runner.add(story(version=1))
    runner.tag()
    runner.relate()
    (stale,) = runner.store.stories.records(runner.claim(Stage.INDEX))
    (second,) = runner.add(story(version=2, headline="Two", updated_at=at(8, 10)))
    runner.store.work.record_indexed([WriteOutcome(stale.lineage, stale.revision, WriteState.WRITTEN)], NOW)
    assert runner.claim(Stage.ALERT) == []
    runner.tag()
    runner.relate()
    runner.index()
    assert runner.claim(Stage.ALERT) == [second.version_id]  # which stands for the first, not alerted yet
    assert first.lineage == second.lineage


def test_a_live_take_is_not_silenced_by_a_backfill_that_overtakes_it(runner: StageRunner) -> None:
    (live,) = runner.add(story(version=1))
    (archived,) = runner.add(story(version=2, headline="Two", updated_at=at(8, 10)), origin=BACKFILL)
    runner.tag()
    runner.relate()
    runner.index()
    assert runner.claim(Stage.ALERT) == [live.version_id, archived.version_id]
    assert [take.origin.backfill for take in runner.store.stories.takes([live.version_id, archived.version_id])] == [
        False,
        True,
    ]


def test_an_older_take_is_tagged_and_related_but_not_alerted(runner: StageRunner) -> None:
    runner.add(story(version=2, headline="Two", updated_at=at(8, 10)))
    runner.walk()
    (late,) = runner.add(story(version=1))
    assert runner.tag() == [late.version_id]
    assert runner.relate() == [late.version_id]
    assert runner.store.work.pending(Stage.ALERT) == 0


def test_a_document_that_changed_while_it_was_written_is_offered_again(runner: StageRunner) -> None:
    (added,) = runner.add(story(version=1))
    runner.tag()
    runner.relate()
    (record,) = runner.store.stories.records(runner.claim(Stage.INDEX))
    runner.add(story(version=2, headline="Two", updated_at=at(8, 10)))
    runner.tag()
    runner.relate()
    runner.store.work.record_indexed([WriteOutcome(record.lineage, record.revision, WriteState.WRITTEN)], NOW)
    assert runner.claim(Stage.INDEX) == [added.lineage]


def test_a_document_that_the_engine_has_newer_is_done(runner: StageRunner) -> None:
    (added,) = runner.add(story())
    runner.tag()
    runner.relate()
    runner.claim(Stage.INDEX)
    superseded = WriteOutcome(added.lineage, revision(runner, added.lineage), WriteState.SUPERSEDED)
    runner.store.work.record_indexed([superseded], NOW)
    assert runner.pending() == {"alert": 1}


def test_a_refused_document_is_quarantined_and_tried_again_when_it_changes(runner: StageRunner) -> None:
    (added,) = runner.add(story(version=1))
    runner.tag()
    runner.relate()
    runner.claim(Stage.INDEX)
    refused = WriteOutcome(added.lineage, revision(runner, added.lineage), WriteState.REJECTED, "too long")
    runner.store.work.record_indexed([refused], NOW)
    assert runner.pending() == {"alert": 1}
    (kept,) = runner.store.stories.quarantined()
    assert (kept.stage, kept.subject, kept.reason, kept.origin) == ("index", "wire:deal", "too long", IMPORT)
    runner.add(story(version=2, headline="Two", updated_at=at(8, 10)))
    runner.tag()
    runner.relate()
    assert runner.claim(Stage.INDEX) == [added.lineage]


def test_outcomes_recorded_twice_change_nothing(runner: StageRunner) -> None:
    """Two workers did the same work, since the first one's lease had run out."""
    (added,) = runner.add(story(body="NATO"))
    (take,) = runner.store.stories.takes(runner.claim(Stage.ENRICH))
    for _ in range(2):
        runner.store.work.record_enriched([enrichment(take)])
    assert runner.store.relations.counts(["nato"], []).terms == {"nato": 1}
    runner.relate()
    runner.store.work.record_enriched([enrichment(take, "late")])
    runner.store.work.record_related([Relations(lineage=added.lineage, version_id=added.version_id)])
    runner.index()
    runner.alert()
    runner.store.work.record_related([Relations(lineage=added.lineage, version_id=added.version_id)])
    assert not runner.pending()
    kept = runner.store.stories.enrichment(added.version_id)
    assert kept is not None
    assert kept.revision == "tagger 1"


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
def test_what_cannot_be_tagged_or_related_is_found_all_the_same(runner: StageRunner, stage: Stage) -> None:
    bad, good = runner.add(story("bad"), story("good"))
    if stage is Stage.RELATE:
        runner.tag()
    runner.claim(stage)
    runner.store.work.fail(stage, [bad.version_id], "not a text\0", NOW)
    runner.store.work.release(stage, [good.version_id])
    runner.walk()
    assert set(runner.indexed) == {bad.lineage, good.lineage}
    assert not runner.pending()
    (kept,) = runner.store.stories.quarantined()
    assert (kept.stage, kept.subject, kept.reason) == (stage.value, "bad", "not a text\ufffd")
    assert (runner.store.stories.enrichment(bad.version_id) is None) == (stage is Stage.ENRICH)


def test_what_cannot_be_indexed_or_alerted_is_closed(runner: StageRunner) -> None:
    (added,) = runner.add(story())
    runner.tag()
    runner.relate()
    runner.claim(Stage.INDEX)
    runner.store.work.fail(Stage.INDEX, [added.lineage], "no document", NOW)
    assert runner.claim(Stage.ALERT) == [added.version_id]
    runner.store.work.fail(Stage.ALERT, [added.version_id], "no match", NOW)
    assert not runner.pending()
    assert [kept.stage for kept in runner.store.stories.quarantined()] == ["alert", "index"]


def test_a_failed_take_is_tagged_again_by_a_retag(runner: StageRunner) -> None:
    (added,) = runner.add(story())
    runner.claim(Stage.ENRICH)
    runner.store.work.fail(Stage.ENRICH, [added.version_id], "the model failed", NOW)
    runner.walk()
    assert runner.store.work.requeue(Stage.ENRICH) == 1
    runner.walk()
    assert runner.store.stories.enrichment(added.version_id) is not None


@pytest.mark.parametrize("stage", [Stage.ENRICH, Stage.RELATE])
def test_replayed_work_is_done_without_a_second_alert(runner: StageRunner, stage: Stage) -> None:
    (added,) = runner.add(story())
    if stage is Stage.RELATE:
        runner.tag()
    runner.claim(stage)
    runner.store.work.fail(stage, [added.version_id], "the model was not installed", NOW)
    runner.walk()
    (kept,) = runner.store.stories.quarantined()
    assert runner.store.work.replay([kept.id]) == 1
    assert runner.store.stories.quarantined() == []
    assert runner.pending() == {stage.value: 1}
    if stage is Stage.ENRICH:
        runner.tag()
    runner.relate()
    runner.index()
    assert runner.store.stories.enrichment(added.version_id) is not None
    assert not runner.pending()
    assert runner.store.work.replay([kept.id]) == 0


def test_replayed_documents_and_alerts_are_tried_again(runner: StageRunner) -> None:
    (added,) = runner.add(story())
    runner.tag()
    runner.relate()
    for stage, subject in ((Stage.INDEX, added.lineage), (Stage.ALERT, added.version_id)):
        runner.claim(stage)
        runner.store.work.fail(stage, [subject], "refused", NOW)
    kept = runner.store.stories.in_quarantine()
    assert [entry.stage for entry in kept] == ["index", "alert"]
    assert runner.store.work.replay([entry.id for entry in kept]) == 2
    assert runner.claim(Stage.INDEX) == [added.lineage]
    runner.store.work.release(Stage.INDEX, [added.lineage])
    runner.index()
    assert runner.claim(Stage.ALERT) == [added.version_id]


def test_entries_are_taken_out_of_quarantine_by_their_id(store: Store) -> None:
    store.stories.quarantine("parse", [Rejected(IMPORT, f"line {n}", "no story", b"%d" % n) for n in range(3)])
    first, second, third = store.stories.in_quarantine()
    assert store.stories.in_quarantine([third.id, first.id]) == [first, third]
    store.stories.discharge([second.id])
    assert store.stories.in_quarantine() == [first, third]
    with pytest.raises(NotFoundError, match=f"no entry {second.id} in quarantine"):
        store.stories.in_quarantine([first.id, second.id])


# --------------------------------------------------------------------------- again


def test_a_retag_renews_counts_and_documents_and_alerts_nobody(runner: StageRunner) -> None:
    first, second = runner.add(story("a", body="NATO met"), story("b", body="NATO left"))
    runner.walk()
    before = dict(runner.indexed)
    assert runner.store.work.requeue(Stage.ENRICH) == 2
    assert runner.pending() == {"enrich": 2}
    runner.tag("tagger 2", terms={"alliance": 2}, entities=())
    counts = runner.store.relations.counts(["nato", "met", "left", "alliance"], ["gaz:nato"])
    assert (counts.documents, counts.terms, counts.entities) == (2, {"alliance": 2}, {})
    assert runner.relate() == [first.version_id, second.version_id]
    assert runner.pending() == {"index": 2}
    runner.index()
    assert not runner.pending()
    assert all(runner.indexed[lineage] > before[lineage] for lineage in before)
    assert runner.export()[0]["entities"] == []


def test_a_retag_during_the_walk_silences_nothing_that_was_not_told_yet(runner: StageRunner) -> None:
    runner.add(story("a"))
    assert runner.store.work.requeue(Stage.ENRICH) == 1
    runner.tag()
    runner.relate()
    assert runner.store.work.pending(Stage.ALERT) == 1
    runner.store.work.requeue(Stage.ENRICH)
    runner.walk()
    assert not runner.pending()


def test_a_retag_leaves_withdrawn_and_withheld_stories_alone(runner: StageRunner) -> None:
    runner.add(story("a"), story("b", embargo_until=at(30)))
    runner.add(story("a", version=2, take=TakeKind.KILL, status=Status.WITHDRAWN))
    assert runner.store.work.requeue(Stage.ENRICH) == 0


def test_everything_is_indexed_again_with_higher_revisions(runner: StageRunner) -> None:
    runner.add(story("a"), story("b"), story("c", embargo_until=at(30)))
    runner.walk()
    before = dict(runner.indexed)
    assert runner.store.work.requeue(Stage.INDEX) == 2
    runner.walk()
    assert {lineage: number + 1 for lineage, number in before.items()} == runner.indexed
    assert not runner.pending()


@pytest.mark.parametrize("stage", [Stage.RELATE, Stage.ALERT])
def test_stages_that_follow_are_not_opened_by_themselves(store: Store, stage: Stage) -> None:
    with pytest.raises(UsageError, match="enrich"):
        store.work.requeue(stage)


# --------------------------------------------------------------------------- what is indexed


@pytest.mark.parametrize(
    ("published", "month"), [(at(8), "2017.11"), (None, None), (datetime(1905, 1, 22), "1905.01")], ids=str
)
def test_the_month_is_fixed_when_the_story_is_first_offered_to_the_index(
    runner: StageRunner, published: datetime | None, month: str | None
) -> None:
    dated: dict[str, Any] = {"published_at": published, "updated_at": published}
    (added,) = runner.add(story(version=2, **dated))
    runner.walk()
    assert runner.store.stories.records([added.lineage])[0].month == month
    runner.add(story(version=1, published_at=at(1).replace(month=3), updated_at=None, headline="Earlier"))
    runner.walk()
    assert runner.store.stories.records([added.lineage])[0].month == month


def test_an_older_take_that_changes_the_date_of_publication_changes_the_document(runner: StageRunner) -> None:
    (added,) = runner.add(story(version=2, published_at=None, updated_at=at(8, 10)))
    runner.walk()
    before = revision(runner, added.lineage)
    runner.add(story(version=1, headline="Earlier", published_at=at(7), updated_at=at(7)))
    assert runner.claim(Stage.INDEX) == [added.lineage]
    assert revision(runner, added.lineage) > before
    assert runner.store.stories.records([added.lineage])[0].published_at == at(7)
