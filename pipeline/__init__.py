"""Wirewatch: wire stories fetched, tagged, indexed and followed up.

The walk: fetch -> parse -> store -> enrich -> relate -> index -> alert. ``flow`` shows it on one screen.
"""
