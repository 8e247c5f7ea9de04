"""The sample wire as typed objects: its stories, the feeds that deliver them, and the gold file.

Used by the demo's local server and by the evaluation tests. Everything is read from tests/data/sample_wire, whose
files say in their headers what each field means.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

DATA = Path(__file__).resolve().parent.parent / "data" / "sample_wire"

Grades = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class SampleStory:
    """One take as its publisher sent it; `key` is the short name used by the gold file.

    `uri` is None where the format carries no identifier (plain text). `published` and `updated` are UTC, None where the
    publisher gave no date. `previous` is the uri of the take that this one evolves, where the publisher links it.
    """

    key: str
    publisher: str
    feed: str
    format: str
    uri: str | None
    version: int
    previous: str | None
    status: str
    embargo: datetime | None
    headline: str
    slugline: str | None
    byline: str | None
    dateline_place: str | None
    dateline_date: date | None
    language: str
    published: datetime | None
    updated: datetime | None
    topics: tuple[str, ...]
    path: str | None
    template: str | None
    body: str

    @property
    def paragraphs(self) -> tuple[str, ...]:
        """The paragraphs of the body, which blank lines separate."""
        return tuple(part.strip() for part in self.body.split("\n\n") if part.strip())


@dataclass(frozen=True, slots=True)
class SampleFeed:
    """A feed of the local server; see the header of feeds.yaml for the values of `format` and `behaviour`."""

    name: str
    publisher: str
    title: str
    format: str
    behaviour: str
    path: str
    location: str | None
    language: str
    credit: str
    boilerplate: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Gold:
    """What follows what; grades are 2 (next event of the affair) and 1 (related continuation or reaction)."""

    followups: Mapping[str, Grades]
    lineages: tuple[tuple[str, ...], ...]
    copies: tuple[tuple[str, ...], ...]
    same_event: tuple[tuple[str, ...], ...]
    background: Mapping[str, Grades]

    def representative(self, key: str) -> str:
        """The first take of the original: the only key under which a story is judged."""
        for group in (*self.copies, *self.lineages):
            if key in group:
                return group[0]
        return key

    def score_order(self, query: str, ranked: list[str]) -> list[str]:
        """The keys of `ranked` that count for `query`, best first: one a story, none of the query's own event."""
        own = self.own_event(query)
        kept = dict.fromkeys(self.representative(key) for key in ranked)
        return [key for key in kept if key not in own]

    def own_event(self, query: str) -> frozenset[str]:
        """The representatives of the query itself and of the other reports of the same event."""
        key = self.representative(query)
        return frozenset({key}.union(*(group for group in self.same_event if key in group)))


@cache
def load_stories(folder: Path = DATA) -> tuple[SampleStory, ...]:
    """Every story of `folder`/stories/*.yaml, in the order of the file names. Raises KeyError: a field is missing."""
    return tuple(_story(entry) for path in sorted((folder / "stories").glob("*.yaml")) for entry in _read(path))


def load_feeds(folder: Path = DATA) -> tuple[SampleFeed, ...]:
    """The feeds of `folder`/feeds.yaml. Raises KeyError where a field is missing."""
    return tuple(_feed(entry) for entry in _read(folder / "feeds.yaml")["feeds"])


def load_gold(folder: Path = DATA) -> Gold:
    """The judgements of `folder`/gold.yaml. Raises KeyError where a section is missing."""
    raw = _read(folder / "gold.yaml")
    return Gold(
        followups=raw["followups"],
        lineages=tuple(_groups(raw["lineages"])),
        copies=tuple(_groups(raw["copies"])),
        same_event=tuple(_groups(raw["same_event"])),
        background=raw["background"],
    )


def _read(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)  # ten times as fast as safe_load


def _groups(raw: list[list[str]]) -> Iterator[tuple[str, ...]]:
    return (tuple(group) for group in raw)


def _instant(raw: str | None) -> datetime | None:
    return None if raw is None else datetime.fromisoformat(raw).astimezone(UTC)


def _story(entry: Mapping[str, Any]) -> SampleStory:
    dateline_date = entry.get("dateline_date")
    return SampleStory(
        key=entry["key"],
        publisher=entry["publisher"],
        feed=entry["feed"],
        format=entry["format"],
        uri=entry.get("uri"),
        version=entry["version"],
        previous=entry.get("previous"),
        status=entry["status"],
        embargo=_instant(entry.get("embargo")),
        headline=entry["headline"],
        slugline=entry.get("slugline"),
        byline=entry.get("byline"),
        dateline_place=entry.get("dateline_place"),
        dateline_date=None if dateline_date is None else date.fromisoformat(dateline_date),
        language=entry["language"],
        published=_instant(entry.get("published")),
        updated=_instant(entry.get("updated")),
        topics=tuple(entry["topics"]),
        path=entry.get("path"),
        template=entry.get("template"),
        body=entry["body"],
    )


def _feed(entry: Mapping[str, Any]) -> SampleFeed:
    return SampleFeed(
        name=entry["name"],
        publisher=entry["publisher"],
        title=entry["title"],
        format=entry["format"],
        behaviour=entry["behaviour"],
        path=entry["path"],
        location=entry.get("location"),
        language=entry["language"],
        credit=entry["credit"],
        boilerplate=tuple(entry.get("boilerplate", ())),
    )
