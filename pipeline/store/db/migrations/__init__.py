"""The store's schema, step by step; run by ``pipeline.store.db.open_database`` only."""
