"""The connection to a cluster, and its errors in words that say what to do."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar
from urllib.parse import urlsplit, urlunsplit

from elastic_transport import ConnectionTimeout, TlsError, TransportError
from elasticsearch import ApiError, Elasticsearch, UnsupportedProductError

from pipeline.errors import IndexUnavailable, SettingsError
from pipeline.index.elastic.names import Names
from pipeline.settings import ElasticsearchSettings

_T = TypeVar("_T")

CHANGING = (404, 503)
"""Statuses of an answer that missed an index or a shard since it had just been removed."""

_TRIES = 5
_FIRST_PAUSE = 0.1  # seconds; doubled each time
_LONGEST_REASON = 300  # characters of one cause: some show the whole document
_DISK_FULL = "its disk is nearly full and it takes no writes: free space; the block goes by itself, or remove it"
_ADVICE = {
    401: "it does not accept our credentials: check WIREWATCH_ELASTICSEARCH_API_KEY, or user and password in the URL",
    403: "our account may not do this: it needs manage_index_templates, and read, write and manage on wire-*",
    413: "a request was larger than it takes: raise http.max_content_length",
    429: "it has more to do than it can: try again, or give it more memory",
    502: "the proxy before it does not reach it: try again",
    503: "it is starting, or some of its shards are missing: look at its health and try again",
}


class Changed(Exception):
    """A part of an answer is missing, since indices changed while it was made."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


class Cluster:
    """One client, the names in use, and the address that errors name. Safe for several threads.

    Args:
        settings: the address, and how to sign in.
        names: of indices, aliases and templates.
        patience: seconds that an answer may take; a bulk request may take twice as long.
        pause: waits for so many seconds.
    """

    def __init__(
        self, settings: ElasticsearchSettings, names: Names, patience: float, pause: Callable[[float], None]
    ) -> None:
        self.names = names
        self.pause = pause
        parts = urlsplit(settings.url)
        self.address = urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))
        self.client = _client(settings, self.address, patience)
        self.bulk_client = self.client.options(request_timeout=2 * patience, max_retries=0)

    @contextmanager
    def explained(self, doing: str) -> Iterator[None]:
        """Turn what the client raises into IndexUnavailable.

        Args:
            doing: what was being done, for the message.
        """
        try:
            yield
        except UnsupportedProductError as error:
            raise IndexUnavailable(f"what answers at {self.address} is not Elasticsearch; check the URL") from error
        except ApiError as error:
            raise self.unavailable(doing, error.status_code, reason(error.body)) from error
        except TlsError as error:
            advice = "if its certificate comes from a private authority, name that in WIREWATCH_ELASTICSEARCH_CA"
            raise IndexUnavailable(f"no safe connection to {self.address} ({doing}): {error}; {advice}") from error
        except ConnectionTimeout as error:
            raise IndexUnavailable(f"{self.address} did not answer in time ({doing}): {error}; try again") from error
        except TransportError as error:
            advice = "check that it runs and that WIREWATCH_ELASTICSEARCH_URL is its address"
            raise IndexUnavailable(f"{self.address} cannot be reached ({doing}): {error}; {advice}") from error

    def with_retries(self, doing: str, ask: Callable[[], _T]) -> _T:
        """Ask something of indices that may be swapped or dropped meanwhile; ask again if they were.

        Args:
            doing: what is being done, for messages.
            ask: asks it.
        """
        for attempt in range(_TRIES):
            with self.explained(doing):
                try:
                    return ask()
                except ApiError as error:
                    if error.status_code not in CHANGING or attempt + 1 == _TRIES:
                        raise
                except Changed as changed:
                    if attempt + 1 == _TRIES:
                        raise self.unavailable(doing, changed.status, changed.reason) from changed
            self.pause(_FIRST_PAUSE * 2**attempt)
        raise AssertionError("the last try returns or raises")

    def unavailable(self, doing: str, status: int, reason: str) -> IndexUnavailable:
        """The error for a refusal, with advice."""
        advice = _ADVICE.get(status, "look into its log")
        if "flood-stage" in reason or "read-only" in reason:
            advice = _DISK_FULL
        elif "maximum normal shards open" in reason or "maximum shards open" in reason:
            advice = "raise cluster.max_shards_per_node, add a node, or drop old months"
        elif "strict_dynamic_mapping" in reason:
            advice = "an index was made with another mapping: run `wirewatch reindex`"
        return IndexUnavailable(f"Elasticsearch at {self.address} refused ({doing}, {status}): {reason}; {advice}")

    def close(self) -> None:
        """Give the connections back."""
        self.client.close()


def reason(body: Any) -> str:
    """The text of a refusal, down to its cause: ``type: reason``, each once."""
    error = body.get("error", body) if isinstance(body, dict) else body
    if not isinstance(error, dict):
        return str(error)[:500]
    causes = list[str]()
    while isinstance(error, dict):
        causes.append(f"{error.get('type', 'error')}: {str(error.get('reason', 'no reason given'))[:_LONGEST_REASON]}")
        shards = error.get("failed_shards") or [{}]
        error = error.get("caused_by") or shards[0].get("reason")
    return "; ".join(dict.fromkeys(causes))[:1_000]


def kind(body: Any) -> str:
    """The type of a refusal's outermost error, such as index_not_found_exception."""
    error = body.get("error", {}) if isinstance(body, dict) else {}
    return str(error.get("type", "")) if isinstance(error, dict) else ""


def is_missing(body: Any, alias: str) -> bool:
    """Whether a refusal says that there is no such alias: nothing was ever written."""
    return kind(body) == "index_not_found_exception" and body["error"].get("index") == alias


def _client(settings: ElasticsearchSettings, address: str, patience: float) -> Elasticsearch:
    parts = urlsplit(settings.url)
    port = parts.port or {"https": 443, "http": 80}[parts.scheme]
    netloc = parts.netloc if parts.port else f"{parts.netloc}:{port}"
    options: dict[str, Any] = {"request_timeout": patience, "retry_on_status": ()}
    if settings.api_key is not None:
        options["api_key"] = settings.api_key
        netloc = netloc.rpartition("@")[2]
    try:
        if settings.ca is not None and parts.scheme == "https":
            options["ssl_context"] = ssl.create_default_context(cafile=settings.ca)
        return Elasticsearch(urlunsplit((parts.scheme, netloc, parts.path, "", "")), **options)
    except (ValueError, OSError) as error:
        trusted = f" with the authority in {settings.ca}" if settings.ca is not None else ""
        raise SettingsError(f"Elasticsearch at {address} cannot be asked{trusted}: {error}") from error
