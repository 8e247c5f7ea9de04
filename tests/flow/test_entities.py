"""What is known of an entity, and re-tagging, over a real store, engine and tagger."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline import flow
from pipeline.errors import NotFoundError, UsageError
from pipeline.models import EntityType, Origin, SearchRequest, Stage, Story, Subscription
from pipeline.settings import load_settings
from pipeline.wiring import Parts
from tests.store.newsroom import SetClock

NOW = datetime(2017, 11, 20, tzinfo=UTC)
TEXTS = (
    ("a", 8, "Anna Lindgren met Jens Stoltenberg in Brussels. Lindgren praised the S-400 missile."),
    ("b", 9, "The S400 missile was tested near Ankara, Jens Stoltenberg said in Brussels."),
    ("c", 12, "Anna Lindgreen opened a bakery in Ankara."),
)


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Parts]:
    settings = load_settings({"WIREWATCH_HOME": str(tmp_path), "WIREWATCH_PROCESSES": "1"})
    with Parts(settings, SetClock(NOW)) as parts:
        stories = [
            Story(uri=uri, headline=f"Report {uri}", body=body, language="en",
                  published_at=datetime(2017, 11, day, tzinfo=UTC), updated_at=datetime(2017, 11, day, tzinfo=UTC))
            for uri, day, body in TEXTS
        ]  # fmt: skip
        parts.store.stories.add(stories, Origin("test", "here", NOW))
        flow.walk(parts)
        yield parts


def uris(parts: Parts, query: str) -> set[str]:
    return {hit.fields["uri"] for hit in parts.index.search(SearchRequest(query=query)).hits}


def test_an_entity_by_name_alias_and_id(parts: Parts) -> None:
    for name in ("S-400", "S400", "Triumf", "gaz:s-400"):
        told = flow.entity(parts, name)
        assert (told.entity_id, told.name, told.stories) == ("gaz:s-400", "S-400", 2)
    assert (told.first_seen, told.last_seen) == (datetime(2017, 11, 8, tzinfo=UTC), datetime(2017, 11, 9, tzinfo=UTC))
    assert dict(told.aliases) == {"S-400": 1, "S400": 1}
    assert told.kinds == ((EntityType.PRODUCT, 2),)
    assert (EntityType.PERSON, "Jens Stoltenberg", 2) in told.beside
    assert (EntityType.PRODUCT, "S-400", 2) not in told.beside
    with pytest.raises(NotFoundError, match="no story names 'Nobody'"):
        flow.entity(parts, "Nobody")


def test_a_merge_is_found_by_search_and_can_be_undone_and_replayed(parts: Parts, tmp_path: Path) -> None:
    decision = flow.merge_entities(parts, "Anna Lindgren", "Anna Lindgreen")
    assert uris(parts, 'person:"Anna Lindgren"') == {"a", "c"}
    assert dict(flow.entity(parts, "Anna Lindgreen").aliases).keys() == {"Anna Lindgren", "Lindgren", "Anna Lindgreen"}
    with pytest.raises(UsageError, match="one entity already"):
        flow.merge_entities(parts, "Anna Lindgren", "Anna Lindgreen")
    assert flow.retag(parts, everything=True) == 3
    assert uris(parts, 'person:"Anna Lindgren"') == {"a", "c"}
    flow.undo_decision(parts, decision.id)
    assert uris(parts, 'person:"Anna Lindgren"') == {"a"}
    assert flow.replay_decisions(parts, [decision]) == 1
    assert uris(parts, 'person:"Anna Lindgren"') == {"a", "c"}


def test_a_split_is_found_by_search(parts: Parts) -> None:
    flow.split_entity(parts, "Jens Stoltenberg", "Jens Stoltenberg (baker)", ["b"])
    assert uris(parts, 'entity_ids:"gaz:jens-stoltenberg"') == {"a"}
    assert uris(parts, 'entity_ids:"person:jens-stoltenberg-baker"') == {"b"}
    with pytest.raises(NotFoundError):
        flow.split_entity(parts, "Jens Stoltenberg", "Other", ["nowhere"])


def test_retag_does_what_is_due_and_sends_nothing(parts: Parts) -> None:
    parts.store.alerts.subscribe(
        Subscription(id=0, owner="desk", channels=("file:///dev/null",), query="missile", created_at=NOW)
    )
    assert flow.retag(parts) == 0
    assert flow.retag(parts, since=datetime(2017, 11, 9, tzinfo=UTC), everything=True) == 2
    assert parts.store.work.pending(Stage.ALERT) == 0
    assert flow.match(parts) == 0
    assert parts.store.alerts.matches() == []


def test_a_retag_that_was_stopped_is_finished_by_the_next(parts: Parts) -> None:
    before = list(parts.store.stories.export(canonical=True))
    parts.store.work.requeue(Stage.ENRICH)
    claimed = parts.store.work.claim(Stage.ENRICH, "elsewhere/1/0.0", NOW, flow.stages.LEASE, 1)
    (answer,) = parts.tagger.tag(parts.store.stories.takes(claimed))
    parts.store.work.record_enriched([answer])
    assert uris(parts, "missile") == {"a", "b"}  # searches go on
    assert flow.retag(parts) == 2
    assert list(parts.store.stories.export(canonical=True)) == before
