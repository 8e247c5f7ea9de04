"""Where the index lies on disk: generations, the pointer to the current one, locks, and what goes wrong with them."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import tantivy
from filelock import FileLock, Timeout

from pipeline.errors import IndexUnavailable
from pipeline.index.embedded.schema import build_schema, layout

_WRITE_LOCK = "write.lock"
_REBUILD_LOCK = "rebuild.lock"
_REBUILD = "run `wirewatch reindex` to build it again from the store"


@contextmanager
def explained(doing: str, folder: Path) -> Iterator[None]:
    """Turn what the disk and tantivy raise into IndexUnavailable that says what to do.

    Args:
        doing: what was being done, for the message.
        folder: the index.
    """
    try:
        yield
    except OSError as error:
        raise IndexUnavailable(f"the search index in {folder} cannot be used ({doing}): {error}") from error
    except ValueError as error:
        reason = f"the search index in {folder} failed ({doing}): {_brief(error)}; if this stays, {_REBUILD}"
        raise IndexUnavailable(reason) from error
    except BaseException as error:
        # A panic in tantivy, over a file that is damaged inside; its class can't be imported, and is no Exception.
        if type(error).__name__ != "PanicException":
            raise
        reason = f"the search index in {folder} is damaged ({doing}): {_brief(error)}; {_REBUILD}"
        raise IndexUnavailable(reason) from error


def _brief(error: BaseException) -> str:
    return str(error)[:300]


class GenerationReader:
    """One generation, open for searching; ``searcher`` sees every commit made before it is asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.index = tantivy.Index.open(str(folder))
        self.index.config_reader("manual")
        self.index.reload()
        self._stamp_seen = self._file_stamp()

    @property
    def searcher(self) -> tantivy.Searcher:
        """A searcher over the latest commit of any process, or over the last one seen if a rebuild took the folder."""
        try:
            stamp = self._file_stamp()
            if stamp != self._stamp_seen:
                self.index.reload()
                self._stamp_seen = stamp
        except (OSError, ValueError):
            if self.folder.exists():
                raise
        return self.index.searcher()

    def _file_stamp(self) -> tuple[int, int]:
        meta = os.stat(self.folder / "meta.json")
        return meta.st_mtime_ns, meta.st_ino


@dataclass(frozen=True, slots=True)
class _Pointer:
    generation: str
    layout: str


class Generations:
    """The index folder. Every method may raise IndexUnavailable."""

    def __init__(self, root: Path, wait: float) -> None:
        self.root = root
        self._wait = wait
        self._pointer_path = root / "current.json"
        self._reader: GenerationReader | None = None
        self._pointer_seen: tuple[int, int] | None = None

    # ------------------------------------------------------------------ reading

    def reader(self) -> GenerationReader | None:
        """The current generation; None where nothing was ever written."""
        for _ in range(10):  # a rebuild may swap and remove the generation between two of these lines
            with explained("opening it", self.root):
                stamp = self._pointer_stamp()
                if stamp is None:
                    return None
                if self._reader is not None and stamp == self._pointer_seen:
                    return self._reader
                folder = self.root / self._pointer().generation
                try:
                    self._reader = GenerationReader(folder)
                except (OSError, ValueError) as error:
                    if stamp != self._pointer_stamp():
                        continue
                    raise IndexUnavailable(
                        f"the search index in {folder} is damaged: {_brief(error)}; {_REBUILD}"
                    ) from error
                self._pointer_seen = stamp
                return self._reader
        raise IndexUnavailable(f"the search index in {self.root} is being rebuilt over and over; try again")

    def close_reader(self) -> None:
        """Give the reader's handles back."""
        self._reader = self._pointer_seen = None

    # ------------------------------------------------------------------ writing

    @contextmanager
    def writing(self) -> Iterator[list[Path]]:
        """Hold the write lock; yields the generations to write into: the current one and one that is being built."""
        with explained("making its folder", self.root):
            self.root.mkdir(parents=True, exist_ok=True)
        with self._locked_file(_WRITE_LOCK, self._wait, "another process is writing to it"):
            with explained("opening it", self.root):
                if self._pointer_stamp() is None:
                    self._point_to(self._make())
                targets = [self.root / self._pointer().generation]
                building = self._building()
            yield targets + ([building] if building is not None and building not in targets else [])

    @contextmanager
    def rebuilding(self) -> Iterator[Path]:
        """Hold the rebuild lock; yields an empty next generation, which becomes the current one if all goes well."""
        with explained("making its folder", self.root):
            self.root.mkdir(parents=True, exist_ok=True)
        with self._locked_file(_REBUILD_LOCK, 0, "another process is rebuilding it"):
            with self.locked(), explained("making a new generation", self.root):
                self._remove_all_but(self._current_name())
                folder = self._make()
            try:
                yield folder
                with self.locked(), explained("swapping in the new generation", self.root):
                    self._point_to(folder)
                    self._remove_all_but(folder.name)
            except BaseException:
                if self._current_name() != folder.name:
                    shutil.rmtree(folder, ignore_errors=True)
                raise

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the write lock, whatever state the index is in."""
        with self._locked_file(_WRITE_LOCK, self._wait, "another process is writing to it"):
            yield

    @contextmanager
    def _locked_file(self, name: str, wait: float, reason: str) -> Iterator[None]:
        lock = FileLock(self.root / name)  # a new object each time, since a lock must not cross a fork
        try:
            lock.acquire(timeout=wait, poll_interval=0.01)
        except Timeout:
            raise IndexUnavailable(f"the search index in {self.root} is busy: {reason}; try again later") from None
        except OSError as error:
            raise IndexUnavailable(f"the search index in {self.root} cannot be locked: {error}") from error
        try:
            yield
        finally:
            lock.release()

    def _building(self) -> Path | None:
        """The generation that a living rebuild fills, if there is one."""
        others = [folder for folder in self.root.glob("g-*") if folder.name != self._current_name()]
        if not others:
            return None
        probe = FileLock(self.root / _REBUILD_LOCK)
        try:
            probe.acquire(timeout=0)
        except Timeout:
            return max(others)
        probe.release()
        return None

    # ------------------------------------------------------------------ the pointer

    def _pointer_stamp(self) -> tuple[int, int] | None:
        try:
            pointer = os.stat(self._pointer_path)
        except FileNotFoundError:
            return None
        return pointer.st_mtime_ns, pointer.st_ino

    def _pointer(self) -> _Pointer:
        try:
            pointer = _Pointer(**json.loads(self._pointer_path.read_text(encoding="utf-8")))
        except (ValueError, TypeError) as error:
            raise IndexUnavailable(f"{self._pointer_path} is damaged: {error}; {_REBUILD}") from error
        if pointer.layout != layout():
            reason = f"the search index in {self.root} was made by another version of Wirewatch"
            raise IndexUnavailable(f"{reason} (layout {pointer.layout}, this one reads {layout()}); {_REBUILD}")
        return pointer

    def _current_name(self) -> str | None:
        try:
            return str(json.loads(self._pointer_path.read_text(encoding="utf-8"))["generation"])
        except (FileNotFoundError, ValueError, TypeError, KeyError):
            return None  # whatever it was, a rebuild replaces it

    def _point_to(self, folder: Path) -> None:
        prepared = self._pointer_path.with_suffix(".new")
        with prepared.open("w", encoding="utf-8") as out:
            json.dump({"generation": folder.name, "layout": layout()}, out)
            out.flush()
            os.fsync(out.fileno())
        os.replace(prepared, self._pointer_path)

    def _make(self) -> Path:
        numbers = [int(folder.name[2:]) for folder in self.root.glob("g-*") if folder.name[2:].isdigit()]
        folder = self.root / f"g-{max(numbers, default=0) + 1:06d}"
        folder.mkdir()
        tantivy.Index(build_schema(), path=str(folder))
        return folder

    def _remove_all_but(self, name: str | None) -> None:
        for folder in self.root.glob("g-*"):
            if folder.name != name:
                shutil.rmtree(folder, ignore_errors=True)
