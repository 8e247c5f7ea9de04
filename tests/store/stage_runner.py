"""A store with all stages at hand, the later ones at their simplest."""

from collections.abc import Sequence
from datetime import datetime
from itertools import count
from typing import Any

from pipeline.models import Added, CopyEdge, Link, Origin, Relations, Stage, Story, WriteOutcome, WriteState
from pipeline.ports import Store
from tests.store.builders import IMPORT, LEASE, NOW, enrichment


class StageRunner:
    """Runs stages over a store, each until nothing of it is left, unless a limit is given."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.indexed: dict[int, int] = {}  # lineage -> revision, as an engine would hold them
        self._worker = count(1)

    def add(self, *stories: Story, origin: Origin = IMPORT) -> list[Added]:
        return self.store.stories.add(stories, origin)

    def claim(self, stage: Stage, limit: int = 1000, now: datetime = NOW) -> list[int]:
        return self.store.work.claim(stage, f"worker {next(self._worker)}", now, LEASE, limit)

    def tag(self, revision: str = "tagger 1", limit: int = 1000, **fields: Any) -> list[int]:
        ids = self.claim(Stage.ENRICH, limit)
        takes = self.store.stories.takes(ids)
        self.store.work.record_enriched([enrichment(take, revision, **fields) for take in takes])
        return ids

    def relate(self, links: Sequence[Link] = (), copies: Sequence[CopyEdge] = ()) -> list[int]:
        """Relate what is pending. Each link is handed over with its later story, each edge with its second version."""
        ids = self.claim(Stage.RELATE)
        self.store.work.record_related(
            [
                Relations(
                    lineage=take.lineage,
                    version_id=take.version_id,
                    links=tuple(link for link in links if link.later == take.lineage),
                    copies=tuple(edge for edge in copies if edge.version_b == take.version_id),
                )
                for take in self.store.stories.takes(ids)
            ]
        )
        return ids

    def index(self, limit: int = 1000) -> list[int]:
        lineages = self.claim(Stage.INDEX, limit)
        outcomes = []
        for record in self.store.stories.records(lineages):
            newer = record.revision > self.indexed.get(record.lineage, 0)
            self.indexed[record.lineage] = max(record.revision, self.indexed.get(record.lineage, 0))
            state = WriteState.WRITTEN if newer else WriteState.SUPERSEDED
            outcomes.append(WriteOutcome(record.lineage, record.revision, state))
        self.store.work.record_indexed(outcomes, NOW)
        return lineages

    def alert(self, limit: int = 1000) -> list[int]:
        ids = self.claim(Stage.ALERT, limit)
        self.store.alerts.record_alerted(ids, [], [])
        return ids

    def walk(self) -> None:
        """All stages in turn."""
        self.tag()
        self.relate()
        self.index()
        self.alert()

    def pending(self) -> dict[str, int]:
        """What is open, by stage; stages with nothing are left out."""
        counts = {stage.value: self.store.work.pending(stage) for stage in Stage}
        return {stage: number for stage, number in counts.items() if number}

    def export(self) -> list[dict[str, Any]]:
        return list(self.store.stories.export(canonical=True))
