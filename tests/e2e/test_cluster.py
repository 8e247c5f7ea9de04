"""The cluster as teams run it: Airflow's DAGs on PostgreSQL and Elasticsearch, from a feed over HTTP to Kibana's alias.

Airflow keeps its own database on the same PostgreSQL. Elasticsearch is killed while documents are being written; the
task that met this is tried again by Airflow, and afterwards the index equals the store.
"""

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from pipeline import Wirewatch
from pipeline.index.documents import document
from pipeline.models import Stage
from pipeline.settings import load_settings
from tests.benchmarks.corpus import stories
from tests.dags.runner import AirflowHome, DagResult
from tests.e2e.command import Command
from tests.servers.elasticsearch import ElasticsearchNode
from tests.servers.http import HttpServer, Reply, http_server
from tests.servers.postgres import PostgresServer

LETTER = {
    "id": "tag:wire.example,2017:letter",
    "title": "Turkey signs letter of intent with France and Italy on missile defence",
    "content_text": "ANKARA, Nov 8 (Northwire) - Turkey signed a letter of intent with France and Italy. Eurosam and "
    "two Turkish firms are to look at a system based on the SAMP/T.",
    "date_published": "2017-11-08T09:30:00Z",
}
MANY = 1_100
PATIENCE = 240.0  # seconds


@dataclass(frozen=True, slots=True)
class Cluster:
    """A home whose store is on PostgreSQL and whose index is in Elasticsearch, with an Airflow to run its DAGs."""

    http: HttpServer
    node: ElasticsearchNode
    airflow: AirflowHome
    settings: dict[str, str]
    home: Path

    def serve(self, *items: dict[str, Any]) -> None:
        """Publish these entries, and no others."""
        feed = {"version": "https://jsonfeed.org/version/1.1", "title": "Northwire", "items": items}
        self.http.route("/feed.json", Reply(body=json.dumps(feed), content_type="application/feed+json"))

    def run(self, *dags: str) -> dict[str, DagResult]:
        return {result.dag: result for result in self.airflow.run(*dags)}

    def count(self, alias: str = "wire-stories") -> int:
        documents: int = self.node.call("GET", f"/{alias}/_count?ignore_unavailable=true")["count"]
        return documents

    def assert_index_equals_store(self) -> None:
        """Every lineage that the store offered is there once, as it is in the store; and nothing else is."""
        self.node.call("POST", "/wire-stories-all/_refresh")
        hits = self.node.call("POST", "/wire-stories-all/_search", {"size": 10_000})["hits"]["hits"]
        indexed = [(int(hit["_id"]), hit["_source"]["revision"], hit["_source"].get("headline", "")) for hit in hits]
        with Wirewatch.open(load_settings(self.settings)) as wirewatch:
            store = wirewatch.adapters.store
            records = store.stories.records(list(store.stories.lineages(indexed=True)))
            expected = [(record.lineage, record.revision, document(record).headline) for record in records]
            assert store.work.pending(Stage.INDEX) == store.work.pending(Stage.RELATE) == 0
        assert sorted(indexed) == sorted(expected)


@pytest.fixture(scope="module")
def cluster(
    tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresServer, private_elasticsearch: ElasticsearchNode
) -> Iterator[Cluster]:
    home = tmp_path_factory.mktemp("cluster")
    config = home / "config"
    config.mkdir()
    store, airflow = postgres_server.create_database(), postgres_server.create_database()
    settings = {
        "WIREWATCH_HOME": str(home),
        "WIREWATCH_CONFIG": str(config),
        "WIREWATCH_DATABASE_URL": store,
        "WIREWATCH_ELASTICSEARCH_URL": private_elasticsearch.url,
        "WIREWATCH_PROCESSES": "1",
    }
    own = {
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": airflow,
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC": airflow,
        "AIRFLOW__CORE__DEFAULT_TASK_RETRY_DELAY": "30",  # seconds: Elasticsearch is back by then
    }
    with http_server() as http:
        feed = f"feeds: [{{name: northwire, url: {http.url}/feed.json, publisher: Northwire, every: 1s}}]\n"
        (config / "feeds.yaml").write_text(feed, encoding="utf-8")
        yield Cluster(http, private_elasticsearch, AirflowHome.make(home / "airflow", settings | own), settings, home)
    for url in (store, airflow):
        postgres_server.drop_database(url)


def test_from_a_feed_to_the_alias(cluster: Cluster) -> None:
    cluster.serve(LETTER)
    ran = cluster.run("wire_ingest", "wire_enrich", "wire_alert", "wire_maintenance")
    assert {name: result.state for name, result in ran.items()} == dict.fromkeys(ran, "success")
    assert ran["wire_enrich"].tasks["relate_and_index"] == "success"

    typed = {"query": {"query_string": {"query": 'headline:"letter of intent" AND product:"SAMP/T"'}}}
    [hit] = cluster.node.call("POST", "/wire-stories/_search", typed)["hits"]["hits"]
    assert hit["_source"]["headline"] == LETTER["title"]
    assert hit["_index"] == "wire-stories-2017.11"
    [feed] = cluster.node.call("POST", "/wire-feeds/_search", {})["hits"]["hits"]
    assert (feed["_id"], feed["_source"]["condition"], feed["_source"]["new"]) == ("northwire", "well", 1)
    command = Command(cluster.home, cluster.settings)
    assert command.ok("search", "samp-t", "--json").json["total"] == 1
    cluster.assert_index_equals_store()


def test_elasticsearch_is_killed_while_it_is_written_to_and_comes_back(cluster: Cluster) -> None:
    many = [
        {
            "id": story["uri"],
            "title": " ".join(story["body_text"].split()[:8]),
            "content_text": story["body_text"],
            "date_published": story["versioncreated"],
        }
        for story in stories(MANY, 20)
    ]
    cluster.serve(LETTER, *many)
    before = cluster.count("wire-stories-all")
    with ThreadPoolExecutor(1) as threads:
        running = threads.submit(cluster.run, "wire_ingest", "wire_enrich")
        wait_until(lambda: running.done() or cluster.count("wire-stories-all") > before)
        assert not running.done(), running.result()
        cluster.node.kill()
        wait_until(lambda: running.done() or "cannot be reached" in cluster.airflow.log.read_text(errors="replace"))
        cluster.node.start()
        ran = running.result()
    assert {name: result.state for name, result in ran.items()} == dict.fromkeys(ran, "success")
    assert "cannot be reached" in cluster.airflow.log.read_text(errors="replace")
    assert cluster.count() == before + MANY
    cluster.assert_index_equals_store()


def wait_until(condition: Any) -> None:
    """Ask again and again; other things happen meanwhile."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "it never came about"
        time.sleep(0.02)
