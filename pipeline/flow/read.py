"""What readers ask for: a story's follow-ups, rankings for whole lists of stories, the tags of files."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from pipeline.errors import NotFoundError
from pipeline.flow.history import readable_takes
from pipeline.flow.ingest import parse_paths
from pipeline.models import Enrichment, Origin, Rejected, StoredTake, Story
from pipeline.relate import FollowUps, RankedStory
from pipeline.wiring import Parts

__all__ = ["FollowUps", "RankedStory", "followups", "rank_all", "tag_paths"]


def followups(parts: Parts, id_or_uri: str, limit: int) -> FollowUps:
    """The versions, copies, follow-ups and background of a story. Raises NotFoundError.

    Takes that nobody may read are without their text: a title is made of it where there is no headline.
    """
    found, now = parts.reader.followups(parts.store.stories.resolve(id_or_uri), limit), parts.clock.now()
    record = found.story
    (current,) = readable_takes([record.current], record.status, now)
    return replace(
        found, story=replace(record, current=current), versions=readable_takes(found.versions, record.status, now)
    )


def rank_all(
    parts: Parts, uris: Sequence[str], limit: int, failures: list[str]
) -> Iterator[tuple[str, list[tuple[str, float]]]]:
    """Each story with its follow-ups, best first, as (uri, score); what is no story is added to ``failures``."""
    for uri in uris:
        try:
            lineage = parts.store.stories.resolve(uri)
        except NotFoundError as error:
            failures.append(str(error))
        else:
            yield uri, parts.reader.rank(lineage, limit)


def tag_paths(
    parts: Parts, paths: Sequence[Path], failures: list[str]
) -> Iterator[tuple[Story, Enrichment | Rejected]]:
    """Each story in the files with its tags, nothing stored; what is no story is added to ``failures``."""
    stories: list[Story] = []

    def takes() -> Iterator[StoredTake]:
        origin = Origin("tag", "", parts.clock.now())
        for number, item in enumerate(parse_paths(paths, parts.clock, failures)):
            if isinstance(item, Rejected):
                failures.append(f"{item.origin.location}, {item.part}: {item.reason}")
                continue
            stories.append(item)
            yield StoredTake(version_id=number, lineage=number, version=1, story=item, origin=origin)

    for answer in parts.tagger.tag(takes()):
        yield stories.pop(0), answer
