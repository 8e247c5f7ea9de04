"""Reading stories, and what is kept of them.

- load: takes, enrichments and lineage records, many at a time
- lookup: lineages by id, uri or page
- retention: from which month on the index and the texts are kept
- export: the whole store as rows
- teasers: which teasers' pages are stored
"""
