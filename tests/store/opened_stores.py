"""Stores for tests: fresh ones, opened with a clock that shows what it was set to."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import count
from pathlib import Path
from shutil import copy2

from pipeline.ports import Store
from pipeline.store import open_store
from tests.store.builders import NOW


class SetClock:
    """A clock that shows what it was set to."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at


class SqliteStores:
    """Fresh SQLite stores, each a copy of one that was migrated once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._made = count(1)
        self._empty = folder / "empty.db"
        open_store(f"sqlite:///{self._empty}", SetClock()).close()

    def fresh(self) -> str:
        file = self._folder / f"store{next(self._made)}.db"
        copy2(self._empty, file)
        return f"sqlite:///{file}"


@contextmanager
def opened(url: str, clock: SetClock | None = None) -> Iterator[Store]:
    store = open_store(url, clock or SetClock())
    try:
        yield store
    finally:
        store.close()
