"""The methods of ``Wirewatch``, grouped by what they are about; the only package that knows every stage.

    feeds     due feeds, drop folders        -> fetch -> parse -> store.add          stories
    stories   files and folders              ->          parse -> store.add          stories
    stages.enrich    untagged takes                  -> tagger -> store              entities, terms, vectors
    stages.relate    tagged takes, oldest first      -> candidates, ranking, copies  links
    stages.index     lineages that changed           -> documents -> engine          search
    stages.match     takes that are searchable       -> subscriptions -> outbox      matches
    stages.deliver   outbox lines that are due       -> channels                     messages

Every stage claims work with a lease, does it, and records the outcome in one transaction: a run that dies anywhere is
finished by the next one. Stages hand each other ids through the store, never payloads.

A group's class and module have the group's name: ``wirewatch.threads`` is ``Threads`` in ``judging/threads.py``.

wirewatch     the object that holds the groups
stages        the stages after ingest, and the walk through all of them
workers       the name under which a process claims work
ingest        feeds; beside it intake (parsed items into the store, or into quarantine), teasers, feed_health
reading       stories, dossiers; beside them story_history: what each take of a story changed
judging       marks, threads, entities, training
alerting      subscriptions, alerts; beside them unsubscribe_links
operating     quarantine, retention, kibana
"""
