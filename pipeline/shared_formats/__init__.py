"""Formats of data that more than one stage reads or writes.

- sketch: what ranking counts of a story, packed into bytes: written when a take is tagged, read when they are ranked
- qrels: judgements of follow-ups as TREC writes them: read by training and evaluation, written from readers' marks
"""
