"""Readers' marks on follow-ups."""
