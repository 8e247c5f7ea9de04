"""Tagging in several processes. The workers are programs of their own, which load the model once and are kept.

Not multiprocessing: that re-imports the caller's main module, and is refused inside daemonic processes, which is where
task schedulers run tasks.
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
    """One child process, which has said that it is ready. Raises SettingsError if it can't be."""

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
    """A Tagger over several processes. ``close`` ends them; so do garbage collection and the end of the program."""

    def __init__(self, model: str, gazetteer: Path | None, embedder: str, processes: int) -> None:
        self._team = _Team(model, gazetteer, embedder, processes)
        self._finalizer = weakref.finalize(self, self._team.close)
        self._revision: str | None = None
        self._crashes_in_a_row = 0

    @property
    def revision(self) -> str:
        """Changes whenever model, gazetteer or code would answer differently. Raises SettingsError."""
        if self._revision is None:
            self._revision = self._team.revision()
        return self._revision

    def tag(self, takes: Iterable[StoredTake]) -> Iterator[Enrichment | Rejected]:
        """One answer a take, in order; reads ahead by two chunks a process. Raises SettingsError,
        and TaggingUnavailable where the processes die whatever they are given."""
        waiting: deque[tuple[list[StoredTake], Future[bytes]]] = deque()
        for chunk in split_chunks(takes):
            waiting.append((chunk, self._team.submit(chunk)))
            if len(waiting) > 2 * self._team.processes:
                yield from self._answers(*waiting.popleft())
        while waiting:
            yield from self._answers(*waiting.popleft())

    def close(self) -> None:
        """End the processes; the tagger cannot be used after that."""
        self._finalizer()

    def _answers(self, takes: list[StoredTake], future: "Future[bytes]") -> list[Enrichment | Rejected]:
        """A chunk's answers. Where a process died of it, its halves are tried: only the take that kills is rejected."""
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
        """One take kills processes; several in a row mean that the processes are at fault, not the takes."""
        self._crashes_in_a_row += 1
        if self._crashes_in_a_row == _MOST_CRASHES:
            raise TaggingUnavailable(f"the tagging processes die of every text; their own words are above: {error}")
        return reject(take, str(error))
