"""The Java that Elasticsearch runs on."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

from tests.servers.daemon import ServerError

# 8.16 needs 17 or newer; 24 took away the security manager that both servers install at their start.
OLDEST, NEWEST = 17, 23


def find_java() -> Path:
    """The home folder of a Java that runs the servers.

    Looks at ES_JAVA_HOME, JAVA_HOME, the java on PATH and the folders where systems put them, in this order.

    Raises:
        ServerError: there is none; the message lists what was found and what to install.
    """
    rejected: dict[Path, int] = {}
    for home in _candidate_homes():
        if not (home / "bin" / "java").is_file() or home in rejected:
            continue
        version = _version(home)
        if OLDEST <= version <= NEWEST:
            return home
        rejected[home] = version
    rejections = "".join(f"; {home} has {version or 'an unknown version'}" for home, version in rejected.items())
    raise ServerError(
        f"Elasticsearch needs Java {OLDEST} to {NEWEST} and there is none{rejections}: install it (Debian and Ubuntu: "
        f"apt-get install openjdk-17-jre-headless, or -21-), or set ES_JAVA_HOME to its folder"
    )


def _candidate_homes() -> Iterator[Path]:
    for variable in ("ES_JAVA_HOME", "JAVA_HOME"):
        if os.environ.get(variable):
            yield Path(os.environ[variable])
    on_path = shutil.which("java")
    if on_path:
        yield Path(on_path).resolve().parent.parent
    yield from sorted(Path("/usr/lib/jvm").glob("*"))
    yield from sorted(Path("/Library/Java/JavaVirtualMachines").glob("*/Contents/Home"))


def _version(home: Path) -> int:
    """The major version, from the ``release`` file that every distribution ships; 0 where it does not say."""
    release = home / "release"
    if not release.is_file():
        return 0
    stated = re.search(r'^JAVA_VERSION="(\d+)', release.read_text(encoding="utf-8"), re.MULTILINE)
    return int(stated.group(1)) if stated else 0
