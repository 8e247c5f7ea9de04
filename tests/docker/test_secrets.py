"""docker/make-secrets: nothing shared, nothing readable by others, nothing lost when it runs again."""

import json
import os
import socket
import ssl
import stat
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from cryptography.fernet import Fernet
from sqlalchemy.engine import make_url

from pipeline.settings import load_settings
from tests.docker.stack import DOCKER, Mounted, make_secrets, own_services, stack
from tests.servers.http import Reply, http_server


def contents(folder: Path) -> dict[str, str]:
    return {file.name: file.read_text(encoding="utf-8") for file in (folder / "secrets").iterdir()}


def test_it_makes_what_the_stack_declares(tmp_path: Path) -> None:
    make_secrets(tmp_path)
    declared = {Path(secret["file"]).relative_to(DOCKER) for secret in stack()["secrets"].values()}
    assert {path for path in declared if not (tmp_path / path).read_text(encoding="utf-8").strip()} == set()
    assert f"WIREWATCH_UID={os.getuid() or 1000}\n" in (tmp_path / ".env").read_text(encoding="utf-8")


def test_only_their_owner_reads_them_and_the_services_are_their_owner(tmp_path: Path) -> None:
    make_secrets(tmp_path)
    for file in (tmp_path / "secrets").iterdir():
        status = file.stat()
        assert stat.S_IMODE(status.st_mode) == 0o600  # Elasticsearch refuses anything wider
        assert status.st_uid == (os.getuid() or 1000)


def test_again_keeps_everything(tmp_path: Path) -> None:
    make_secrets(tmp_path)
    before = contents(tmp_path)
    make_secrets(tmp_path)
    assert contents(tmp_path) == before
    assert (tmp_path / ".env").read_text(encoding="utf-8").count("WIREWATCH_UID") == 1


def test_a_lost_one_is_made_anew_and_the_others_stay(tmp_path: Path) -> None:
    make_secrets(tmp_path)
    before = contents(tmp_path)
    (tmp_path / "secrets" / "webhook_secret.txt").unlink()
    make_secrets(tmp_path)
    after = contents(tmp_path)
    assert {name for name in before if before[name] != after[name]} == {"webhook_secret.txt"}


def test_no_two_installations_share_one(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        folder.mkdir()
        make_secrets(folder)
    first, two = (contents(folder) for folder in folders)
    assert not set(first.values()) & set(two.values())
    passwords = [value for name, value in first.items() if name.endswith("_password.txt")]
    assert len(set(passwords)) == len(passwords)
    assert all(len(password) >= 32 for password in passwords)


def test_texts_end_where_the_secret_ends(mounted: Mounted) -> None:
    """Airflow takes what a command prints to its last byte: a line end became part of the database's name."""
    for name, secret in stack()["secrets"].items():
        if secret["file"].endswith(".txt"):
            assert mounted[name] == mounted[name].strip()


def test_airflows_are_of_the_kind_that_it_wants(mounted: Mounted) -> None:
    Fernet(mounted["airflow_fernet_key"])
    assert len(mounted["airflow_jwt_secret"]) == 64
    url = make_url(mounted["airflow_database_url"])
    assert (url.drivername, url.host, url.database) == ("postgresql+psycopg", "postgres", "airflow")
    assert url.password == mounted["airflow_database_password"]
    assert list(json.loads(mounted["airflow_passwords"])) == ["admin"]


@pytest.mark.parametrize("service", ["airflow-api", "airflow-scheduler", "airflow-dag-processor"])
def test_our_settings_can_be_read_from_them(mounted: Mounted, tmp_path: Path, service: str) -> None:
    given = own_services()[service]["environment"]
    environment = {k: v.replace("/run/secrets", str(mounted.folder)) for k, v in given.items()}
    settings = load_settings({**environment, "WIREWATCH_HOME": str(tmp_path)})
    assert make_url(settings.database_url).password == mounted["wirewatch_database_password"]
    assert settings.elasticsearch is not None
    assert urlsplit(settings.elasticsearch.url).password == mounted["wirewatch_elasticsearch_password"]
    assert settings.elasticsearch.ca == mounted.folder / "elasticsearch_ca"
    assert settings.webhook_secret == mounted["webhook_secret"]


def test_kibanas_keys_are_long_enough(mounted: Mounted) -> None:
    assert all(len(mounted[f"kibana_{name}_key"]) >= 32 for name in ("objects", "sessions", "reports"))
    assert urlsplit(mounted["wirewatch_kibana_url"]).password == mounted["editor_password"]


def test_the_certificate_is_the_authoritys_and_for_elasticsearch(mounted: Mounted) -> None:
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(mounted.folder / "elasticsearch_certificate", mounted.folder / "elasticsearch_key")
    client = ssl.create_default_context(cafile=mounted.folder / "elasticsearch_ca")
    with http_server(tls=server) as http:
        http.route("/", Reply(body="hello"))
        for name in ("elasticsearch", "localhost", "127.0.0.1"):
            assert handshake(client, name, http.port) == "elasticsearch"
        with pytest.raises(ssl.SSLCertVerificationError, match="elsewhere"):
            handshake(client, "elsewhere", http.port)


def handshake(context: ssl.SSLContext, name: str, port: int) -> str:
    """The common name of the certificate that a server of this name shows."""
    with (
        socket.create_connection(("127.0.0.1", port), timeout=30) as plain,
        context.wrap_socket(plain, server_hostname=name) as secure,
    ):
        certificate = secure.getpeercert()
    assert certificate
    subject: Any = certificate["subject"]  # one-element tuples of (name, value)
    return str(dict(pair for [pair] in subject)["commonName"])
