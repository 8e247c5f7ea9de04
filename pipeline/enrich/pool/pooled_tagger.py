"""Tagging in several processes. The workers are programs of their own, which load the model once and are kept.

No executor of the standard library does this. One killed worker breaks a ``ProcessPoolExecutor`` with all that waits in
it, so that nobody knows which take killed it. Its workers outlive a parent that is killed: both were tried. It is also
refused inside daemonic processes, where task schedulers run tasks, and it imports the caller's main module again.
"""

import os
import subprocess
import sys
import weakref
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from queue import SimpleQueue
from typing import IO

from pipeline.enrich.pool.ipc import pack, read_frame, unpack, write_frame
from pipeline.enrich.tagger import reject, split_chunks
from pipeline.errors import SettingsError, TaggingUnavailable
from pipeline.models import Enrichment, Rejected, StoredTake

_MOST_CRASHES = 3  # takes in a row whose process died before the processes are blamed
_ONE_THREAD = {
    # The matrices are small: threads within one worker cost more than they gain, and starve the other workers.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "BLIS_NUM_THREADS": "1",
    "TOKENIZERS_PARALLELISM": "false",
}


class _WorkerDied(Exception):
    """A worker ended before it answered."""


class _Worker:
    """One child process that is ready.

    Raises:
        SettingsError: It cannot start.
    """

    def __init__(self, model: str, gazetteer: Path | None, embedder: str) -> None:
        root = str(Path(__file__).parents[3])
        path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
        self._process = subprocess.Popen(
            [sys.executable, "-m", "pipeline.enrich.pool.worker", model, str(gazetteer or ""), embedder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, **_ONE_THREAD, "PYTHONPATH": path},
            start_new_session=True,  # an interrupt is the parent's to handle; the worker ends with its input
        )
        assert self._process.stdin is not None  # both were opened as pipes
        assert self._process.stdout is not None
        self._in: IO[bytes] = self._process.stdin
        self._out: IO[bytes] = self._process.stdout
        try:
            first = unpack(read_frame(self._out))
        except EOFError as error:
            status = self.close()
            raise SettingsError(f"the tagging process for model {model!r} ended at once (status {status})") from error
        if isinstance(first, SettingsError):
            self.close()
            raise first
        self.revision = str(first)

    def exchange(self, frame: bytes) -> bytes:
        """The answer to one chunk. Raises _WorkerDied."""
        try:
            write_frame(self._in, frame)
            return read_frame(self._out)
        except (EOFError, BrokenPipeError) as error:
            raise _WorkerDied(f"the tagging process died on it (status {self.close()})") from error

    def close(self) -> int:
        """End the process, and say how it ended."""
        self._out.close()
        with suppress(BrokenPipeError):  # it died with data unread, and there is nothing left to flush to
            self._in.close()
        return self._process.wait()


class _Team:
    """The workers, started as needed, and the threads that wait for them."""

    def __init__(self, model: str, gazetteer: Path | None, embedder: str, processes: int) -> None:
        self._model, self._gazetteer, self._embedder, self.processes = model, gazetteer, embedder, processes
        self._idle: SimpleQueue[_Worker | None] = SimpleQueue()
        for _ in range(processes):
            self._idle.put(None)
        self._threads = ThreadPoolExecutor(processes, thread_name_prefix="tagging")

    def submit(self, takes: list[StoredTake]) -> "Future[bytes]":
        return self._threads.submit(self._exchange, pack(takes))

    def revision(self) -> str:
        worker = self._take()
        self._idle.put(worker)
        return worker.revision

    def close(self) -> None:
        self._threads.shutdown(cancel_futures=True)
        while not self._idle.empty():
            worker = self._idle.get()
            if worker is not None:
                worker.close()

    def _take(self) -> _Worker:
        worker = self._idle.get()
        if worker is None:
            try:
                worker = _Worker(self._model, self._gazetteer, self._embedder)
            except SettingsError:
                self._idle.put(None)
                raise
        return worker

    def _exchange(self, frame: bytes) -> bytes:
        worker: _Worker | None = self._take()
        assert worker is not None  # _take starts one where there is none
        try:
            return worker.exchange(frame)
        except _WorkerDied:
            worker = None  # the next chunk starts a fresh one
            raise
        finally:
            self._idle.put(worker)


class PooledTagger:
    """A Tagger over several processes. They end with ``close``, with garbage collection and with the program."""

    def __init__(self, model: str, gazetteer: Path | None, embedder: str, processes: int) -> None:
        self._team = _Team(model, gazetteer, embedder, processes)
        self._finalizer = weakref.finalize(self, self._team.close)
        self._revision: str | None = None
        self._crashes_in_a_row = 0

    @property
    def revision(self) -> str:
        """See ``pipeline.ports.Tagger.revision``.

        Raises:
            SettingsError: The workers cannot start.
        """
        if self._revision is None:
            self._revision = self._team.revision()
        return self._revision

    def tag(self, takes: Iterable[StoredTake]) -> Iterator[Enrichment | Rejected]:
        """See ``pipeline.ports.Tagger.tag``. It reads ahead by two chunks per process.

        Raises:
            SettingsError: The workers cannot start.
            TaggingUnavailable: The workers die whatever they are given.
        """
        waiting: deque[tuple[list[StoredTake], Future[bytes]]] = deque()
        for chunk in split_chunks(takes):
            waiting.append((chunk, self._team.submit(chunk)))
            if len(waiting) > 2 * self._team.processes:
                yield from self._answers(*waiting.popleft())
        while waiting:
            yield from self._answers(*waiting.popleft())

    def close(self) -> None:
        """See ``pipeline.ports.Tagger.close``."""
        self._finalizer()

    def _answers(self, takes: list[StoredTake], future: "Future[bytes]") -> list[Enrichment | Rejected]:
        """Wait for a chunk's answers.

        Where a process died of it, its halves are tried, so that only the culprit is rejected.
        """
        try:
            answers: list[Enrichment | Rejected] = unpack(future.result())
        except _WorkerDied as error:
            if len(takes) == 1:
                return [self._reject(takes[0], error)]
            half = len(takes) // 2
            parts = (takes[:half], takes[half:])
            return [answer for part in parts for answer in self._answers(part, self._team.submit(part))]
        self._crashes_in_a_row = 0
        return answers

    def _reject(self, take: StoredTake, error: _WorkerDied) -> Rejected:
        """Reject the take that killed a process.

        Several crashes in a row mean that the processes are at fault, not the takes.
        """
        self._crashes_in_a_row += 1
        if self._crashes_in_a_row == _MOST_CRASHES:
            raise TaggingUnavailable(f"the tagging processes die of every text; their own words are above: {error}")
        return reject(take, str(error))
