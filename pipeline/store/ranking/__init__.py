"""What ranking reads of stories, and how common their labels are.

- ranking_rows: the statements that read many stories at once (heads, sketches, outlines), and how rows are decoded
- document_frequencies: in how many lineages a label occurs, kept up to date as winning takes change

Both are read through the adapter (``adapters/relation_store.py``), which keeps decoded outlines in memory.
"""
