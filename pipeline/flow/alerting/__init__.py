"""Subscriptions and what was sent to whom."""
