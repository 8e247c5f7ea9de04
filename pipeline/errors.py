"""Every error that Wirewatch raises on purpose; the type says what to do about it.

WirewatchError
|-- UsageError            the caller's mistake: say what and where, exit status 2
|   |-- SettingsError     a bad setting or configuration file (file and line where known)
|   |-- QueryError        a query that cannot be run, with the position in it
|   `-- NotFoundError     no such story, feed or subscription
|-- RetryableError        the world's fault, may pass: the stage fails, its lease runs out, it is done again
|   |-- FetchError        a feed or page that did not answer usefully
|   |-- StoreUnavailable  the database cannot be reached, is locked, or its disk is full
|   |-- TaggingUnavailable  the tagging processes die whatever they are given
|   |-- IndexUnavailable  the search engine cannot be reached or refuses all writes
|   `-- DeliveryError     a channel did not take a message; ``permanent`` parks it at once
`-- ItemError             one item's fault: quarantine it with its reason, go on with the rest
    |-- ParseError        a document or entry that is no story that we can read
    |-- EnrichError       a text that the tagger cannot process
    `-- RejectedByIndex   a document that the engine will never take
"""


class WirewatchError(Exception):
    """The root; its text says what failed, on what, and what to do."""


class UsageError(WirewatchError):
    """The caller asked for something that cannot be; nothing was changed."""


class SettingsError(UsageError):
    """A setting or a configuration file is wrong."""


class QueryError(UsageError):
    """A query is wrong. position: 0-based offset into the query, None if the whole of it is meant."""

    def __init__(self, reason: str, query: str, position: int | None = None) -> None:
        self.reason, self.query, self.position = reason, query, position
        where = "" if position is None else f" at position {position + 1}"
        super().__init__(f"the query {query!r} cannot be run{where}: {reason}")


class NotFoundError(UsageError):
    """Nothing in the store answers to this id, uri or name."""


class RetryableError(WirewatchError):
    """Something outside failed and may recover; no work was recorded as done."""


class FetchError(RetryableError):
    """A feed or a page did not answer usefully. http_status where there was an answer."""

    def __init__(self, message: str, http_status: int | None = None) -> None:
        super().__init__(message)
        self.http_status = http_status


class StoreUnavailable(RetryableError):
    """The database cannot be used now."""


class TaggingUnavailable(RetryableError):
    """No tagging process stays alive: memory, or a broken installation."""


class IndexUnavailable(RetryableError):
    """The search engine cannot be used now."""


class DeliveryError(RetryableError):
    """A channel did not take a message; permanent means that no retry will help."""

    def __init__(self, message: str, permanent: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent


class ItemError(WirewatchError):
    """One item cannot be processed; the rest can."""


class ParseError(ItemError):
    """A document, or an entry of one, is not a story that we can read."""


class EnrichError(ItemError):
    """A text that the tagger cannot process."""


class RejectedByIndex(ItemError):
    """The engine refuses this document for good."""
