"""A store that an older version made is brought up to date, and holds what it held."""

from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, text

from pipeline.models import Enrichment, Stage, Status
from pipeline.shared_formats.sketch import pack_sketch
from pipeline.store.db.open_database import MIGRATIONS
from tests.servers.postgres import PostgresServer
from tests.store.builders import story
from tests.store.opened_stores import opened
from tests.store.stage_runner import StageRunner

# Two stories; the second one turned out to be part of the first. The first is tagged; its tagging has the number 7.
FIRST_STEP = """
INSERT INTO items (id, uri_key, uri, lineage) VALUES (1, :key_a, 'a', 1), (2, :key_b, 'b', 1);
INSERT INTO lineages (id, joined_to, status, current, counted, revision, indexed_revision, corrected, published_at,
    updated_at, fetched_at, copies, month)
VALUES (1, NULL, 'usable', 2, 2, 3, 2, false, 1510131600000000, 1510131600000000, 1510315200000000, 0, '2017.11'),
    (2, 1, 'withdrawn', 2, NULL, 2, 2, false, 1510131600000000, 1510131600000000, 1510315200000000, 0, '2017.11');
INSERT INTO versions (id, item_id, lineage, number, kind, state, tagged, related, backfill, corrected, content, seen,
    published_at, updated_at, fetched_at, headline, story, origin)
VALUES (1, 1, 1, 1, 'first', 'usable', false, true, false, false, :content, '[]', 1510131600000000, 1510131600000000,
        1510315200000000, 'First', '{}', '["import","wire.jsonl",1510315200000000,false]'),
    (2, 2, 1, 2, 'first', 'usable', true, true, false, false, :content, '[[2,null,1510131600000001]]',
        1510131600000000, 1510131600000000, 1510315200000000, 'Second', '{}',
        '["import","wire.jsonl",1510315200000000,false]');
INSERT INTO bodies (version_id, body) VALUES (1, 'One.'), (2, 'Two.');
INSERT INTO enrichments (version_id, stamp, revision, data, sketch) VALUES (2, 7, 'tagger 1', '{}', :sketch);
INSERT INTO mentions (version_id, data) VALUES (2, '[]');
UPDATE counters SET value = 2 WHERE name IN ('items', 'versions');
UPDATE counters SET value = 7 WHERE name = 'stamps';
UPDATE counters SET value = 1 WHERE name = 'documents';
"""


def make_at_first_step(connection: Connection) -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, "0001")
    values = {
        "key_a": b"a",
        "key_b": b"b",
        "content": b"content",
        "sketch": pack_sketch(Enrichment(version_id=2, revision="tagger 1")),
    }
    for statement in filter(str.strip, FIRST_STEP.split(";")):
        named = {name: value for name, value in values.items() if f":{name}" in statement}
        connection.execute(text(statement), named)


@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_a_store_made_by_the_first_step_holds_what_it_held(
    database: str, tmp_path: Path, postgres_server: PostgresServer
) -> None:
    url = f"sqlite:///{tmp_path / 'store.db'}" if database == "sqlite" else postgres_server.create_database()
    engine = create_engine(url)
    with engine.begin() as connection:
        make_at_first_step(connection)
    engine.dispose()
    with opened(url) as store:
        record, alias = store.stories.records([1, 2])
        assert (record.status, record.merged_into, record.current.story.headline) == (Status.USABLE, None, "Second")
        assert (alias.status, alias.merged_into, alias.current.story.headline) == (Status.WITHDRAWN, 1, "")
        assert store.stories.merged_into(1) == [2]
        assert [head.tagging_version for head in store.relations.heads([1])] == [7]
        runner = StageRunner(store)
        assert store.work.requeue(Stage.ENRICH) == 2
        runner.walk()
        assert [head.tagging_version for head in store.relations.heads([1])] == [8]
        (added,) = runner.add(story("c"))
        assert (added.lineage, added.version_id) > (2, 2)
