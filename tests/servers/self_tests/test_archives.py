"""The cache of Elasticsearch's programs, with a stand-in for mvn that hands out small archives."""

import dataclasses
import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.servers.archives import CACHE_VARIABLE, Artifact, Release, install, is_installed
from tests.servers.daemon import ServerError

# Puts the file beside it where mvn would, and notes that it was called.
MAVEN = """#!/bin/sh
echo called >> "{folder}/calls"
for argument; do case "$argument" in
    -Dmaven.repo.local=*) repository="${{argument#*=}}";;
    -Dartifact=*) artifact="${{argument#*=}}";;
esac; done
IFS=:; set -- $artifact
target="$repository/org/example/$2/$3"
mkdir -p "$target" && cp "{folder}/$2.$4" "$target/$2-$3.$4"
"""


@pytest.fixture
def maven(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The stand-in's folder, which holds what it hands out; the cache is set to a folder beside it."""
    folder = tmp_path / "maven"
    folder.mkdir()
    program = folder / "mvn"
    program.write_text(MAVEN.format(folder=folder))
    program.chmod(0o755)
    with zipfile.ZipFile(folder / "distribution.zip", "w") as bundle:
        bundle.writestr("product-1/elasticsearch/bin/elasticsearch-cli", "#!/bin/sh\n")
        bundle.writestr("product-1/elasticsearch/lib/server.jar", "server")
        bundle.writestr("product-1/elasticsearch/modules/painless/painless.jar", "painless")
        bundle.writestr("product-1/web/index.html", "not wanted")
        bundle.writestr("product-1/elasticsearch/../../outside", "not wanted either")
    (folder / "percolator.jar").write_text("percolator")
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "cache"))
    return folder


def artifact(path: Path) -> Artifact:
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return Artifact(f"org.example:{path.stem}:1:{path.suffix[1:]}", digest, path.stat().st_size)


@pytest.fixture
def release(maven: Path) -> Release:
    return Release("9.9.9", artifact(maven / "distribution.zip"), artifact(maven / "percolator.jar"))


def files_in(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def silent(_: str) -> None:
    """For tests that do not read what is said."""


def test_only_the_server_is_kept(release: Release, tmp_path: Path) -> None:
    home = install(release, silent)
    assert home == tmp_path / "cache" / "elasticsearch-9.9.9"
    assert files_in(home) == {
        "bin/elasticsearch-cli",
        "lib/server.jar",
        "modules/painless/painless.jar",
        "modules/percolator/percolator-1.jar",
        "modules/percolator/plugin-descriptor.properties",
    }
    assert (home / "bin" / "elasticsearch-cli").stat().st_mode & 0o777 == 0o755
    assert files_in(tmp_path / "cache") - {f"elasticsearch-9.9.9/{name}" for name in files_in(home)} <= {
        "elasticsearch-9.9.9.lock"
    }


def test_the_percolator_is_described_to_the_server(release: Release) -> None:
    descriptor = install(release, silent) / "modules" / "percolator" / "plugin-descriptor.properties"
    assert "elasticsearch.version=9.9.9\n" in descriptor.read_text()


def test_what_is_cached_is_not_fetched_again(release: Release, maven: Path) -> None:
    assert not is_installed(release)
    lines: list[str] = []
    home = install(release, lines.append)
    assert is_installed(release)
    calls = (maven / "calls").read_text()
    assert install(release, lines.append) == home
    assert (maven / "calls").read_text() == calls
    assert any("fetching org.example:distribution:1:zip" in line for line in lines)


def test_processes_that_ask_at_once_fetch_once(release: Release, maven: Path) -> None:
    script = f"from tests.servers.archives import *\ninstall({release!r}, print)\n"
    asking = [subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.DEVNULL) for _ in range(3)]
    assert [process.wait(timeout=60) for process in asking] == [0, 0, 0]
    assert (maven / "calls").read_text().count("called") == 2, "one for the server, one for the percolator"


def test_an_archive_that_is_not_the_expected_one_is_refused(release: Release, tmp_path: Path) -> None:
    forged = dataclasses.replace(release, server=dataclasses.replace(release.server, sha256="0" * 64))
    with pytest.raises(ServerError, match=r"0{64} was expected; not used"):
        install(forged, silent)
    assert not is_installed(forged)
    assert files_in(tmp_path / "cache") <= {"elasticsearch-9.9.9.lock"}


def test_what_an_interrupted_run_left_is_removed(release: Release, tmp_path: Path) -> None:
    leftover = tmp_path / "cache" / "elasticsearch-9.9.9.partial-old" / "half.zip"
    leftover.parent.mkdir(parents=True)
    leftover.touch()
    install(release, silent)
    assert not leftover.parent.exists()


def test_mvn_is_tried_twice_and_its_words_are_passed_on(release: Release, maven: Path) -> None:
    (maven / "mvn").write_text(f"#!/bin/sh\necho called >> {maven}/calls\necho the archive is on holiday\nexit 4\n")
    with pytest.raises(ServerError, match=r"org\.example:distribution:1:zip \(status 4\): the archive is on holiday"):
        install(release, silent)
    assert (maven / "calls").read_text() == "called\ncalled\n"


def test_without_mvn_the_error_says_what_to_install(
    release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ServerError, match="apt-get install maven"):
        install(release, silent)


def test_a_cache_that_cannot_be_written_is_named(
    release: Release, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv(CACHE_VARIABLE, str(tmp_path / "file" / "cache"))
    with pytest.raises(ServerError, match=f"{tmp_path}/file/cache: .*Not a directory.*set {CACHE_VARIABLE}"):
        install(release, silent)
