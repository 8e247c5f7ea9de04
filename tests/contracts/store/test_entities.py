"""EntityStore: operators' decisions about who is who, applied to everything that is recorded; on both databases."""

from dataclasses import replace
from datetime import timedelta

import pytest

from pipeline.errors import NotFoundError
from pipeline.models import DecisionKind, EntityDecision, EntityType, Stage
from tests.store.builders import NOW, story
from tests.store.opened_stores import SqliteStores, opened
from tests.store.stage_runner import StageRunner

MERGE = EntityDecision(
    kind=DecisionKind.MERGE,
    entity_id="gaz:efes",
    into_id="gaz:ephesus",
    name="Ephesus",
    type=EntityType.ORGANIZATION,
    made_at=NOW,
)
SPLIT = replace(MERGE, kind=DecisionKind.SPLIT, into_id="organization:efes-beer", name="Efes Beer", uris=("beer",))


def filled(runner: StageRunner) -> StageRunner:
    runner.add(
        story("beer", body="EFES sells beer"),
        story("dig", body="EFES was dug up by EPHESUS and TROY"),
        story("troy", body="TROY burned"),
    )
    runner.walk()
    return runner


def entities(runner: StageRunner) -> dict[str, list[str]]:
    return {row["uri"]: row["entities"] for row in runner.export()}


def test_a_merge_reopens_its_stories_silently_and_holds_after_a_retag(runner: StageRunner) -> None:
    store = filled(runner).store
    saved = store.entities.decide(MERGE)
    assert saved == replace(MERGE, id=saved.id)
    assert saved.id > 0
    assert runner.pending() == {"enrich": 2}
    runner.walk()
    assert runner.pending() == {}
    merged = {"beer": ["gaz:ephesus"], "dig": ["gaz:ephesus", "gaz:troy"], "troy": ["gaz:troy"]}
    assert entities(runner) == merged
    assert store.relations.counts((), ["gaz:efes", "gaz:ephesus"]).entities == {"gaz:ephesus": 2}
    store.work.requeue(Stage.ENRICH)
    runner.tag("tagger 2")
    assert entities(runner) == merged
    take = next(take for take in store.stories.takes([1, 2, 3]) if take.story.uri == "dig")
    tags = store.stories.enrichment(take.version_id)
    assert tags is not None
    assert [(mention.text, mention.entity_id, mention.name) for mention in tags.mentions][:2] == [
        ("EFES", "gaz:ephesus", "Ephesus"),
        ("EPHESUS", "gaz:ephesus", "EPHESUS"),
    ]
    assert [(entity.entity_id, entity.count) for entity in tags.entities] == [("gaz:ephesus", 2), ("gaz:troy", 1)]


def test_a_split_holds_in_its_stories_only(runner: StageRunner) -> None:
    filled(runner).store.entities.decide(SPLIT)
    runner.walk()
    assert entities(runner)["beer"] == ["organization:efes-beer"]
    assert "gaz:efes" in entities(runner)["dig"]


def test_decisions_lead_to_one_another_in_any_order(runner: StageRunner) -> None:
    decide = filled(runner).store.entities.decide
    decide(MERGE)
    decide(replace(SPLIT, entity_id="gaz:ephesus"))
    decide(replace(MERGE, entity_id="gaz:ephesus", into_id="gaz:troy", name="Troy"))
    runner.walk()
    assert entities(runner) == {"beer": ["organization:efes-beer"], "dig": ["gaz:troy"], "troy": ["gaz:troy"]}


def test_a_circle_ends(runner: StageRunner) -> None:
    decide = filled(runner).store.entities.decide
    decide(MERGE)
    decide(replace(MERGE, entity_id="gaz:ephesus", into_id="gaz:efes", name="Efes"))
    runner.walk()
    assert entities(runner)["troy"] == ["gaz:troy"]


def test_undone_decisions_leave_no_trace_but_are_kept(runner: StageRunner) -> None:
    before = entities(filled(runner))
    store = runner.store
    first, second = store.entities.decide(MERGE), store.entities.decide(replace(SPLIT, entity_id="gaz:ephesus"))
    runner.walk()
    assert entities(runner) != before
    store.entities.undo(first.id, NOW + timedelta(hours=1))
    store.entities.undo(second.id, NOW + timedelta(hours=2))
    runner.walk()
    assert entities(runner) == before
    assert [decision.undone_at for decision in store.entities.decisions()] == [
        NOW + timedelta(hours=1),
        NOW + timedelta(hours=2),
    ]
    with pytest.raises(NotFoundError):
        store.entities.undo(first.id, NOW)
    with pytest.raises(NotFoundError):
        store.entities.undo(77, NOW)


def test_a_decision_stands_once(runner: StageRunner) -> None:
    store = filled(runner).store
    first = store.entities.decide(MERGE)
    assert store.entities.decide(replace(MERGE, made_at=NOW + timedelta(days=1))) == first
    store.entities.undo(first.id, NOW)
    assert store.entities.decide(MERGE).id > first.id


def test_another_store_with_the_same_decisions_ends_the_same(runner: StageRunner, sqlite_stores: SqliteStores) -> None:
    store = filled(runner).store
    store.entities.decide(MERGE)
    store.entities.undo(store.entities.decide(SPLIT).id, NOW)
    store.entities.decide(replace(SPLIT, entity_id="gaz:ephesus"))
    runner.walk()
    with opened(sqlite_stores.fresh()) as other:
        for decision in store.entities.decisions():  # before anything has arrived there
            other.entities.decide(decision)
        assert [replace(decision, id=0) for decision in other.entities.decisions()] == [
            replace(decision, id=0) for decision in store.entities.decisions()
        ]
        assert entities(filled(StageRunner(other))) == entities(runner)


def test_names_in_any_script_are_found_again(runner: StageRunner) -> None:
    runner.add(story("a", body="ÇEŞME%_\\ and ÇEŞMEXX"))
    runner.walk()
    runner.store.entities.decide(replace(MERGE, entity_id="gaz:çeşme%_\\"))
    assert runner.pending() == {"enrich": 1}
    runner.walk()
    runner.store.entities.decide(replace(MERGE, entity_id="gaz:çeşme", into_id="gaz:spring"))
    assert runner.pending() == {}
