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

A group's class and module have the group's name: ``wirewatch.threads`` is ``Threads`` in ``threads.py``. Beside them:

    wirewatch          the object that holds the groups
    intake             what feeds and stories share: parsed items into the store, or into quarantine
    teasers            feeds whose entries are only teasers: the text is on the page that an entry links to
    feed_health        whether a feed is well, silent, failing or gone
    story_history      what each take of a story changed, and what of it may be read
    workers            the name under which a process claims work
    unsubscribe_links  the addresses in messages at which readers unsubscribe
"""
