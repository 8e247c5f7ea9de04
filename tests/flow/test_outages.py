"""What a stage had claimed when the search engine went away is free for the retry at once."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pipeline import flow
from pipeline.errors import IndexUnavailable
from pipeline.models import Stage
from pipeline.settings import load_settings
from pipeline.wiring import Parts
from tests.store.newsroom import Newsroom, SetClock, story


class Away:
    """An engine that is not there."""

    def __getattr__(self, name: str) -> Any:
        def refuse(*_: object) -> None:
            raise IndexUnavailable("it is not there")

        return refuse

    def close(self) -> None:
        pass


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Parts]:
    parts = Parts(load_settings({"WIREWATCH_HOME": str(tmp_path)}), SetClock())
    yield parts
    parts.close()


def test_relating_and_indexing_go_on_when_it_is_back(parts: Parts) -> None:
    newsroom = Newsroom(parts.store)
    newsroom.add(story("a"), story("b"))
    newsroom.tag()
    index, parts.__dict__["index"] = parts.index, Away()
    for _ in range(2):
        with pytest.raises(IndexUnavailable):
            flow.relate(parts)
        assert parts.store.work.workers() == []
    newsroom.relate()
    with pytest.raises(IndexUnavailable):
        flow.relate(parts)
    assert parts.store.work.workers() == []
    assert parts.store.work.pending(Stage.INDEX) == 2
    parts.__dict__["index"] = index
    assert flow.relate(parts) == 2
