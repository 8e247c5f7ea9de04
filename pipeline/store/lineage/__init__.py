"""Which takes are one story, which of them wins, and what follows when that changes.

On the way in, in this order:

- prepare: a story is made storable, with all that placing it needs (``content_hash``, ``take_profile``)
- placement: the lineage of each story of a batch (``lineage_state``), by the pure decisions of ``resend`` (is it a new
  take?), ``take_matching`` over ``take_match_index`` (takes without a link) and ``winning_take`` (order of takes)
- placement_writer: the rows of items and takes
- merge: lineages that turned out to be one story
- refresh: the lineage's row, tasks, counts, copy groups, revision

take_record: a take as all of them see it. release: embargoes that end, and takes that expire.
"""
