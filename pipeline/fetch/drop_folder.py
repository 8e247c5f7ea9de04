"""Drop folders, into which agencies deliver files.

    for path in waiting:       complete files, oldest first: not hidden, temporary, locked, or touched just now
        read                   only if the file did not change meanwhile
        (parse, store)
        put_away               into done/ or failed/, under a free name

A file is in exactly one place at every moment: killed anywhere, the next run finds it in the folder and does it again,
which the store recognises as nothing new. A file that cannot be moved (a folder that we may only read) is entered in a
ledger instead, by name, size and time of change: it is not read again, unless it is delivered anew.
"""

import hashlib
import json
import os
import stat
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from pipeline.errors import FetchError
from pipeline.fetch.fetch_feed import FetchedFeed, failed_fetch
from pipeline.fetch.schedule import FetchResult, next_state
from pipeline.models import Feed, FeedState, FetchOutcome, FetchRecord, Origin, RawDocument

DONE, FAILED = "done", "failed"
_UNFINISHED = (".tmp", ".part", ".partial", ".filepart", ".crdownload", ".lock", ".lck", ".swp", "~")
_LOCKS = (".lock", ".lck")


@dataclass(frozen=True, slots=True)
class PutAway:
    """What became of a processed file.

    Attributes:
        to: where it is now; None where it had to stay.
        problem: why it had to stay, for people.
        remembered: it stayed and is in the ledger; if not, it will be read again, which does no harm.
    """

    to: Path | None = None
    problem: str | None = None
    remembered: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class DropFolder:
    """The drop folder of a feed.

    Attributes:
        feed: to which the files belong.
        path: the folder.
        ledger: a file of our own, outside the folder, made when needed.
        quiet: how long a file must not have changed to count as complete.
        max_bytes: a larger file is not read.
        batch_files: how many files one ``collect`` takes at most.
        batch_bytes: how much it reads at most; it always takes at least one file.
    """

    feed: Feed
    path: Path
    ledger: Path
    quiet: timedelta = timedelta(seconds=5)
    max_bytes: int = 256 * 2**20
    batch_files: int = 200
    batch_bytes: int = 64 * 2**20

    def waiting(self, now: datetime) -> list[Path]:
        """Complete files that wait to be processed, oldest first. Symbolic links and subfolders are left alone.

        Raises:
            FetchError: there is no such folder, or it may not be read.
        """
        processed = self._ledger_entries()
        try:
            entries = [(entry.name, entry.stat(follow_symlinks=False)) for entry in os.scandir(self.path)]
        except OSError as error:
            raise FetchError(
                f"the drop folder {self.path} cannot be read: {error.strerror}; make it or correct it"
            ) from error
        names = {name for name, _ in entries}
        complete = [
            (about.st_mtime_ns, name)
            for name, about in entries
            if stat.S_ISREG(about.st_mode)
            and not _is_unfinished(name, names)
            and not self._is_fresh(about, now)
            and _ledger_entry(name, about) not in processed
        ]
        return [self.path / name for _, name in sorted(complete)]

    def collect(self, state: FeedState, now: datetime) -> FetchedFeed:
        """Read the next files; ``origin.location`` of each document is the path to put away.

        Files that cannot be read are put away as failed at once and named in ``problems``; they hold nobody up. If more
        files wait than one batch takes, the folder is due again at once. A missing folder is a failed fetch.
        """
        try:
            paths = self.waiting(now)
        except FetchError as error:
            return failed_fetch(self.feed, state, str(error), now)
        documents: list[RawDocument] = []
        problems: list[str] = []
        size, taken = 0, 0
        for path in paths[: self.batch_files]:
            if size >= self.batch_bytes:
                break
            taken += 1
            try:
                document = self.read(path, now)
            except FetchError as error:
                problems.append(str(error))
                self.put_away(path, ok=False)
                continue
            if document is not None:
                size += len(document.content)
                documents.append(document)
        any_files = bool(documents or problems)
        result = FetchResult(
            outcome=FetchOutcome.FETCHED if any_files else FetchOutcome.NOT_MODIFIED, reason="; ".join(problems) or None
        )
        following = next_state(state, self.feed, result, now)
        return FetchedFeed(
            feed=self.feed,
            outcome=result.outcome,
            documents=tuple(documents),
            state=replace(following, next_due_at=now) if taken < len(paths) else following,
            record=FetchRecord(feed=self.feed.name, at=now, outcome=result.outcome, bytes=size, reason=result.reason),
            before=state,
            problems=tuple(problems),
        )

    def read(self, path: Path, now: datetime) -> RawDocument | None:
        """Read a waiting file.

        Returns:
            The document; None if the file has gone, or changed while it was read (it is then not complete).

        Raises:
            FetchError: the file may not be read, or is too large.
        """
        if not _is_utf8(path):
            raise FetchError(f"{_shown(path)} has a name that is not UTF-8; deliver it under another name")
        try:
            handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise FetchError(f"{path} cannot be read: {error.strerror}") from error
        with open(handle, "rb") as file:
            before = os.fstat(handle)
            if before.st_size > self.max_bytes:
                raise FetchError(
                    f"{path} is larger than the {self.max_bytes / 2**20:g} MB that a file may have; split it"
                )
            content = file.read(before.st_size + 1)
            about = os.fstat(handle)
        if (about.st_size, about.st_mtime_ns) != (before.st_size, before.st_mtime_ns) or len(content) != about.st_size:
            return None
        return RawDocument(
            origin=Origin(self.feed.name, str(path), now, backfill=not self.feed.alerts),
            content=content,
            publisher=self.feed.publisher,
            language=self.feed.language,
        )

    def put_away(self, path: Path, ok: bool) -> PutAway:
        """Move a processed file into done/ (or failed/); where its name is taken there, it gets a number."""
        about = None
        try:
            about = path.stat(follow_symlinks=False)
            return PutAway(to=_move(path, path.parent / (DONE if ok else FAILED)))
        except FileNotFoundError:
            return PutAway(problem=f"{_shown(path)} has gone; another process put it away")
        except OSError as error:
            problem = f"{_shown(path)} cannot be moved: {error.strerror}; allow us to write into {path.parent}"
        remembered = about is not None and self._remember(_ledger_entry(path.name, about))
        return PutAway(problem=problem, remembered=remembered)

    def _is_fresh(self, about: os.stat_result, now: datetime) -> bool:
        """Whether a file changed just now. A time well in the future only says that the clocks disagree."""
        return abs(now.timestamp() - about.st_mtime) < self.quiet.total_seconds()

    def _ledger_entries(self) -> frozenset[str]:
        try:
            return frozenset(self.ledger.read_text(encoding="ascii", errors="replace").split())
        except OSError:
            return frozenset()

    def _remember(self, entry: str) -> bool:
        """Append an entry to the ledger and sync it. A line that a crash cut short is ended by the next entry."""
        try:
            self.ledger.parent.mkdir(parents=True, exist_ok=True)
            with open(self.ledger, "ab") as file:
                file.write(f"\n{entry}\n".encode())
                file.flush()
                os.fsync(file.fileno())
        except OSError:
            return False
        return True


def _is_unfinished(name: str, names: set[str]) -> bool:
    hidden = name.startswith(".")
    return hidden or name.lower().endswith(_UNFINISHED) or any(name + lock in names for lock in _LOCKS)


def _ledger_entry(name: str, about: os.stat_result) -> str:
    facts = json.dumps([name, about.st_size, about.st_mtime_ns, about.st_ctime_ns])
    return hashlib.sha256(facts.encode("ascii")).hexdigest()


def _is_utf8(path: Path) -> bool:
    return os.fsencode(path) == str(path).encode("utf-8", "replace")


def _shown(path: Path) -> str:
    return str(path).encode("utf-8", "backslashreplace").decode("utf-8")


def _move(path: Path, folder: Path) -> Path:
    """Move without overwriting: the free name is taken with an empty file first, which the move then replaces."""
    folder.mkdir(exist_ok=True)
    target = _reserve(folder, path)
    try:
        os.replace(path, target)
    except OSError:
        target.unlink(missing_ok=True)
        raise
    return target


def _reserve(folder: Path, path: Path) -> Path:
    number = 1
    while True:
        target = folder / (path.name if number == 1 else f"{path.stem}~{number}{path.suffix}")
        try:
            os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644))
        except FileExistsError:
            number += 1
        else:
            return target
