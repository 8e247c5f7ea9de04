"""A home with the stories of a dam in it, imported once."""

from collections.abc import Callable
from pathlib import Path
from shutil import copytree

import pytest

from tests.cli.in_process import InProcess
from tests.flow.dam_stories import write_stories


@pytest.fixture(scope="session")
def dam_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Imported; not to be changed."""
    folder = tmp_path_factory.mktemp("dam")
    InProcess(folder / "home").ok("import", write_stories(folder / "stories.jsonl"), "--backfill")
    return folder / "home"


@pytest.fixture
def command(dam_home: Path) -> InProcess:
    """The command in the home that nobody changes."""
    return InProcess(dam_home)


@pytest.fixture
def own_command(dam_home: Path, tmp_path: Path) -> InProcess:
    """The command in a copy of that home."""
    return InProcess(copytree(dam_home, tmp_path / "home"))


@pytest.fixture
def ids(command: InProcess) -> Callable[[str], int]:
    """The id of a uri's story."""

    def id_of(uri: str) -> int:
        lineage: int = command.ok("followups", uri, "--json").json["story"]["id"]
        return lineage

    return id_of
