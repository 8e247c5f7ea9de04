"""Installs what the tests' servers need: ``python -m tests.servers.prepare``.

PostgreSQL, Java and Maven come from the system's packages: installed by apt-get where this is root on Debian or its
kin, otherwise named with the command that installs them (exit status 1). Nothing of it is needed for a server whose
address is given (WIREWATCH_TEST_POSTGRES_URL, WIREWATCH_TEST_ELASTICSEARCH_URL); then tests that start one of their own
are skipped where they can't. The Elasticsearch archives are fetched once into the cache. Nothing is done twice: it is
cheap to call before every test run.
"""

import os
import shutil
import subprocess
import sys

from tests.servers import archives, elasticsearch, postgres
from tests.servers.daemon import ServerError
from tests.servers.java import NEWEST, OLDEST, find_java

_RELEASES = (archives.ELASTICSEARCH_8, archives.ELASTICSEARCH_7)
_JAVA_PACKAGES = ("openjdk-17-jre-headless", "openjdk-21-jre-headless")


def main() -> int:
    """Returns the exit status: 0 when every server can be started."""
    try:
        _provide_packages()
        if os.environ.get(elasticsearch.READY_URL_VARIABLE) and not _has_programs_of_elasticsearch():
            _say(f"{elasticsearch.READY_URL_VARIABLE} is used; tests that start their own Elasticsearch are skipped")
            return 0
        for release in _RELEASES:
            home = archives.install(release, _say)
            _say(f"Elasticsearch {release.version}: {home}")
    except ServerError as error:
        print(f"test servers: {error}", file=sys.stderr)
        return 1
    return 0


def _provide_packages() -> None:
    missing = missing_programs()
    if not missing:
        return
    for reason in missing.values():
        _say(reason)
    apt_get = shutil.which("apt-get")
    if apt_get is None:
        raise ServerError(f"install {', '.join(missing)} and run this again")
    if os.geteuid() != 0:
        packages = " ".join(_package(program, available=False) for program in missing)
        raise ServerError(f"run this, then try again: sudo apt-get install {packages}")
    _run(apt_get, "update", "--quiet")
    packages_found = [_package(program, available=True) for program in missing]
    _say(f"installing {', '.join(packages_found)}")
    _run(apt_get, "install", "--yes", "--quiet", "--no-install-recommends", *packages_found)
    still_missing = missing_programs()
    if still_missing:
        raise ServerError(f"apt-get installed {', '.join(packages_found)}, yet: {'; '.join(still_missing.values())}")


def missing_programs() -> dict[str, str]:
    """What the servers need and this machine lacks: its name (postgresql, java, maven) and what to say about it."""
    missing: dict[str, str] = {}
    if not os.environ.get(postgres.READY_URL_VARIABLE):
        try:
            postgres.find_binaries()
        except ServerError as error:
            missing["postgresql"] = str(error)
    if os.environ.get(elasticsearch.READY_URL_VARIABLE):
        return missing
    try:
        find_java()
    except ServerError as error:
        missing["java"] = str(error)
    if shutil.which("mvn") is None and not all(archives.is_installed(release) for release in _RELEASES):
        missing["maven"] = f"mvn is not on PATH: {archives.INSTALL_MAVEN}"
    return missing


def _has_programs_of_elasticsearch() -> bool:
    try:
        find_java()
    except ServerError:
        return False
    return all(archives.is_installed(release) for release in _RELEASES)


def _package(program: str, *, available: bool) -> str:
    """Debian's package for a program. Which Java there is depends on the release: with ``available`` apt is asked."""
    if program != "java":
        return program
    if not available:
        return _JAVA_PACKAGES[0]
    for package in _JAVA_PACKAGES:
        known = subprocess.run(["apt-cache", "show", package], capture_output=True, check=False)
        if known.returncode == 0:
            return package
    raise ServerError(f"apt has none of {', '.join(_JAVA_PACKAGES)}; install a Java between {OLDEST} and {NEWEST}")


def _run(*command: str) -> None:
    _say(" ".join(command))
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(
        command,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if done.returncode != 0:
        raise ServerError(
            f"{' '.join(command)} failed with status {done.returncode}:\n{(done.stdout + done.stderr)[-3000:]}"
        )


def _say(line: str) -> None:
    print(f"test servers: {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
