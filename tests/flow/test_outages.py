"""What a stage had claimed when the search engine went away is free for the retry at once."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline import Wirewatch
from pipeline.errors import IndexUnavailable
from pipeline.models import Stage
from pipeline.settings import load_settings
from tests.store.builders import story
from tests.store.opened_stores import SetClock
from tests.store.stage_runner import StageRunner


class Away:
    """An engine that is not there."""

    def __getattr__(self, name: str) -> Any:
        def refuse(*_: object) -> None:
            raise IndexUnavailable("it is not there")

        return refuse

    def close(self) -> None:
        pass


@pytest.fixture
def wirewatch(tmp_path: Path) -> Iterator[Wirewatch]:
    wirewatch = Wirewatch.open(load_settings({"WIREWATCH_HOME": str(tmp_path)}), SetClock())
    yield wirewatch
    wirewatch.close()


def test_relating_and_indexing_go_on_when_it_is_back(wirewatch: Wirewatch) -> None:
    runner = StageRunner(wirewatch.adapters.store)
    runner.add(story("a"), story("b"))
    runner.tag()
    index, wirewatch.adapters.__dict__["index"] = wirewatch.adapters.index, Away()
    for _ in range(2):
        with pytest.raises(IndexUnavailable):
            wirewatch.stages.relate()
        assert wirewatch.adapters.store.work.workers() == []
    runner.relate()
    with pytest.raises(IndexUnavailable):
        wirewatch.stages.relate()
    assert wirewatch.adapters.store.work.workers() == []
    assert wirewatch.adapters.store.work.pending(Stage.INDEX) == 2
    wirewatch.adapters.__dict__["index"] = index
    assert wirewatch.stages.relate() == 2
