"""The store's ports, one class per port. A method opens the transaction; what it does there is in the other packages.

- story_store: ``StoryStore``; work_queue: ``WorkQueue``; feed_store: ``FeedStore``
- relation_store: ``RelationStore``; thread_store: ``ThreadStore``; mark_store: ``MarkStore``
- entity_store: ``EntityStore``; alert_store: ``AlertStore``
"""
