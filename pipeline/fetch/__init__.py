"""Fetch: what is due, asked politely and safely; drop folders where agencies deliver files."""

from pipeline.fetch.drop_folder import DropFolder, Settled
from pipeline.fetch.fetch import Fetched, failed, fetch_article, fetch_batch, fetch_feed, incomplete, noted, unusable
from pipeline.fetch.http import Client, Limits, Response
from pipeline.fetch.post import Poster
from pipeline.fetch.schedule import is_due

__all__ = [
    "Client",
    "DropFolder",
    "Fetched",
    "Limits",
    "Poster",
    "Response",
    "Settled",
    "failed",
    "fetch_article",
    "fetch_batch",
    "fetch_feed",
    "incomplete",
    "is_due",
    "noted",
    "unusable",
]
