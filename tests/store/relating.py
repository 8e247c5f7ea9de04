"""Relating stories by hand: the test says what follows what, and which stories report one event."""

from collections.abc import Sequence

from pipeline.models import Added, GroupKind, HappeningAssignment, Link, Relations, Stage, Story
from tests.store.builders import at, story
from tests.store.stage_runner import StageRunner

HAPPENING, THREAD = GroupKind.HAPPENING, GroupKind.THREAD


def link(earlier: Added, later: Added, score: float = 0.8, new: tuple[str, ...] = ()) -> Link:
    return Link(earlier=earlier.lineage, later=later.lineage, score=score, new=new)


def new_happening(*stories: Added) -> HappeningAssignment:
    """These stories report one event, in a happening of their own."""
    return assigned(None, *stories)


def assigned(happening: int | None, *stories: Added, absorbs: tuple[int, ...] = ()) -> HappeningAssignment:
    """These stories belong to the happening from now on, and all those of the happenings that it absorbs."""
    return HappeningAssignment(happening, tuple(story.lineage for story in stories), absorbs)


def relate(
    runner: StageRunner, links: Sequence[Link] = (), assignments: Sequence[HappeningAssignment] | None = None
) -> None:
    """Tag and relate what is pending. assignments: without any, each story is a happening of its own."""
    runner.tag()
    takes = runner.store.stories.takes(runner.claim(Stage.RELATE))
    alone = [HappeningAssignment(None, (take.lineage,)) for take in takes]
    runner.store.work.record_related(
        [
            Relations(
                lineage=take.lineage,
                version_id=take.version_id,
                links=tuple(link for link in links if take.lineage in (link.earlier, link.later)),
                assignments=tuple(alone if assignments is None else assignments),
            )
            for take in takes
        ]
    )


def dated(uri: str, day: int, **fields: object) -> Story:
    return story(uri, published_at=at(day), updated_at=at(day), **fields)


def ids(runner: StageRunner, *added: Added) -> list[tuple[int | None, int | None]]:
    records = runner.store.stories.records([story.lineage for story in added])
    return [(record.happening, record.thread) for record in records]


def threads(runner: StageRunner, *added: Added) -> list[int | None]:
    return [thread for _, thread in ids(runner, *added)]


def happenings(runner: StageRunner, *added: Added) -> list[int | None]:
    return [happening for happening, _ in ids(runner, *added)]
