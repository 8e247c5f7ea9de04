"""Copies: takes of different publishers that carry the same text, and the groups that they form.

- lsh: the keys under which takes with similar signatures meet; pure
- candidates: takes that may be copies of a take; the relate stage decides whether they are (``relate/copies.py``)
- grouping: the groups that confirmed pairs form; pure
- copy_groups: ``update_copy_groups`` reads the confirmed pairs around some lineages and writes their groups
"""
