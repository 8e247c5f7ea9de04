"""Subscriptions, what matched them, what keeps them from working, and the outbox.

- subscriptions: saving, changing and ending them
- matches: which stories met which subscription, and what was sent of them
- problems: queries that cannot be run, channels that take nothing
- outbox: lines to send, claimed message by message
- rows: rows of these tables as the models have them
"""
