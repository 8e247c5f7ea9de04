"""Readers' marks on follow-ups.

- resolve: marks are resolved to the lineages and copy groups of today, and applied to links

Marks are saved and taken back by the adapter (``adapters/mark_store.py``).
"""
