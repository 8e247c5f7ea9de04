"""Precision and recall of copy groups over the set of ``copying``, through a real store.

python -m tests.quality.copy_scores          both halves; names the pairs that are wrong in the half for development
"""

import tempfile
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from pipeline.enrich.features.minhash import compute_signature
from pipeline.models import CopyEdge, Enrichment, Origin, Relations, Stage, Story
from pipeline.relate.copies import copy_similarity
from pipeline.store import open_store
from tests.quality.copy_set import CopySet, build, scores
from tests.store.opened_stores import SetClock

_NOW = datetime(2018, 6, 1, tzinfo=UTC)
_LEASE = timedelta(hours=1)
_WINDOW = timedelta(days=7)


def copy_groups_of(stories: Sequence[Story], folder: Path, batch: int = 200) -> list[list[str]]:
    """The uris of each copy group that the store ends with, the stories coming in batches as in a run."""
    store = open_store(f"sqlite:///{folder / 'copies.db'}", SetClock(_NOW))
    try:
        for start in range(0, len(stories), batch):
            store.stories.add(stories[start : start + batch], Origin("evaluation", "", _NOW))
            ids = store.work.claim(Stage.ENRICH, "evaluation", _NOW, _LEASE, len(stories))
            takes = store.stories.takes(ids)
            store.work.record_enriched(
                [
                    Enrichment(version_id=take.version_id, revision="1", signature=compute_signature(take.story.body))
                    for take in takes
                ]
            )
            ids = store.work.claim(Stage.RELATE, "evaluation", _NOW, _LEASE, len(stories))
            similar = store.relations.copy_candidates(ids, _WINDOW)
            store.work.record_related(
                [
                    Relations(
                        lineage=take.lineage,
                        version_id=take.version_id,
                        copies=tuple(
                            CopyEdge(take.version_id, other.version_id, alike)
                            for other in similar[take.version_id]
                            if (alike := copy_similarity(take, other)) is not None
                        ),
                    )
                    for take in store.stories.takes(ids)
                ]
            )
        groups: dict[int, list[str]] = {}
        for row in store.stories.export():
            if row["copy_group"] is not None:
                groups.setdefault(row["copy_group"], []).append(row["uri"])
        return list(groups.values())
    finally:
        store.close()


def measure(copy_set: CopySet) -> tuple[float, float, list[tuple[str, str]]]:
    """Precision, recall and the wrong pairs of one set."""
    with tempfile.TemporaryDirectory(prefix="wirewatch-copies-") as folder:
        return scores(copy_set.gold, copy_groups_of(copy_set.stories, Path(folder)))


def main() -> None:
    """Print both halves' figures."""
    for half, name in enumerate(("development", "reported")):
        copy_set = build(half)
        precision, recall, wrong = measure(copy_set)
        print(f"{name}: {len(copy_set.stories)} stories, {len(copy_set.gold)} pairs of copies")
        print(f"  precision {precision:.3f}, recall {recall:.3f}")
        if half == 0:
            print(
                "".join(
                    f"  {'missed' if pair in copy_set.gold else 'invented'} {pair[0]} {pair[1]}\n"
                    for pair in wrong[:80]
                )
            )


if __name__ == "__main__":
    main()
