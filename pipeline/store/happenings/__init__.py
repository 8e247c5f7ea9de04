"""Happenings (stories of one event on the same days), threads (happenings that follow each other up), and rulings.

The happenings are a forest: each has at most one parent, an earlier happening. A tree of that forest is a thread.

Writing, in the order of the calls:

- rulings: ``drop_overruled`` keeps what the relate stage found within the operators' rulings; loading and saving these
- ruling_rules: what rulings come to; pure
- assign: ``save_assignments`` moves stories to their happenings
- forest: ``update_threads`` gives happenings their parents and threads
- parents: which earlier happening each one follows up, from links, marks and rulings
- parent_choice: that choice itself; pure
- group_changes: the log of merges and splits

Reading:

- happening_rows: happenings, and which stories belong to them
- group_numbers: which happening or thread a number means, also after merges
- thread_views: threads as readers see them
"""
