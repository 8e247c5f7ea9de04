"""A home with an affair in it, imported once."""

from collections.abc import Callable
from pathlib import Path
from shutil import copytree

import pytest

from tests.evaluate.inprocess import InProcess
from tests.flow.affair import write_affair


@pytest.fixture(scope="session")
def affair_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Imported; not to be changed."""
    folder = tmp_path_factory.mktemp("affair")
    InProcess(folder / "home").ok("import", write_affair(folder / "affair.jsonl"), "--backfill")
    return folder / "home"


@pytest.fixture
def desk(affair_home: Path) -> InProcess:
    """The command in the home that nobody changes."""
    return InProcess(affair_home)


@pytest.fixture
def own_desk(affair_home: Path, tmp_path: Path) -> InProcess:
    """The command in a copy of that home."""
    return InProcess(copytree(affair_home, tmp_path / "home"))


@pytest.fixture
def ids(desk: InProcess) -> Callable[[str], int]:
    """The id of a uri's story."""

    def id_of(uri: str) -> int:
        found: int = desk.ok("followups", uri, "--json").json["story"]["id"]
        return found

    return id_of
