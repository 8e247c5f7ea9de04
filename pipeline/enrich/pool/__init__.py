"""Tagging in several processes.

- ``pooled_tagger``: the tagger, which shares takes out among workers and bisects a chunk that kills one.
- ``worker``: the program that a worker runs. ``ipc``: how the two talk.
"""
