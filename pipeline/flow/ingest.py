"""Ingest: bytes from feeds, drop folders and paths become stories in the store.

    claim due feeds -> fetch a few at a time -> parse -> (article pages of teasers) -> store.add -> record the fetch
    walk the paths  ->                          parse ->                               store.add

A feed's validators are recorded after its stories are stored, so that no watermark passes work that was not done.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from pathlib import Path

from pipeline import fetch, parse
from pipeline.errors import ParseError
from pipeline.flow.health import show_feeds
from pipeline.flow.stages import take_back_abandoned
from pipeline.flow.teasers import complete_teasers
from pipeline.models import AddOutcome, Feed, FeedState, FetchOutcome, Origin, RawDocument, Rejected, Story
from pipeline.ports import Clock
from pipeline.progress import SILENT, Progress
from pipeline.wiring import Parts

LEASE = timedelta(minutes=10)
FEEDS_AT_ONCE = 50
STORIES_AT_ONCE = 500


@dataclass(slots=True)
class Ingested:
    """What became of what was taken in. failures: one line each, for people."""

    outcomes: dict[AddOutcome, int] = field(default_factory=dict)
    failures: list[str] = field(default_factory=list)
    quarantined: int = 0
    pages_missing: list[str] = field(default_factory=list)

    @property
    def stories(self) -> int:
        """Takes that the store knows now, new or not."""
        return sum(self.outcomes.values())

    @property
    def changed(self) -> int:
        """Takes that were not there before."""
        return self.stories - self.outcomes.get(AddOutcome.UNCHANGED, 0)

    def include(self, other: "Ingested") -> None:
        """Count another's results in."""
        for outcome, count in other.outcomes.items():
            self.outcomes[outcome] = self.outcomes.get(outcome, 0) + count
        self.failures += other.failures
        self.quarantined += other.quarantined
        self.pages_missing += other.pages_missing


# --------------------------------------------------------------------------- feeds


def due_feeds(parts: Parts) -> list[str]:
    """Names of the declared feeds that are due now; nothing is claimed. What a dead process has claimed is freed."""
    take_back_abandoned(parts)
    feeds = parts.settings.feeds()
    parts.store.feeds.declare(feeds)
    now = parts.clock.now()
    states = {state.name: state for state in parts.store.feeds.states()}
    return [feed.name for feed in feeds if fetch.is_due(feed, states[feed.name], now)]


def ingest_feeds(parts: Parts, names: Sequence[str], progress: Progress = SILENT) -> Ingested:
    """Fetch, parse and store the feeds of ``names`` that are due. A feed's own fault is an outcome, never an error."""
    declared = {feed.name: feed for feed in parts.settings.feeds()}
    total = Ingested()
    for start in range(0, len(names), FEEDS_AT_ONCE):
        wanted = names[start : start + FEEDS_AT_ONCE]
        states = parts.store.feeds.claim_due(wanted, parts.worker, parts.clock.now(), LEASE, limit=len(wanted))
        for fetched in _fetched(parts, [(declared[state.name], state) for state in states]):
            total.include(_ingest_feed(parts, fetched, progress))
            progress.advance("fetch", 1, len(names))
    show_feeds(parts, names)
    return total


def _fetched(parts: Parts, due: Sequence[tuple[Feed, FeedState]]) -> Iterator[fetch.Fetched]:
    for feed, state in due:
        if feed.folder is not None:
            yield _drop_folder(parts, feed).collect(state, parts.clock.now())
    yield from fetch.fetch_batch([pair for pair in due if pair[0].url is not None], parts.fetcher, parts.clock)


def _drop_folder(parts: Parts, feed: Feed) -> fetch.DropFolder:
    ledger = parts.settings.home / "ledgers" / f"{feed.name}.ledger"
    return fetch.DropFolder(feed=feed, path=Path(feed.folder or ""), ledger=ledger)


def _ingest_feed(parts: Parts, fetched: fetch.Fetched, progress: Progress) -> Ingested:
    """Store what one feed brought, then record the fetch."""
    result = Ingested(failures=list(fetched.problems))
    for document in fetched.documents:
        one = _ingest_document(parts, fetched.feed, document, progress)
        if fetched.feed.folder is not None:
            _drop_folder(parts, fetched.feed).settle(Path(document.origin.location), ok=not one.failures)
        elif one.failures and not one.stories:
            fetched = fetch.unusable(fetched, one.failures[0])
        result.include(one)
    if result.pages_missing:
        fetched = fetch.incomplete(fetched, result.pages_missing[0])
        result.failures.append(
            f"feed {fetched.feed.name}: {len(result.pages_missing)} pages: {result.pages_missing[0]}"
        )
    if fetched.outcome in (FetchOutcome.FAILED, FetchOutcome.GONE):
        result.failures.append(f"feed {fetched.feed.name}: {fetched.record.reason}")
    fetched = fetch.noted(fetched, entries=result.stories + result.quarantined, new=result.changed)
    parts.store.feeds.record(fetched.state, fetched.record)
    return result


def _ingest_document(parts: Parts, feed: Feed, document: RawDocument, progress: Progress) -> Ingested:
    try:
        items = parse.parse(document)
        if feed.article_pages:
            return _ingest_teasers(parts, feed, list(items), document.origin, progress)
        return _store(parts, items, document.origin, progress)
    except ParseError as error:
        return _refuse(parts, document.origin, str(error), document.content)


def _ingest_teasers(
    parts: Parts, feed: Feed, items: Sequence[Story | Rejected], origin: Origin, progress: Progress
) -> Ingested:
    """Store teasers with the text of their pages. A page is asked for once; one that can't be had is, next time."""
    teasers = complete_teasers(items, feed, parts.fetcher, parts.clock, parts.store.stories.completed)
    result = _store(parts, teasers.items, origin, progress)
    parts.store.stories.note_completed(teasers.fingerprints)
    if teasers.known:
        result.outcomes[AddOutcome.UNCHANGED] = result.outcomes.get(AddOutcome.UNCHANGED, 0) + teasers.known
    result.pages_missing = teasers.missing
    return result


# --------------------------------------------------------------------------- paths


def ingest_paths(
    parts: Parts, paths: Sequence[Path | str], backfill: bool = False, progress: Progress = SILENT
) -> Ingested:
    """Parse and store files, and folders with everything in them. What can't be read is named in the failures."""
    total = Ingested()
    for path in _files(paths, total.failures):
        origin = Origin("import", str(path), parts.clock.now(), backfill)
        try:
            total.include(_store(parts, parse.parse_file(path, origin), origin, progress))
        except ParseError as error:
            total.include(_refuse(parts, origin, str(error), path.read_bytes()[: 1 << 20]))
        except OSError as error:
            total.failures.append(f"{path} cannot be read: {error.strerror}")
    return total


def parse_paths(paths: Sequence[Path | str], clock: Clock, failures: list[str]) -> Iterator[Story | Rejected]:
    """What ``ingest_paths`` would store; what can't be read at all is added to ``failures``."""
    for path in _files(paths, failures):
        try:
            yield from parse.parse_file(path, Origin("import", str(path), clock.now()))
        except ParseError as error:
            failures.append(str(error))
        except OSError as error:
            failures.append(f"{path} cannot be read: {error.strerror}")


def _files(paths: Sequence[Path | str], failures: list[str]) -> Iterator[Path]:
    """The files that paths name; folders are walked in the order of names, hidden files left out."""
    for path in map(Path, paths):
        if path.is_dir():
            inside = sorted(path.rglob("*"))
            yield from (p for p in inside if p.is_file() and not _is_hidden(p.relative_to(path)))
        elif path.exists():
            yield path
        else:
            failures.append(f"there is no file or folder {path}")


def _is_hidden(path: Path) -> bool:
    return any(part.startswith(".") for part in path.parts)


# --------------------------------------------------------------------------- both


def _store(parts: Parts, items: Iterable[Story | Rejected], origin: Origin, progress: Progress) -> Ingested:
    result = Ingested()
    iterator = iter(items)
    while batch := list(islice(iterator, STORIES_AT_ONCE)):
        rejected = [item for item in batch if isinstance(item, Rejected)]
        stories = [item for item in batch if isinstance(item, Story)]
        for added in parts.store.stories.add(stories, origin):
            result.outcomes[added.outcome] = result.outcomes.get(added.outcome, 0) + 1
        if rejected:
            parts.store.stories.quarantine("parse", rejected)
        result.quarantined += len(rejected)
        result.failures += [f"{item.origin.location}, {item.part}: {item.reason}" for item in rejected]
        progress.advance("store", len(batch))
    return result


def _refuse(parts: Parts, origin: Origin, reason: str, content: bytes) -> Ingested:
    rejected = Rejected(origin=origin, part="the whole of it", reason=reason, payload=content[: 1 << 20])
    parts.store.stories.quarantine("parse", [rejected])
    return Ingested(failures=[reason], quarantined=1)
