"""The SQL store: the truth of every story, and the list of what is still to be done with it.

- store: ``open_store``, and the store as one object
- adapters: one class per port; its methods open the transactions
- db: schema, connections, transactions, times, JSON texts
- queue: open tasks, leases, the quarantine
- lineage: which takes are one story, which of them wins, and what follows when that changes
- stories: reading takes and lineages; retention; the export
- copies: takes with the same text, and their groups
- happenings: happenings, threads, and rulings on them
- outcomes: what the stages record of their work
- ranking: what ranking reads of stories; document frequencies
- marks: readers' marks, resolved to copies
- entities: operators' decisions on entities
- alerts: subscriptions and the outbox

A story comes in by ``adapters/story_store.py: add`` -> ``lineage/prepare.py`` -> ``lineage/placement.py`` ->
``lineage/placement_writer.py`` -> ``lineage/refresh.py``, which writes what follows from the new take.
"""

from pipeline.store.store import open_store

__all__ = ["open_store"]
