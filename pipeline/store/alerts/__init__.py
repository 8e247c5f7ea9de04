"""Subscriptions, matches and the outbox."""
