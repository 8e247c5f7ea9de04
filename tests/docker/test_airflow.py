"""Airflow's services as the compose file starts them, run natively on PostgreSQL, until its own health checks pass."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest

from tests.docker.stack import DOCKER, ROOT, Mounted, image_settings, own_services, tool
from tests.servers.loopback import HOST, free_port
from tests.servers.postgres import PostgresServer

ENDING = ("airflow-database",)
LASTING = ("airflow-api", "airflow-scheduler", "airflow-dag-processor")
_HEALTHY_SECONDS = 180.0
_STOP_SECONDS = 60.0


class Native:
    """The services' commands with the compose file's own settings, their addresses and folders replaced by ours."""

    def __init__(self, folder: Path, mounted: Mounted) -> None:
        self.folder = folder
        self.port = free_port()
        self._replaced = {
            "/run/secrets": str(mounted.folder),
            "http://airflow-api:8080": f"http://{HOST}:{self.port}",
            "/opt/wirewatch/dags": str(ROOT / "dags"),
            "/etc/wirewatch": str(ROOT / "config"),
            "/var/lib/": f"{folder}/",
            "/home/wirewatch": str(folder),
            "/tmp/passwords.json": str(folder / "passwords.json"),
        }

    def environment(self, service: str) -> dict[str, str]:
        given = {**image_settings(), **own_services()[service]["environment"]}
        for old, new in self._replaced.items():
            given = {name: value.replace(old, new) for name, value in given.items()}
        given |= {"AIRFLOW__API__PORT": str(self.port), "AIRFLOW__API__WORKERS": "1"}
        # Nothing is to run in a test that is not asked for.
        given["AIRFLOW__CORE__DAGS_ARE_PAUSED_AT_CREATION"] = "True"
        programs = (str(DOCKER / "airflow"), str(Path(tool("airflow")).parent), os.environ["PATH"])
        return {**given, "PATH": os.pathsep.join(programs), "PYTHONPATH": str(ROOT)}

    def run(self, service: str) -> None:
        """Run a service that ends."""
        command = own_services()[service]["command"]
        done = subprocess.run(command, env=self.environment(service), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr[-3000:]

    @contextmanager
    def running(self, service: str) -> Iterator[None]:
        """Start a service that lasts; on leaving, ask it to stop as Docker does."""
        log = (self.folder / f"{service}.log").open("wb")
        command = own_services()[service]["command"]
        process = subprocess.Popen(
            command, env=self.environment(service), stdout=log, stderr=log, start_new_session=True
        )
        try:
            yield
        finally:
            os.killpg(process.pid, signal.SIGTERM)
            try:
                process.wait(_STOP_SECONDS)
            finally:
                if process.poll() is None:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()
                log.close()

    def wait_healthy(self, service: str) -> None:
        """Until the service's own health check passes."""
        [kind, *check] = own_services()[service]["healthcheck"]["test"]
        assert kind == "CMD"
        deadline = time.monotonic() + _HEALTHY_SECONDS
        while True:
            done = subprocess.run(check, env=self.environment(service), capture_output=True, text=True, check=False)
            if done.returncode == 0:
                return
            if time.monotonic() > deadline:
                log = (self.folder / f"{service}.log").read_text(encoding="utf-8", errors="replace")
                pytest.fail(f"{service} did not become healthy: {done.stderr}\n{log[-3000:]}")
            time.sleep(0.5)


@pytest.fixture
def native(tmp_path: Path, mounted: Mounted, postgres_server: PostgresServer, postgres_url: str) -> Native:
    (mounted.folder / "airflow_database_url").write_text(postgres_url, encoding="utf-8")
    folder = tmp_path / "airflow-stack"
    (folder / "airflow").mkdir(parents=True)
    return Native(folder, mounted)


def test_airflow_comes_up_healthy_with_our_dags_and_its_one_account(native: Native, mounted: Mounted) -> None:
    assert {name for name in own_services() if name.startswith("airflow-")} == {*ENDING, *LASTING}
    for service in ENDING:
        native.run(service)
    with ExitStack() as stack:
        for service in LASTING:
            stack.enter_context(native.running(service))
        for service in LASTING:
            native.wait_healthy(service)
        with httpx.Client(base_url=f"http://{HOST}:{native.port}", trust_env=False, timeout=60) as http:
            refused = http.post("/auth/token", json={"username": "admin", "password": "admin"})
            assert refused.status_code == 401
            account = {"username": "admin", "password": json.loads(mounted["airflow_passwords"])["admin"]}
            token = http.post("/auth/token", json=account).json()["access_token"]
            http.headers["Authorization"] = f"Bearer {token}"
            known = {dag["dag_id"] for dag in http.get("/api/v2/dags").json()["dags"]}
            errors = http.get("/api/v2/importErrors").json()["import_errors"]
    assert errors == []
    assert {f"wire_{name}" for name in ("ingest", "enrich", "alert", "maintenance", "backfill", "reindex")} <= known
