"""Builds the adapters that Settings ask for, each when it is first needed."""

import os
import secrets
import socket
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

import psutil

from pipeline.clock import SystemClock
from pipeline.errors import SettingsError
from pipeline.models import Delivery
from pipeline.ports import Channel, Clock, FeedBoard, SearchIndex, Store, Tagger
from pipeline.settings import Settings, load_settings

if TYPE_CHECKING:
    from pipeline.fetch import Client, Poster
    from pipeline.relate import Reader
    from pipeline.relate.ranking.weights import Weights


class Parts:
    """The walk's adapters. A context manager: leaving it gives every handle back."""

    def __init__(self, settings: Settings, clock: Clock, processes: int | None = None) -> None:
        self.settings = settings
        self.clock = clock
        self.processes = processes or settings.processes
        self.worker = _name(psutil.Process())

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
        """The ranking weights that the settings name; None for the shipped ones. Raises SettingsError."""
        if self.settings.weights is None:
            return None
        from pipeline.relate.ranking.weights import load_weights

        return load_weights(self.settings.weights)

    @cached_property
    def reader(self) -> "Reader":
        """Answers questions about stories; kept, since it remembers what it has compared."""
        from pipeline.relate import Reader

        return Reader(self.store, self.index, self.weights)

    @cached_property
    def fetcher(self) -> "Client":
        """The HTTP client for feeds."""
        from pipeline.fetch import Client

        return Client(credentials=self.settings.credentials)

    @cached_property
    def poster(self) -> "Poster":
        """The HTTP client for webhooks; private addresses are refused."""
        from pipeline.fetch import Poster

        return Poster(hosts=self.settings.webhook_hosts)

    def channel(self, url: str) -> Channel:
        """The channel that a subscription's URL names. Raises UsageError for one that can't be."""
        from pipeline.alert import open_channel

        return open_channel(url, self.settings.home, self.settings.smtp, self.settings.webhook_secret, self.poster)

    def check_channel(self, url: str) -> None:
        """Look whether a channel can be had. Raises UsageError: it cannot be, or its host is unknown or private."""
        from pipeline.alert import check_channel

        self.channel(url)
        check_channel(url, self.poster)

    @cached_property
    def link_secret(self) -> str:
        """What signs the addresses to unsubscribe at: the setting, or a key made once and kept in the home."""
        return self.settings.link_secret or _kept_key(self.settings.home / "link.key")

    def unsubscribe_url(self, delivery: Delivery) -> str | None:
        """Where the reader of a message stops it; None for a program."""
        from pipeline.alert import unsubscribe_address

        sender = self.settings.smtp.sender if self.settings.smtp is not None else None
        return unsubscribe_address(delivery, self.settings.public_url, self.link_secret, sender)

    def push_kibana(self, url: str | None, choices: Mapping[str, str | int]) -> tuple[int, int]:
        """Import the Kibana assets, the configuration's over the shipped ones: how many, and how many replaced others.

        url: else the setting. choices: what the sample searches look for, by name. Raises SettingsError without a url.
        """
        address = url or self.settings.kibana_url
        if address is None:
            raise SettingsError("where is Kibana? Give its URL, or set WIREWATCH_KIBANA_URL")
        from pipeline.index.elastic.kibana import push, read_source, saved_objects, to_ndjson

        source = read_source(choices=choices, overlay=self.settings.config / "kibana")
        pushed = push(address, to_ndjson(saved_objects(source)), ca=self.settings.kibana_ca)
        return len(pushed.imported), len(pushed.overwritten)

    def close(self) -> None:
        """Give back what was opened; what is asked for after this is opened anew."""
        self.__dict__.pop("reader", None)
        for name in ("index", "feed_board", "store"):
            opened = self.__dict__.pop(name, None)
            if opened is not None:
                opened.close()

    def __enter__(self) -> "Parts":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_parts(settings: Settings | None = None, clock: Clock | None = None, processes: int | None = None) -> Parts:
    """Parts for these settings (by default the environment's); nothing is opened before it is used."""
    return Parts(settings or load_settings(), clock or SystemClock(), processes)


def _kept_key(path: Path) -> str:
    """The key in a file that only its owner can read; made by whichever process comes first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        handle, name = tempfile.mkstemp(prefix=".link.", dir=path.parent)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(32))
        with suppress(FileExistsError):
            os.link(name, path)
        os.unlink(name)
    return path.read_text(encoding="ascii").strip()


def is_alive(worker: str) -> bool:
    """Whether the process that a worker's name stands for still runs; one of another machine is taken to."""
    host, pid, _ = worker.rsplit("/", 2)
    if host != socket.gethostname():
        return True
    try:
        return _name(psutil.Process(int(pid))) == worker
    except psutil.NoSuchProcess:
        return False


def _name(process: psutil.Process) -> str:
    """Host, process id and start: the start tells a process from an earlier one with the same id."""
    return f"{socket.gethostname()}/{process.pid}/{process.create_time():.2f}"
