"""The stack's own scripts, run natively against real servers: accounts, databases, and how services start."""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from sqlalchemy.engine import URL, make_url

from tests.docker.stack import DOCKER, ROOT, Mounted
from tests.servers.elasticsearch import ElasticsearchNode
from tests.servers.http import HttpServer, Reply
from tests.servers.postgres import PrivatePostgres, find_binaries


def run(script: str, environment: Mapping[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run one of the stack's scripts with nothing but this environment."""
    path = f"{find_binaries()}{os.pathsep}{os.environ['PATH']}"
    command = [str(DOCKER / script), *arguments]
    return subprocess.run(command, env={"PATH": path, **environment}, capture_output=True, text=True, check=False)


class TestDatabases:
    @pytest.fixture
    def server(self, private_postgres_server: PrivatePostgres, mounted: Mounted) -> URL:
        """A server whose superuser is called as in the official image, with the password that was made."""
        bootstrap = make_url(private_postgres_server.url)
        password = mounted["postgres_password"]
        with connect(bootstrap) as connection:
            connection.execute(f"CREATE ROLE postgres SUPERUSER LOGIN PASSWORD '{password}'")
        official = bootstrap.set(username="postgres", password=password)
        with connect(official) as connection:
            connection.execute("ALTER ROLE wirewatch RENAME TO bootstrap")
        return official

    def test_each_has_a_role_and_a_database_and_keeps_to_it(self, server: URL, mounted: Mounted) -> None:
        for _ in range(2):
            done = run("postgres/setup", self.environment(server, mounted))
            assert done.returncode == 0, done.stderr
        for name in ("wirewatch", "airflow"):
            own = make_url(mounted[f"{name}_database_url"]).set(host=server.host, port=server.port)
            with connect(own) as connection:
                connection.execute("CREATE TABLE IF NOT EXISTS mine (id int)")
            other = own.set(database="airflow" if name == "wirewatch" else "wirewatch")
            with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
                connect(other)

    def test_a_changed_password_is_taken_over_and_data_kept(self, server: URL, mounted: Mounted) -> None:
        environment = self.environment(server, mounted)
        assert run("postgres/setup", environment).returncode == 0
        own = make_url(mounted["wirewatch_database_url"]).set(host=server.host, port=server.port)
        with connect(own) as connection:
            connection.execute("CREATE TABLE kept (id int)")
        (mounted.folder / "wirewatch_database_password").write_text("it's \\another$one", encoding="utf-8")
        assert run("postgres/setup", environment).returncode == 0
        with connect(own.set(password="it's \\another$one")) as connection:
            assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)

    def test_a_refusal_fails_it(self, server: URL, mounted: Mounted) -> None:
        (mounted.folder / "postgres_password").write_text("wrong", encoding="utf-8")
        done = run("postgres/setup", self.environment(server, mounted))
        assert done.returncode != 0
        assert "password authentication failed" in done.stderr

    @staticmethod
    def environment(server: URL, mounted: Mounted) -> dict[str, str]:
        address = {"PGHOST": str(server.host), "PGPORT": str(server.port), "PGUSER": "postgres"}
        return {**address, "SECRETS": str(mounted.folder)}


def connect(url: URL) -> "psycopg.Connection[Any]":
    return psycopg.connect(
        host=url.host, port=url.port, user=url.username, password=url.password, dbname=url.database, autocommit=True
    )


class TestElasticsearch:
    @pytest.fixture
    def environment(self, secured_elasticsearch: ElasticsearchNode, mounted: Mounted) -> Iterator[dict[str, str]]:
        (mounted.folder / "elastic_password").write_text(str(secured_elasticsearch.password), encoding="utf-8")
        yield {
            "ELASTICSEARCH_URL": secured_elasticsearch.url,
            "ELASTICSEARCH_USER": secured_elasticsearch.user,
            "SECRETS": str(mounted.folder),
            "ROLES": str(DOCKER / "elasticsearch" / "roles"),
        }
        secured_elasticsearch.clear()

    def test_wirewatch_may_do_its_work_and_no_more(self, environment: dict[str, str], mounted: Mounted) -> None:
        for _ in range(2):
            done = run("elasticsearch/setup", environment)
            assert done.returncode == 0, done.stderr
        template = {"index_patterns": ["wire-stories-*"], "template": {"settings": {"number_of_shards": 1}}}
        actions = [{"add": {"index": "wire-stories-2017.11", "alias": "wire-stories"}}]
        with client(environment, "wirewatch", mounted["wirewatch_elasticsearch_password"]) as http:
            assert http.get("/").status_code == 403
            assert http.put("/_index_template/wire-stories", json=template).status_code == 200
            assert http.put("/wire-stories-2017.11").status_code == 200
            assert http.post("/_aliases", json={"actions": actions}).status_code == 200
            lines = '{"index": {"_id": "1", "version": 1, "version_type": "external"}}\n{"headline": "x"}\n'
            ndjson = {"Content-Type": "application/x-ndjson"}
            bulk = http.post("/wire-stories-2017.11/_bulk?refresh=true", content=lines, headers=ndjson)
            assert (bulk.status_code, bulk.json()["errors"]) == (200, False)
            assert http.get("/wire-stories/_search").json()["hits"]["total"]["value"] == 1
            assert http.post("/wire-stories/_pit?keep_alive=1m").status_code == 200
            assert http.put("/wire-stories-2017.11/_settings", json={"number_of_replicas": 0}).status_code == 200
            assert http.delete("/wire-stories-2017.11").status_code == 200
            assert http.put("/somebody-elses").status_code == 403
            assert http.get("/_security/user").status_code == 403

    def test_an_editor_reads_and_does_not_write(self, environment: dict[str, str], mounted: Mounted) -> None:
        assert run("elasticsearch/setup", environment).returncode == 0
        with client(environment, "wirewatch", mounted["wirewatch_elasticsearch_password"]) as http:
            for name in ("wire-stories-2018.01", "wire-queries"):
                assert http.put(f"/{name}").status_code == 200
        with client(environment, "editor", mounted["editor_password"]) as http:
            assert http.get("/wire-stories-2018.01/_search").status_code == 200
            assert http.post("/wire-stories-2018.01/_doc", json={"headline": "x"}).status_code == 403
            assert http.get("/wire-queries/_search").status_code == 403
            assert "kibana_admin" in http.get("/_security/_authenticate").json()["roles"]

    def test_kibana_can_sign_in(self, environment: dict[str, str], mounted: Mounted) -> None:
        assert run("elasticsearch/setup", environment).returncode == 0
        with client(environment, "kibana_system", mounted["kibana_system_password"]) as http:
            assert http.get("/_security/_authenticate").json()["username"] == "kibana_system"

    def test_a_refusal_fails_it_with_the_servers_words(self, environment: dict[str, str], mounted: Mounted) -> None:
        (mounted.folder / "elastic_password").write_text("wrong", encoding="utf-8")
        done = run("elasticsearch/setup", environment)
        assert done.returncode != 0
        assert "unable to authenticate user" in done.stderr
        assert "wrong" not in done.stderr


def client(environment: Mapping[str, str], user: str, password: str) -> httpx.Client:
    return httpx.Client(base_url=environment["ELASTICSEARCH_URL"], auth=(user, password), trust_env=False, timeout=60)


class TestKibana:
    def test_every_variable_of_its_settings_is_set_from_a_secret(self, mounted: Mounted, tmp_path: Path) -> None:
        program = tmp_path / "kibana"
        program.write_text("#!/bin/sh\nenv\n", encoding="utf-8")
        program.chmod(0o755)
        given = {"WIREWATCH_PUBLIC_KIBANA_URL": "http://localhost:5601"}
        environment = {"SECRETS": str(mounted.folder), "KIBANA_PROGRAM": str(program), **given}
        done = run("kibana/start", environment)
        seen = dict(line.split("=", 1) for line in done.stdout.splitlines())
        settings = (DOCKER / "kibana" / "kibana.yml").read_text(encoding="utf-8")
        wanted = {part.split("}")[0] for part in settings.split("${WIREWATCH_")[1:]}
        assert {f"WIREWATCH_{name}" for name in wanted} <= seen.keys()
        assert seen["WIREWATCH_KIBANA_SYSTEM_PASSWORD"] == mounted["kibana_system_password"]

    def test_a_missing_secret_stops_it(self, mounted: Mounted) -> None:
        (mounted.folder / "kibana_reports_key").unlink()
        done = run("kibana/start", {"SECRETS": str(mounted.folder), "KIBANA_PROGRAM": "/bin/true"})
        assert done.returncode != 0
        assert "kibana_reports_key" in done.stderr


class TestAirflowHealth:
    @pytest.mark.parametrize(("status", "healthy"), [("healthy", True), ("unhealthy", False), (None, False)])
    def test_it_says_what_airflow_says(self, http: HttpServer, status: str | None, healthy: bool) -> None:
        answer = json.dumps({"scheduler": {"status": status}})
        http.route("/api/v2/monitor/health", Reply(body=answer, content_type="application/json"))
        done = run("airflow/is-healthy", {"AIRFLOW_API_URL": http.url}, "scheduler")
        assert (done.returncode == 0) == healthy
        assert healthy or f"scheduler is {status}" in done.stderr

    def test_nobody_answering_is_unhealthy(self, http: HttpServer) -> None:
        done = run("airflow/is-healthy", {"AIRFLOW_API_URL": http.url}, "scheduler")
        assert done.returncode == 1
        assert "404" in done.stderr
        assert str(ROOT) not in done.stderr
