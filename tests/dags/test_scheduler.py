"""A real scheduler: a triggered ingest rings the other DAGs by way of the assets; later the clock does the rest."""

import json
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from pipeline import Wirewatch
from pipeline.errors import WirewatchError
from pipeline.models import SearchRequest
from pipeline.settings import load_settings
from tests.dags.runner import AirflowHome
from tests.sample_wire.loader import load_feeds, load_stories
from tests.sample_wire.publish import publish
from tests.servers.daemon import Daemon
from tests.servers.http import HttpServer, http_server
from tests.servers.loopback import free_port

EARLY = [story for story in load_stories() if story.key.startswith("lead-")]
LATE = [*EARLY, *(story for story in load_stories() if story.key == "deal-first")]
FEEDS = [feed for feed in load_feeds() if any(story.feed == feed.name for story in LATE) and feed.format != "ninjs"]
pytestmark = pytest.mark.xdist_group("airflow")  # it takes most of a small machine
PATIENCE = 420.0  # two rounds of the ingest's clock on a busy machine, and the start of everything


@contextmanager
def scheduler(home: AirflowHome, folder: Path) -> Iterator[Daemon]:
    """Airflow's scheduler, DAG processor and API server together, ready to run DAGs."""
    port = free_port()
    environment = {
        **home.environment,
        "AIRFLOW__CORE__PARALLELISM": "2",
        "AIRFLOW__API__WORKERS": "1",
        "AIRFLOW__API__HOST": "127.0.0.1",
        "AIRFLOW__API__PORT": str(port),
        "AIRFLOW__API__BASE_URL": f"http://127.0.0.1:{port}",
        "AIRFLOW__CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{port}/execution/",
        "AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION": "False",
    }
    daemon = Daemon(
        "Airflow",
        [sys.executable, "-m", "airflow", "standalone"],
        folder=folder,
        log=home.log.with_name("standalone.log"),
        account=None,
        environment=environment,
    )
    daemon.start()
    try:
        daemon.wait_ready(lambda: _is_healthy(f"http://127.0.0.1:{port}/api/v2/monitor/health"), seconds=PATIENCE)
        yield daemon
    finally:
        daemon.kill()


def _is_healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            states = json.load(answer)
    except (urllib.error.URLError, OSError, ValueError):
        return False
    return all(states[part]["status"] == "healthy" for part in ("scheduler", "dag_processor"))


def hits(home: Path, query: str) -> int:
    """How many stories a search finds now; 0 while there is no index yet."""
    with Wirewatch.open(load_settings({"WIREWATCH_HOME": str(home)})) as wirewatch:
        try:
            return wirewatch.stories.search(SearchRequest(query=query, limit=0)).total
        except WirewatchError:
            return 0


@contextmanager
def running_wire(tmp_path: Path) -> Iterator[tuple[Daemon, Path, HttpServer]]:
    """A scheduler over feeds with the early stories, after a triggered ingest has rung the other DAGs; home, server."""
    home = tmp_path / "home"
    config = home / "config"
    config.mkdir(parents=True)
    settings = {"WIREWATCH_HOME": str(home), "WIREWATCH_CONFIG": str(config), "WIREWATCH_PROCESSES": "1"}
    airflow = AirflowHome.make(tmp_path / "airflow", settings)
    folder = tmp_path / "running"
    folder.mkdir()
    with http_server() as http:
        (config / "feeds.yaml").write_text(publish(http, home / "drop", FEEDS, EARLY), encoding="utf-8")
        with scheduler(airflow, folder) as running:
            running.wait_ready(lambda: _trigger(airflow), seconds=PATIENCE)
            running.wait_ready(lambda: hits(home, "deposit AND S-400") > 0, seconds=PATIENCE)
            assert hits(home, '"letter of intent"') == 0
            yield running, home, http


def test_a_triggered_ingest_rings_the_other_dags(tmp_path: Path) -> None:
    with running_wire(tmp_path) as (_, home, _):
        assert hits(home, "deposit AND S-400") > 0


@pytest.mark.soak  # it waits for the minutes of the ingest's schedule
def test_assets_and_then_time_alone(tmp_path: Path) -> None:
    with running_wire(tmp_path) as (running, home, http):
        publish(http, home / "drop", FEEDS, LATE)
        running.wait_ready(lambda: hits(home, 'headline:"letter of intent"') == 1, seconds=PATIENCE)


def _trigger(airflow: AirflowHome) -> bool:
    """Ask for a run of wire_ingest; False while Airflow has not read its file yet."""
    command = [sys.executable, "-m", "airflow", "dags", "trigger", "wire_ingest"]
    return subprocess.run(command, env=dict(airflow.environment), capture_output=True).returncode == 0
