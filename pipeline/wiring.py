"""The adapters that the settings ask for, each opened when it is first needed."""

from functools import cached_property
from typing import TYPE_CHECKING

from pipeline.ports import Channel, Clock, FeedBoard, SearchIndex, Store, Tagger
from pipeline.settings import Settings

if TYPE_CHECKING:
    from pipeline.fetch import HttpClient, WebhookClient
    from pipeline.relate import FollowUpFinder
    from pipeline.relate.ranking.weights import Weights


class Adapters:
    """Everything outside of the process, and what is expensive to load.

    Attributes:
        settings: What decides which adapters are opened.
        clock: The time.
        processes: How many processes tag; those of the settings unless given.
    """

    def __init__(self, settings: Settings, clock: Clock, processes: int | None = None) -> None:
        self.settings = settings
        self.clock = clock
        self.processes = processes or settings.processes

    @cached_property
    def store(self) -> Store:
        """SQLite in the home, or PostgreSQL."""
        from pipeline.store import open_store

        return open_store(self.settings.database_url, self.clock)

    @cached_property
    def index(self) -> SearchIndex:
        """Elasticsearch where its URL is set, else the embedded engine in the home."""
        if self.settings.elasticsearch is not None:
            from pipeline.index.elastic import open_elastic

            return open_elastic(self.settings.elasticsearch, self.clock)
        from pipeline.index.embedded import open_embedded

        return open_embedded(self.settings.index_folder, self.clock)

    @cached_property
    def feed_board(self) -> FeedBoard | None:
        """Where operators see how the feeds are doing; None where there is no cluster, and so no Kibana."""
        if self.settings.elasticsearch is None:
            return None
        from pipeline.index.elastic import open_feed_board

        return open_feed_board(self.settings.elasticsearch)

    @cached_property
    def tagger(self) -> Tagger:
        """The configured spaCy pipeline with the gazetteer and the embedder."""
        from pipeline.enrich import build_tagger

        return build_tagger(
            self.settings.spacy_model,
            gazetteer=self.settings.gazetteer,
            embedder=self.settings.embedder,
            processes=self.processes,
        )

    @cached_property
    def weights(self) -> "Weights | None":
        """The ranking weights that the settings name; None for the shipped ones.

        Raises:
            SettingsError: The file cannot be read.
        """
        if self.settings.weights is None:
            return None
        from pipeline.relate.ranking.weights import load_weights

        return load_weights(self.settings.weights)

    @cached_property
    def followup_finder(self) -> "FollowUpFinder":
        """Ranks follow-ups of stories; kept, since it remembers the features that it has read."""
        from pipeline.relate import FollowUpFinder

        return FollowUpFinder(self.store, self.index, self.weights)

    @cached_property
    def http_client(self) -> "HttpClient":
        """The HTTP client for feeds; behind a proxy where HTTPS_PROXY and its like name one."""
        from pipeline.fetch import HttpClient, environment_proxies

        return HttpClient(credentials=self.settings.credentials, proxies=environment_proxies())

    @cached_property
    def webhook_client(self) -> "WebhookClient":
        """The HTTP client for webhooks; private addresses are refused."""
        from pipeline.fetch import WebhookClient, environment_proxies

        return WebhookClient(hosts=self.settings.webhook_hosts, proxies=environment_proxies())

    def channel(self, url: str) -> Channel:
        """The channel that a subscription's URL names.

        Raises:
            UsageError: No channel has such a URL.
        """
        from pipeline.alert import open_channel

        return open_channel(
            url, self.settings.home, self.settings.smtp, self.settings.webhook_secret, self.webhook_client
        )

    def close(self) -> None:
        """Close what was opened, the tagger's processes too. An adapter that is used after this is opened again."""
        opened = self.__dict__
        opened.pop("followup_finder", None)
        for name in ("http_client", "tagger", "index", "feed_board", "store"):
            adapter = opened.pop(name, None)
            if adapter is not None:
                adapter.close()
