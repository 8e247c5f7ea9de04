"""Several processes, and processes that are killed: what was written stays, and locks end with their holders."""

import json
import random
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from subprocess import PIPE, Popen

import pytest

from pipeline.index.embedded import open_embedded
from pipeline.models import SearchRequest, StoryDocument, WriteState
from tests.index.stories import story

ROOT = Path(__file__).parents[3]
EVERYTHING = SearchRequest(query="*:*", limit=10_000, highlight=False)

# Writes batches of ten stories until it is killed and says after each that write has returned.
_WRITER = """
import sys
from itertools import count
from pathlib import Path
from pipeline.index.embedded import open_embedded
from tests.index.stories import story

folder, first, rebuild = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "rebuild"
engine = open_embedded(folder)
for batch in count():
    stories = [story(first + batch * 10 + n, headline="Batch", body="word " * 200) for n in range(10)]
    if rebuild:
        for _ in engine.rebuild(stories):
            pass
    else:
        engine.write(stories)
    print(batch, flush=True)
"""


def start_writer(folder: Path, first: int, how: str = "write") -> "Popen[str]":
    arguments = [sys.executable, "-c", _WRITER, str(folder), str(first), how]
    return Popen(arguments, stdout=PIPE, text=True, cwd=ROOT)


def killed_at_random(writer: "Popen[str]", chance: random.Random, batches: int) -> int:
    """How many batches were written before the process was killed in the middle of a further one."""
    assert writer.stdout is not None
    done = 0
    for _ in range(batches):
        writer.stdout.readline()
        done += 1
    threading.Event().wait(chance.random() * 0.1)
    writer.send_signal(signal.SIGKILL)
    done += len(writer.stdout.read().splitlines())
    writer.wait()
    writer.stdout.close()
    return done


@pytest.mark.parametrize("seed", [0, 1, 2, *(pytest.param(n, marks=pytest.mark.soak) for n in range(3, 60))])
def test_after_a_kill_every_finished_write_is_there_and_the_next_one_works(tmp_path: Path, seed: int) -> None:
    chance = random.Random(seed)
    done = killed_at_random(start_writer(tmp_path, 1), chance, chance.randint(1, 3))
    engine = open_embedded(tmp_path, wait=5.0)
    lineages = {hit.lineage for hit in engine.search(EVERYTHING).hits}
    assert set(range(1, done * 10 + 1)) <= lineages
    assert len(lineages) % 10 == 0, "a batch is written whole or not at all"
    assert engine.write([story(50_000)])[0].state is WriteState.WRITTEN
    assert engine.count() == len(lineages) + 1


def test_after_a_kill_in_a_rebuild_the_old_index_is_whole_and_leftovers_go_with_the_next(tmp_path: Path) -> None:
    open_embedded(tmp_path).write([story(n) for n in range(1, 6)])
    killed_at_random(start_writer(tmp_path, 100, "rebuild"), random.Random(5), 1)
    engine = open_embedded(tmp_path, wait=5.0)
    lineages = sorted(hit.lineage for hit in engine.search(EVERYTHING).hits)
    assert len(lineages) == 10
    engine.write([story(50_000)])
    assert engine.count() == 11
    assert len(list(engine.rebuild([story(1)]))) == 1
    assert engine.count() == 1
    assert len(list(tmp_path.glob("g-*"))) == 1


_EIGHT = """
import sys
from pathlib import Path
from pipeline.index.embedded import open_embedded
from tests.index.stories import story

folder, first = Path(sys.argv[1]), int(sys.argv[2])
engine = open_embedded(folder)
for n in range(8):
    engine.write([story(first + n), story(1_000, headline=f"from {first}", revision=first + n)])
"""


def test_processes_that_write_at_once_lose_nothing_and_the_highest_revision_stays(tmp_path: Path) -> None:
    writers = [Popen([sys.executable, "-c", _EIGHT, str(tmp_path), str(first)], cwd=ROOT) for first in (100, 200, 300)]
    reader = open_embedded(tmp_path)
    seen = [reader.count()]
    while any(writer.poll() is None for writer in writers):
        seen.append(reader.count())
    assert [writer.returncode for writer in writers] == [0, 0, 0]
    assert seen == sorted(seen), "a reader never sees less than before"
    assert reader.count() == 25
    (newest,) = reader.search(SearchRequest(query="lineage:1000")).hits
    assert (newest.fields["headline"], newest.fields["revision"]) == ("from 300", 307)


def test_threads_share_one_index(tmp_path: Path) -> None:
    engine = open_embedded(tmp_path)
    errors = list[BaseException]()

    def work(first: int) -> None:
        try:
            for n in range(5):
                engine.write([story(first + n)])
                assert engine.search(SearchRequest(query=f"lineage:{first + n} AND story")).total == 1
        except BaseException as error:
            errors.append(error)
            raise

    threads = [threading.Thread(target=work, args=(first,)) for first in (100, 200, 300, 400)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert engine.count() == 20


def test_a_reader_in_another_process_sees_a_rebuild(tmp_path: Path) -> None:
    reader = open_embedded(tmp_path)
    writer = open_embedded(tmp_path)
    writer.write([story(n) for n in range(1, 4)])
    assert reader.count() == 3
    for round_ in range(3):
        list(writer.rebuild([story(n) for n in range(1, 10 + round_)]))
        assert reader.count() == 9 + round_
    assert json.loads((tmp_path / "current.json").read_text(encoding="utf-8"))["generation"] == "g-000004"


def test_what_another_process_writes_during_a_rebuild_is_kept(tmp_path: Path) -> None:
    engine = open_embedded(tmp_path)
    engine.write([story(n) for n in range(1, 4)])

    def documents() -> Iterator[StoryDocument]:
        yield story(1)
        writer = Popen([sys.executable, "-c", _EIGHT, str(tmp_path), "100"], cwd=ROOT)
        while writer.poll() is None:
            assert engine.search(EVERYTHING).total >= 3, "a search sees a hole"
        assert writer.returncode == 0
        yield story(2)

    assert len(list(engine.rebuild(documents()))) == 2
    assert {hit.lineage for hit in engine.search(EVERYTHING).hits} == {1, 2, 1_000, *range(100, 108)}
