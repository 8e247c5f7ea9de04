"""Each DAG run by Airflow's own ``dag.test``, every task instance asserted; a run that finds nothing skips, quietly."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.dags.runner import AirflowHome, DagResult
from tests.e2e.command import Command
from tests.sample_wire.loader import load_feeds, load_stories
from tests.sample_wire.publish import publish, write_archive
from tests.servers.http import HttpServer, http_server

pytestmark = pytest.mark.xdist_group("airflow")
STORIES = [story for story in load_stories() if story.key.startswith(("deal-", "lead-"))]
FEEDS = [feed for feed in load_feeds() if any(story.feed == feed.name for story in STORIES)]


class Newsroom:
    """A home with feeds on a local server, and an Airflow to run DAGs in."""

    def __init__(self, home: Path, http: HttpServer) -> None:
        config = home / "config"
        config.mkdir(parents=True)
        (config / "feeds.yaml").write_text(publish(http, home / "drop", FEEDS, STORIES), encoding="utf-8")
        self.command = Command(home, {"WIREWATCH_CONFIG": str(config)})
        environment = {"WIREWATCH_HOME": str(home), "WIREWATCH_CONFIG": str(config)}
        self.airflow = AirflowHome.make(home / "airflow", environment)

    def run(self, *dags: str) -> dict[str, DagResult]:
        return {result.dag: result for result in self.airflow.run(*dags)}


@pytest.fixture(scope="module")
def newsroom(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newsroom]:
    with http_server() as http:
        yield Newsroom(tmp_path_factory.mktemp("newsroom"), http)


def test_the_walk_from_feeds_to_search_by_dags(newsroom: Newsroom) -> None:
    ran = newsroom.run("wire_ingest", "wire_enrich", "wire_alert")
    assert {name: (result.state, dict(result.tasks)) for name, result in ran.items()} == {
        "wire_ingest": ("success", {"due": "success", "fetch[0]": "success", "announce": "success"}),
        "wire_enrich": ("success", {"workers": "success", "tag[0]": "success", "relate_and_index": "success"}),
        "wire_alert": ("success", {"match": "success", "deliver": "success"}),
    }
    result = newsroom.command.ok("search", "Eurosam", "--limit", "500", "--json").json
    assert result["total"] >= 10

    before = newsroom.command.ok("export", "--canonical").out
    again = newsroom.run("wire_ingest", "wire_enrich", "wire_alert")
    assert again["wire_ingest"].tasks["announce"] == "skipped"
    assert again["wire_enrich"].tasks["relate_and_index"] == "skipped"
    assert {result.state for result in again.values()} == {"success"}
    assert newsroom.command.ok("export", "--canonical").out == before


def test_backfill_maintenance_and_reindex(newsroom: Newsroom, tmp_path: Path) -> None:
    archive = tmp_path / "archive.jsonl"
    write_archive(archive, [story for story in load_stories() if story.key.startswith("fcas-")])
    ran = newsroom.run(
        "wire_backfill=" + json.dumps({"paths": [str(archive)]}), "wire_enrich", "wire_maintenance", "wire_reindex"
    )
    assert {name: (result.state, dict(result.tasks)) for name, result in ran.items()} == {
        "wire_backfill": ("success", {"import_archive": "success"}),
        "wire_enrich": ("success", {"workers": "success", "tag[0]": "success", "relate_and_index": "success"}),
        "wire_maintenance": (
            "success",
            {"release": "skipped", "retention": "skipped", "silent_feeds": "success"},
        ),
        "wire_reindex": ("success", {"rebuild": "success"}),
    }
    assert newsroom.command.ok("search", "fighter", "--json").json["total"] > 0
