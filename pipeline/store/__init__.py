"""The SQL store: the truth of every story, and the list of what is still to be done with it.

opening     a store is created, or migrated, by whoever comes first           database   connections, turns, errors
stories     add -> intake (pure) -> desk (places a batch) -> deskwrite -> settle (what follows from it)
lineage     the pure decisions: order of takes, which one wins; takeline: takes without links; copygroups; bands
work        claims and leases; tagged, related, indexed: the outcomes that stages record
relations   what ranking reads; alerts: the outbox; feeds: what is due; export: two stores are equal when it is
"""

from pipeline.store.db.open import open_store

__all__ = ["open_store"]
