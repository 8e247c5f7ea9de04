"""Preparing a machine: what is missing is installed by apt-get as root, and named with its command otherwise."""

import os
from pathlib import Path

import pytest

from tests.servers import archives, elasticsearch, prepare
from tests.servers.archives import CACHE_VARIABLE
from tests.servers.postgres import BINARIES_VARIABLE, READY_URL_VARIABLE

# Notes how it was called; "installing" postgresql makes its programs appear.
APT_GET = """#!/bin/sh
echo "$*" >> {folder}/calls
case "$*" in *install*postgresql*)
    printf '#!/bin/sh\\necho "postgres (PostgreSQL) 16.2"\\n' > {folder}/postgres
    cp {folder}/postgres {folder}/initdb; chmod 755 {folder}/postgres {folder}/initdb;;
esac
"""


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with Java and the archives, without PostgreSQL; the folder of its stand-in apt-get."""
    apt_get = tmp_path / "apt-get"
    apt_get.write_text(APT_GET.format(folder=tmp_path))
    apt_get.chmod(0o755)
    java = tmp_path / "jvm"
    (java / "bin").mkdir(parents=True)
    (java / "bin" / "java").touch()
    (java / "release").write_text('JAVA_VERSION="17.0.15"\n')
    for release in (archives.ELASTICSEARCH_7, archives.ELASTICSEARCH_8):
        (tmp_path / "cache" / f"elasticsearch-{release.version}").mkdir(parents=True)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("ES_JAVA_HOME", str(java))
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    monkeypatch.setenv(BINARIES_VARIABLE, str(tmp_path))
    monkeypatch.delenv(READY_URL_VARIABLE, raising=False)
    return tmp_path


def test_as_root_what_is_missing_is_installed(
    machine: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert prepare.main() == 0
    update, install = (machine / "calls").read_text().splitlines()
    assert update.startswith("update")
    assert install.endswith("--no-install-recommends postgresql")
    assert "Elasticsearch 7.17.8" in capsys.readouterr().out
    assert prepare.main() == 0
    assert len((machine / "calls").read_text().splitlines()) == 2, "nothing is installed twice"


def test_others_are_told_the_command(
    machine: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert prepare.main() == 1
    assert "sudo apt-get install postgresql\n" in capsys.readouterr().err
    assert not (machine / "calls").exists()


def test_without_apt_get_what_is_missing_is_named(
    machine: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(machine / "empty"))
    assert prepare.main() == 1
    output = capsys.readouterr()
    assert "install postgresql and run this again" in output.err
    assert "brew install postgresql" in output.out


def test_an_installation_that_failed_shows_what_apt_get_said(
    machine: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    (machine / "apt-get").write_text("#!/bin/sh\necho 'E: no network'\nexit 100\n")
    assert prepare.main() == 1
    assert "failed with status 100:\nE: no network" in capsys.readouterr().err


def test_a_ready_server_needs_no_postgresql(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(READY_URL_VARIABLE, "postgresql://db.example/wire")
    assert prepare.missing_programs() == {}


def test_ready_servers_need_nothing_and_no_root(
    machine: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv(READY_URL_VARIABLE, "postgresql://db.example/wire")
    monkeypatch.setenv(elasticsearch.READY_URL_VARIABLE, "http://search.example:9200")
    monkeypatch.setenv(CACHE_VARIABLE, str(machine / "no-cache"))
    assert prepare.main() == 0
    assert "tests that start their own Elasticsearch are skipped" in capsys.readouterr().out
    assert not (machine / "calls").exists()


def test_a_java_that_is_too_new_is_named(machine: Path) -> None:
    (machine / "jvm" / "release").write_text('JAVA_VERSION="25.0.3"\n')
    reason = prepare.missing_programs().get("java", "another Java serves")
    assert "has 25" in reason or reason == "another Java serves"
