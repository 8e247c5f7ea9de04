"""Readers' marks on follow-ups.

resolve     marks are resolved to the lineages and copy groups of today, and applied to links
mark_store  marks are saved and taken back: the port ``MarkStore``
"""
