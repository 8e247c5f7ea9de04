"""The Elasticsearch engine: monthly indices behind two aliases, the same answers as the embedded one.

    wire-stories              alias: usable stories only; what readers and Kibana search
    wire-stories-all          alias: every document, also the blanks of withdrawn and withheld stories
    wire-stories-2017.11      an index; wire-stories-2017.11-r2 after the first rebuild; wire-stories-undated
    wire-stories-next         alias: the indices that a rebuild fills, until one request puts them in the others' place
    wire-feeds                how the feeds are doing, for Kibana
    wire-queries-*            stored alert queries, where the cluster has a percolator
    wire-batches              a batch of stories while stored queries run on it, where it has none

The document of a lineage has its number as ``_id`` and the store's revision as external version, so that writes may
come in any order and more than once. Needs Elasticsearch 8.7 or newer; matching alone works on 7.17 too.

An account needs the cluster privilege ``manage_index_templates``, and ``read``, ``write`` and ``manage`` on ``wire-*``.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.index.elastic.engine import ElasticIndex
    from pipeline.index.elastic.feed_board import ElasticFeedBoard
    from pipeline.ports import Clock
    from pipeline.settings import ElasticsearchSettings


def open_elastic(settings: "ElasticsearchSettings", clock: "Clock", prefix: str = "wire") -> "ElasticIndex":
    """The cluster at an address; asked nothing before it is used.

    clock: what ``now`` in a query means. prefix: of all names, where several installations share a cluster. The client
    is loaded when this is called. Raises SettingsError for an address or certificate that can't be used.
    """
    from pipeline.index.elastic.engine import ElasticIndex

    return ElasticIndex(settings, clock, prefix)


def open_feed_board(settings: "ElasticsearchSettings", prefix: str = "wire") -> "ElasticFeedBoard":
    """Where Kibana's readers see how the feeds are doing. Raises SettingsError as ``open_elastic`` does."""
    from pipeline.index.elastic.feed_board import ElasticFeedBoard

    return ElasticFeedBoard(settings, prefix)
