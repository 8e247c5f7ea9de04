"""What is known of an entity, and re-tagging, over a real store, engine and tagger."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipeline import Wirewatch
from pipeline.errors import NotFoundError, UsageError
from pipeline.flow.stages import LEASE
from pipeline.models import Enrichment, EntityType, Origin, SearchRequest, Stage, Story, Subscription
from pipeline.settings import load_settings
from tests.store.opened_stores import SetClock

NOW = datetime(2017, 11, 20, tzinfo=UTC)
TEXTS = (
    ("a", 8, "Anna Lindgren met Jens Stoltenberg in Brussels. Lindgren praised the S-400 missile."),
    ("b", 9, "The S400 missile was tested near Ankara, Jens Stoltenberg said in Brussels."),
    ("c", 12, "Anna Lindgreen opened a bakery in Ankara."),
)


@pytest.fixture
def wirewatch(tmp_path: Path) -> Iterator[Wirewatch]:
    settings = load_settings({"WIREWATCH_HOME": str(tmp_path), "WIREWATCH_PROCESSES": "1"})
    with Wirewatch.open(settings, SetClock(NOW)) as wirewatch:
        stories = [
            Story(uri=uri, headline=f"Report {uri}", body=body, language="en",
                  published_at=datetime(2017, 11, day, tzinfo=UTC), updated_at=datetime(2017, 11, day, tzinfo=UTC))
            for uri, day, body in TEXTS
        ]  # fmt: skip
        wirewatch.adapters.store.stories.add(stories, Origin("test", "here", NOW))
        wirewatch.stages.run()
        yield wirewatch


def uris(wirewatch: Wirewatch, query: str) -> set[str]:
    return {hit.fields["uri"] for hit in wirewatch.adapters.index.search(SearchRequest(query=query)).hits}


def test_an_entity_by_name_alias_and_id(wirewatch: Wirewatch) -> None:
    for name in ("S-400", "S400", "Triumf", "gaz:s-400"):
        profile = wirewatch.entities.profile(name)
        assert (profile.entity_id, profile.name, profile.stories) == ("gaz:s-400", "S-400", 2)
    assert (profile.first_seen, profile.last_seen) == (
        datetime(2017, 11, 8, tzinfo=UTC),
        datetime(2017, 11, 9, tzinfo=UTC),
    )
    assert dict(profile.aliases) == {"S-400": 1, "S400": 1}
    assert profile.kinds == ((EntityType.PRODUCT, 2),)
    assert (EntityType.PERSON, "Jens Stoltenberg", 2) in profile.beside
    assert (EntityType.PRODUCT, "S-400", 2) not in profile.beside
    with pytest.raises(NotFoundError, match="no story names 'Nobody'"):
        wirewatch.entities.profile("Nobody")


def test_a_merge_is_found_by_search_and_can_be_undone_and_replayed(wirewatch: Wirewatch, tmp_path: Path) -> None:
    decision = wirewatch.entities.merge("Anna Lindgren", "Anna Lindgreen")
    assert uris(wirewatch, 'person:"Anna Lindgren"') == {"a", "c"}
    assert dict(wirewatch.entities.profile("Anna Lindgreen").aliases).keys() == {
        "Anna Lindgren",
        "Lindgren",
        "Anna Lindgreen",
    }
    with pytest.raises(UsageError, match="one entity already"):
        wirewatch.entities.merge("Anna Lindgren", "Anna Lindgreen")
    assert wirewatch.entities.retag(everything=True) == 3
    assert uris(wirewatch, 'person:"Anna Lindgren"') == {"a", "c"}
    wirewatch.entities.undo(decision.id)
    assert uris(wirewatch, 'person:"Anna Lindgren"') == {"a"}
    assert wirewatch.entities.replay([decision]) == 1
    assert uris(wirewatch, 'person:"Anna Lindgren"') == {"a", "c"}


def test_a_split_is_found_by_search(wirewatch: Wirewatch) -> None:
    wirewatch.entities.split("Jens Stoltenberg", "Jens Stoltenberg (baker)", ["b"])
    assert uris(wirewatch, 'entity_ids:"gaz:jens-stoltenberg"') == {"a"}
    assert uris(wirewatch, 'entity_ids:"person:jens-stoltenberg-baker"') == {"b"}
    with pytest.raises(NotFoundError):
        wirewatch.entities.split("Jens Stoltenberg", "Other", ["nowhere"])


def test_retag_does_what_is_due_and_sends_nothing(wirewatch: Wirewatch) -> None:
    wirewatch.adapters.store.alerts.subscribe(
        Subscription(id=0, owner="desk", channels=("file:///dev/null",), query="missile", created_at=NOW)
    )
    assert wirewatch.entities.retag() == 0
    assert wirewatch.entities.retag(since=datetime(2017, 11, 9, tzinfo=UTC), everything=True) == 2
    assert wirewatch.adapters.store.work.pending(Stage.ALERT) == 0
    assert wirewatch.stages.match() == 0
    assert wirewatch.adapters.store.alerts.matches() == []


def test_a_retag_that_was_stopped_is_finished_by_the_next(wirewatch: Wirewatch) -> None:
    before = list(wirewatch.stories.export(canonical=True))
    wirewatch.adapters.store.work.requeue(Stage.ENRICH)
    claimed = wirewatch.adapters.store.work.claim(Stage.ENRICH, "elsewhere/1/0.0", NOW, LEASE, 1)
    (answer,) = wirewatch.adapters.tagger.tag(wirewatch.adapters.store.stories.takes(claimed))
    assert isinstance(answer, Enrichment)
    wirewatch.adapters.store.work.record_enriched([answer])
    assert uris(wirewatch, "missile") == {"a", "b"}  # searches go on
    assert wirewatch.entities.retag() == 2
    assert list(wirewatch.stories.export(canonical=True)) == before
