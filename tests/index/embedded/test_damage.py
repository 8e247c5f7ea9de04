"""A damaged, foreign, locked or full index says so and what to do; a rebuild puts it right."""

import json
import os
import resource
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest
from filelock import FileLock

from pipeline.errors import IndexUnavailable
from pipeline.index.embedded import open_embedded
from pipeline.models import SearchRequest, WriteState
from tests.index.stories import story

TURKEY = SearchRequest(query="turkey")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An index of 60 stories in two segments."""
    folder = tmp_path / "index"
    engine = open_embedded(folder)
    for start in (1, 31):
        engine.write([story(n, headline="Turkey " * (n % 5 + 1)) for n in range(start, start + 30)])
    engine.close()
    return folder


def generation(folder: Path) -> Path:
    return folder / str(json.loads((folder / "current.json").read_text(encoding="utf-8"))["generation"])


def cut_short(suffix: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        for file in generation(folder).glob(f"*.{suffix}"):
            os.truncate(file, 10)

    return damage


def without(name: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        next(generation(folder).glob(name)).unlink()

    return damage


def scribbled(name: str) -> Callable[[Path], None]:
    def damage(folder: Path) -> None:
        (folder / name).write_text("no such thing", encoding="utf-8")

    return damage


def of_another_layout(folder: Path) -> None:
    pointer = json.loads((folder / "current.json").read_text(encoding="utf-8"))
    (folder / "current.json").write_text(json.dumps({**pointer, "layout": "0-00000000"}), encoding="utf-8")


def without_its_generation(folder: Path) -> None:
    generation(folder).rename(folder / "elsewhere")


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(cut_short("store"), id="stored fields cut short"),
        pytest.param(cut_short("term"), id="terms cut short"),
        pytest.param(cut_short("fast"), id="columns cut short"),
        pytest.param(without("*.idx"), id="a file is missing"),
        pytest.param(without("meta.json"), id="the list of segments is missing"),
        pytest.param(scribbled("g-000001/meta.json"), id="the list of segments is scribbled over"),
        pytest.param(scribbled("current.json"), id="the pointer is scribbled over"),
        pytest.param(of_another_layout, id="made by another version"),
        pytest.param(without_its_generation, id="the generation is missing"),
    ],
)
def test_a_damaged_index_asks_for_a_rebuild_and_is_right_after_it(folder: Path, damage: Callable[[Path], None]) -> None:
    damage(folder)
    engine = open_embedded(folder)
    attempts: list[Callable[[], object]] = [
        lambda: engine.search(TURKEY),
        engine.count,
        lambda: engine.write([story(99)]),
    ]
    for attempt in attempts:
        with pytest.raises(IndexUnavailable, match="wirewatch reindex"):
            attempt()
    assert [outcome.state for outcome in engine.rebuild([story(1, headline="Turkey")])] == [WriteState.WRITTEN]
    assert engine.search(TURKEY).total == engine.count() == 1


def test_damage_that_only_shows_when_it_is_read_is_no_crash(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for file in generation(folder).glob("*.idx"):
        content = bytearray(file.read_bytes())
        content[: len(content) // 2] = b"\xff" * (len(content) // 2)
        file.write_bytes(content)
    engine = open_embedded(folder)
    with pytest.raises(IndexUnavailable, match="wirewatch reindex"):
        engine.search(SearchRequest(query="turkey", limit=100))
    capfd.readouterr()  # tantivy writes the panic to stderr itself


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    engine = open_embedded(tmp_path / "file" / "index")
    with pytest.raises(IndexUnavailable, match="file/index"):
        engine.write([story(1)])
    with pytest.raises(IndexUnavailable, match="file/index"):
        list(engine.rebuild([story(1)]))


def test_a_full_disk_loses_nothing_and_the_next_write_works(folder: Path) -> None:
    engine = open_embedded(folder)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))
    try:
        with pytest.raises(IndexUnavailable) as kept:
            engine.write([story(n, body=os.urandom(4_000).hex()) for n in range(100, 140)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
        signal.signal(signal.SIGXFSZ, handler)
    assert engine.count() == 60
    engine.write([story(100, headline="Turkey")])
    assert engine.search(TURKEY).total == engine.count() == 61
    assert str(folder) in str(kept.value)


@contextmanager
def held_elsewhere(path: Path) -> Iterator[None]:
    """The lock, held by another thread."""
    locked, done = Event(), Event()

    def hold() -> None:
        with FileLock(path):
            locked.set()
            done.wait()

    holder = Thread(target=hold)
    holder.start()
    locked.wait()
    try:
        yield
    finally:
        done.set()
        holder.join()


def test_a_write_waits_for_another_ones_lock_and_gives_up_in_the_end(folder: Path) -> None:
    engine = open_embedded(folder, wait=0.2)
    with held_elsewhere(folder / "write.lock"):
        with pytest.raises(IndexUnavailable, match="another process is writing"):
            engine.write([story(99)])
        assert engine.search(TURKEY).total == 60
    assert engine.write([story(99)])[0].state is WriteState.WRITTEN


def test_one_rebuild_at_a_time(folder: Path) -> None:
    engine = open_embedded(folder)
    with (
        held_elsewhere(folder / "rebuild.lock"),
        pytest.raises(IndexUnavailable, match="another process is rebuilding"),
    ):
        next(engine.rebuild([story(1)]))
    assert engine.count() == 60
