"""A lineage that turns out to be part of another one leaves the readers' view, whatever was indexed before."""

from collections.abc import Iterator

import pytest

from pipeline.index.documents import document
from pipeline.models import PublisherLink, SearchRequest, Stage
from pipeline.ports import SearchIndex
from pipeline.store import open_store
from tests.store.builders import NOW, story
from tests.store.opened_stores import SetClock
from tests.store.stage_runner import StageRunner


@pytest.fixture
def runner(tmp_path_factory: pytest.TempPathFactory) -> Iterator[StageRunner]:
    store = open_store(f"sqlite:///{tmp_path_factory.mktemp('store')}/store.db", SetClock())
    yield StageRunner(store)
    store.close()


def index(runner: StageRunner, engine: SearchIndex) -> None:
    """Tag and relate what is pending, and write what changed."""
    runner.tag()
    runner.relate()
    records = runner.store.stories.records(runner.claim(Stage.INDEX))
    runner.store.work.record_indexed(engine.write([document(record) for record in records]), NOW)


def headlines(engine: SearchIndex, query: str = "*:*", all_statuses: bool = False) -> dict[str, str]:
    hits = engine.search(SearchRequest(query=query, limit=100, all_statuses=all_statuses)).hits
    return {str(hit.lineage): hit.fields["headline"] for hit in hits}


def test_it_is_found_under_the_older_one_alone(runner: StageRunner, engine: SearchIndex) -> None:
    older, younger = runner.add(story("a", headline="A tender"), story("b", headline="Another tender"))
    index(runner, engine)
    before = runner.store.stories.records([younger.lineage])
    assert len(headlines(engine, "tender")) == 2

    joined = story("b", version=2, headline="A tender, revised", links=(PublisherLink("evolved_from", "a"),))
    runner.add(joined)
    index(runner, engine)
    assert headlines(engine) == {str(older.lineage): "A tender, revised"}
    blanks = headlines(engine, all_statuses=True)
    assert blanks == {str(older.lineage): "A tender, revised", str(younger.lineage): ""}
    assert headlines(engine, "another OR uri:b AND NOT revised", all_statuses=True).keys() <= {str(younger.lineage)}

    engine.write([document(record) for record in before])  # a writer that was slow
    assert headlines(engine) == {str(older.lineage): "A tender, revised"}

    lineages = list(runner.store.stories.lineages(indexed=True))
    assert lineages == [older.lineage]
    for _ in engine.rebuild(document(record) for record in runner.store.stories.records(lineages)):
        pass
    assert headlines(engine, all_statuses=True) == {str(older.lineage): "A tender, revised"}


def test_a_join_during_a_rebuild_is_in_the_new_index_too(runner: StageRunner, engine: SearchIndex) -> None:
    older, younger = runner.add(story("a", headline="A tender"), story("b", headline="Another tender"))
    index(runner, engine)
    lineages = list(runner.store.stories.lineages(indexed=True))
    as_read = [document(record) for record in runner.store.stories.records(lineages)]
    rebuilding = engine.rebuild(iter(as_read))
    next(rebuilding)
    runner.add(story("b", version=2, headline="Told again", links=(PublisherLink("evolved_from", "a"),)))
    index(runner, engine)
    for _ in rebuilding:
        pass
    assert headlines(engine) == {str(older.lineage): "Told again"}
    assert headlines(engine, all_statuses=True) == {str(older.lineage): "Told again", str(younger.lineage): ""}
