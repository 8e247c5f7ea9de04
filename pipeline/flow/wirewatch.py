"""``Wirewatch``: an installation of Wirewatch as one object, for programs, the command line and the DAGs."""

from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Self

from pipeline.clock import SystemClock
from pipeline.ports import Clock
from pipeline.settings import Settings, load_settings
from pipeline.wiring import Adapters

if TYPE_CHECKING:
    from pipeline.flow.alerting.alerts import Alerts
    from pipeline.flow.alerting.subscriptions import Subscriptions
    from pipeline.flow.ingest.feeds import Feeds
    from pipeline.flow.judging.entities import Entities
    from pipeline.flow.judging.marks import Marks
    from pipeline.flow.judging.threads import Threads
    from pipeline.flow.judging.training import Training
    from pipeline.flow.operating.kibana import Kibana
    from pipeline.flow.operating.quarantine import Quarantine
    from pipeline.flow.operating.retention import Retention
    from pipeline.flow.reading.dossiers import Dossiers
    from pipeline.flow.reading.stories import Stories
    from pipeline.flow.stages import Stages


class Wirewatch:
    """An installation: its store, its search index, its settings, and everything that can be done with them.

    What can be done is grouped by what it is about: ``wirewatch.stories.search(...)``, ``wirewatch.threads.read(...)``.
    A group, and what it needs of databases, engines and models, is loaded when it is first used. Several processes may
    each have such an object on the same installation.

    Use it as a context manager, or call ``close``: the tagger's processes and all connections end with it.

    Any method raises ``pipeline.errors.StoreUnavailable`` or ``IndexUnavailable`` when the database or the search
    engine does not answer; its own errors are named in its docstring.

    Attributes:
        adapters: The store, the index and whatever else it works with: for tests, and for what no group offers. What
            is below them may change with any version.
    """

    def __init__(self, adapters: Adapters) -> None:
        self.adapters = adapters

    @classmethod
    def open(cls, settings: Settings | None = None, clock: Clock | None = None, processes: int | None = None) -> Self:
        """Open an installation. Nothing is connected to, or loaded, before it is used.

        Args:
            settings: By default those of the environment, ``WIREWATCH_HOME`` and the others.
            clock: By default the machine's; tests choose the time with their own.
            processes: How many processes tag; by default as many as the settings say.

        Raises:
            SettingsError: A variable of the environment has a value that cannot be.
        """
        return cls(Adapters(settings or load_settings(), clock or SystemClock(), processes))

    @property
    def settings(self) -> Settings:
        """The settings that it was opened with."""
        return self.adapters.settings

    @property
    def clock(self) -> Clock:
        """Where it takes the time from."""
        return self.adapters.clock

    @cached_property
    def feeds(self) -> "Feeds":
        """Feeds and drop folders: fetched, and how they are doing."""
        from pipeline.flow.ingest.feeds import Feeds

        return Feeds(self.adapters)

    @cached_property
    def stories(self) -> "Stories":
        """Stories: imported from files, searched, read, followed up, exported."""
        from pipeline.flow.reading.stories import Stories

        return Stories(self.adapters)

    @cached_property
    def stages(self) -> "Stages":
        """The stages after ingest: enrich, relate, index, match, deliver; and rebuilding the index."""
        from pipeline.flow.stages import Stages

        return Stages(self.adapters)

    @cached_property
    def dossiers(self) -> "Dossiers":
        """A story's whole affair as one document."""
        from pipeline.flow.reading.dossiers import Dossiers

        return Dossiers(self.adapters)

    @cached_property
    def threads(self) -> "Threads":
        """Happenings and threads, and operators' rulings on them."""
        from pipeline.flow.judging.threads import Threads

        return Threads(self.adapters)

    @cached_property
    def marks(self) -> "Marks":
        """Readers' marks: which follow-ups are right, which are wrong."""
        from pipeline.flow.judging.marks import Marks

        return Marks(self.adapters)

    @cached_property
    def entities(self) -> "Entities":
        """Entities across stories, operators' decisions about who is who, and tagging stored stories again."""
        from pipeline.flow.judging.entities import Entities

        return Entities(self.adapters)

    @cached_property
    def subscriptions(self) -> "Subscriptions":
        """Subscriptions: made, previewed, changed, paused, ended."""
        from pipeline.flow.alerting.subscriptions import Subscriptions

        return Subscriptions(self.adapters)

    @cached_property
    def alerts(self) -> "Alerts":
        """What was matched, and what was sent."""
        from pipeline.flow.alerting.alerts import Alerts

        return Alerts(self.adapters)

    @cached_property
    def quarantine(self) -> "Quarantine":
        """What could not be processed, and another try of it."""
        from pipeline.flow.operating.quarantine import Quarantine

        return Quarantine(self.adapters)

    @cached_property
    def retention(self) -> "Retention":
        """How far back the index goes."""
        from pipeline.flow.operating.retention import Retention

        return Retention(self.adapters)

    @cached_property
    def kibana(self) -> "Kibana":
        """Kibana's data views, saved searches and dashboards."""
        from pipeline.flow.operating.kibana import Kibana

        return Kibana(self.adapters)

    @cached_property
    def training(self) -> "Training":
        """Training the ranking on judged follow-ups."""
        from pipeline.flow.judging.training import Training

        return Training(self.adapters)

    def close(self) -> None:
        """End the tagger's processes and close all connections. What is used after this is opened again."""
        self.adapters.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
