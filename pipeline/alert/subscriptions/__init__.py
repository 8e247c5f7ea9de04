"""Subscriptions: checked, declared in a file, stopped by a link."""
