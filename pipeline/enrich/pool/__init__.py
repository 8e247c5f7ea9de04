"""Tagging in several processes."""
