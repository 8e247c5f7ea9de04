"""Happenings and threads as operators read them, and their rulings on them."""

from collections.abc import Sequence

from pipeline.errors import NotFoundError
from pipeline.flow.stages import Stages
from pipeline.models import GroupChange, GroupKind, Ruling, ThreadSummary, ThreadView
from pipeline.wiring import Adapters


class Threads:
    """Happenings and threads, and operators' rulings on them.

    A happening or a thread is named by its own id, or by the id or uri of a story in it. A ruling stands, whatever
    arrives later; the stories that it moves are indexed again before a method returns.
    """

    def __init__(self, adapters: Adapters) -> None:
        self._adapters = adapters
        self._stages = Stages(adapters)

    def latest(self, limit: int = 20) -> list[ThreadSummary]:
        """The threads with the latest happenings, the latest first, at most ``limit``."""
        return self._adapters.store.threads.active_threads(limit)

    def read(self, name: str, stories: int = 1) -> ThreadView:
        """A thread with its happenings in order of time.

        Args:
            name: The id of a thread, of a happening or of a story in it, or a story's uri.
            stories: At most so many stories per happening.

        Raises:
            NotFoundError: Nothing has this name, or the story is in no thread.
        """
        return self._adapters.store.threads.thread(self._number_of(name), stories)

    def merge(self, kind: GroupKind, kept: str, other: str, by: str) -> list[GroupChange]:
        """Rule that two happenings are one, or two threads.

        Args:
            kind: Whether happenings or threads are meant.
            kept: The happening that the stories of the other one join. Of two threads, the later one always goes on
                in the earlier one.
            other: The other one.
            by: Who rules.

        Returns:
            What has changed; empty where it was so already.

        Raises:
            NotFoundError: Nothing has one of the names.
            UsageError: The ruling cannot be, or contradicts itself.
        """
        first, second = self._number_of(kept), self._number_of(other)
        changes = self._adapters.store.threads.merge(kind, first, second, by)
        self._stages.index()
        return changes

    def split(self, kind: GroupKind, stories: Sequence[str], by: str) -> list[GroupChange]:
        """Rule that stories report a happening of their own, or that their happening begins a thread of its own.

        Args:
            kind: Whether a happening or a thread is split. What follows a happening that begins a thread goes along.
            stories: Their ids or uris.
            by: Who rules.

        Returns:
            What has changed; empty where it was so already.

        Raises:
            NotFoundError: There is no such story.
            UsageError: The ruling cannot be.
        """
        numbers = [self._number_of(story) for story in stories]
        changes = self._adapters.store.threads.split(kind, numbers, by)
        self._stages.index()
        return changes

    def rulings(self) -> list[Ruling]:
        """Every ruling, story by story, oldest first."""
        return self._adapters.store.threads.all_rulings()

    def apply(self, rulings: Sequence[Ruling]) -> list[GroupChange]:
        """Make rulings of another store here.

        Returns:
            What has changed; empty where it was so already.

        Raises:
            UsageError: A ruling cannot be.
        """
        changes = self._adapters.store.threads.apply_rulings(rulings)
        self._stages.index()
        return changes

    def _number_of(self, name: str) -> int:
        """The id of a story, a happening or a thread. Digits that are no story's id are one of the others'."""
        try:
            return self._adapters.store.stories.resolve(name)
        except NotFoundError:
            if not name.isdecimal():
                raise
            return int(name)
