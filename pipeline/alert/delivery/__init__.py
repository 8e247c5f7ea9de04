"""Emptying the outbox into channels, on each subscription's schedule."""
