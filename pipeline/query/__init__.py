"""The query language: what readers type and subscriptions store, checked once and translated by both engines."""

from pipeline.query.parse import parse_query

__all__ = ["parse_query"]
