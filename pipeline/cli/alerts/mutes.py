"""The mutes that options of ``subscribe`` and ``subscriptions`` name."""

from collections.abc import Sequence

from pipeline.models import Mute, MuteKind


def mutes_of(entities: Sequence[str], sources: Sequence[str], threads: Sequence[str]) -> tuple[Mute, ...]:
    """Mutes of entities, sources and threads, in this order."""
    kinds = ((MuteKind.ENTITY, entities), (MuteKind.SOURCE, sources), (MuteKind.THREAD, threads))
    return tuple(Mute(kind, value) for kind, values in kinds for value in values)
