"""Every error that Wirewatch raises on purpose.

The type of an error says what is to be done about it::

WirewatchError
|-- UsageError              the caller made a mistake: say what and where, exit status 2
|   |-- SettingsError       a setting or a configuration file is wrong (file and line where known)
|   |-- QueryError          a query cannot be run, with the position in it
|   `-- NotFoundError       there is no such story, feed or subscription
|-- RetryableError          something outside failed and may recover: the batch is given back and done again
|   |-- FetchError          a feed or a page did not answer usefully
|   |-- StoreUnavailable    the database cannot be reached, is locked, or its disk is full
|   |-- TaggingUnavailable  the tagging processes die whatever they are given
|   |-- IndexUnavailable    the search engine cannot be reached, or refuses all writes
|   `-- DeliveryError       a channel did not take a message
`-- ItemError               one item cannot be processed: quarantine it with its reason, go on with the rest
    |-- ParseError          a document, or an entry of one, is no story that can be read
    |-- EnrichError         the tagger cannot process a text
    `-- RejectedByIndex     the search engine will never take a document
"""


class WirewatchError(Exception):
    """The root. Its text says what failed, on what, and what to do."""


class UsageError(WirewatchError):
    """The caller asked for something that cannot be; nothing was changed."""


class SettingsError(UsageError):
    """A setting or a configuration file is wrong."""


class QueryError(UsageError):
    """A query is wrong.

    Attributes:
        reason: What is wrong with it.
        query: The query as it was written.
        position: Where in the query, from 0; None if all of it is meant.
    """

    def __init__(self, reason: str, query: str, position: int | None = None) -> None:
        self.reason, self.query, self.position = reason, query, position
        where = "" if position is None else f" at position {position + 1}"
        super().__init__(f"the query {query!r} cannot be run{where}: {reason}")


class NotFoundError(UsageError):
    """Nothing in the store has this id, uri or name."""


class RetryableError(WirewatchError):
    """Something outside failed and may recover; no work was recorded as done."""


class FetchError(RetryableError):
    """A feed or a page did not answer usefully.

    Attributes:
        http_status: None where there was no answer at all.
    """

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
    """A channel did not take a message.

    Attributes:
        permanent: Whether no retry will help: the delivery is given up.
    """

    def __init__(self, message: str, permanent: bool = False) -> None:
        super().__init__(message)
        self.permanent = permanent


class ItemError(WirewatchError):
    """One item cannot be processed; the rest can."""


class ParseError(ItemError):
    """A document, or an entry of one, is no story that can be read."""


class EnrichError(ItemError):
    """A text that the tagger cannot process."""


class RejectedByIndex(ItemError):
    """The engine refuses this document for good."""
