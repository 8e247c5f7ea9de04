"""Fetch: which feeds are due, asked politely and safely; drop folders where agencies deliver files.

fetch_feed        one feed, many feeds, the article pages of teaser feeds; what an answer means
schedule          when a feed is due, what to ask, its state afterwards: pure decisions
drop_folder       files instead of HTTP
http_client       a conditional GET with limits, redirects, credentials
webhook_client    POST to webhooks, under the same guard
transport         one request over kept connections or a proxy -> guarded_network: sockets, addresses, deadlines
decode_body       gzip, deflate, Brotli and Zstandard within limits
"""

from pipeline.fetch.drop_folder import DropFolder, PutAway
from pipeline.fetch.fetch_feed import (
    FetchedFeed,
    as_failed,
    failed_fetch,
    fetch_article,
    fetch_batch,
    fetch_feed,
    with_counts,
    without_validators,
)
from pipeline.fetch.http_client import HttpClient, Limits, Response
from pipeline.fetch.proxies import Proxies, environment_proxies
from pipeline.fetch.schedule import is_due
from pipeline.fetch.webhook_client import WebhookClient

__all__ = [
    "DropFolder",
    "FetchedFeed",
    "HttpClient",
    "Limits",
    "Proxies",
    "PutAway",
    "Response",
    "WebhookClient",
    "as_failed",
    "environment_proxies",
    "failed_fetch",
    "fetch_article",
    "fetch_batch",
    "fetch_feed",
    "is_due",
    "with_counts",
    "without_validators",
]
