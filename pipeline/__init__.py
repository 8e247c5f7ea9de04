"""Wirewatch: wire stories fetched, tagged, indexed, followed up and sent to whoever asked for them.

``Wirewatch`` is the way in for programs; the command line and the Airflow DAGs use it as well::

    from pipeline import Wirewatch

    with Wirewatch.open() as wirewatch:
        wirewatch.stories.import_paths(["deal.txt"])
        wirewatch.stages.run()
        answer = wirewatch.stories.followups("1")

The packages, from the outside in:

    cli, evaluate     what people run; they use ``Wirewatch`` and nothing below it
    flow              the methods of ``Wirewatch``: the only package that knows every stage
    wiring            opens the adapters that the settings ask for
    fetch, parse, store, enrich, relate, index, alert    the stages; none of them knows another one
    ports, models, query, wire, text, settings, errors   what all of them share

Importing this package is cheap: each public name is loaded when it is first used.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipeline.flow.alerting.subscriptions import Preview, Subscribed, quiet_hours
    from pipeline.flow.ingest.intake import Ingested
    from pipeline.flow.judging.entities import EntityProfile
    from pipeline.flow.judging.marks import ExportedMarks
    from pipeline.flow.judging.training import TrainingExamples, fit_weights
    from pipeline.flow.operating.quarantine import Replayed
    from pipeline.flow.operating.retention import DroppedMonths
    from pipeline.flow.reading.dossiers import Dossier
    from pipeline.flow.reading.stories import FollowUps, RankedStory
    from pipeline.flow.reading.story_history import FieldChange, Paragraph, Piece, StoryHistory, StoryVersion
    from pipeline.flow.stages import Reindexed
    from pipeline.flow.wirewatch import Wirewatch

__version__ = "0.1.0"  # the only place that says so

__all__ = [
    "Dossier",
    "DroppedMonths",
    "EntityProfile",
    "ExportedMarks",
    "FieldChange",
    "FollowUps",
    "Ingested",
    "Paragraph",
    "Piece",
    "Preview",
    "RankedStory",
    "Reindexed",
    "Replayed",
    "StoryHistory",
    "StoryVersion",
    "Subscribed",
    "TrainingExamples",
    "Wirewatch",
    "__version__",
    "fit_weights",
    "quiet_hours",
]

_MODULES = {
    "reading.dossiers": ("Dossier",),
    "judging.entities": ("EntityProfile",),
    "ingest.intake": ("Ingested",),
    "judging.marks": ("ExportedMarks",),
    "operating.quarantine": ("Replayed",),
    "operating.retention": ("DroppedMonths",),
    "stages": ("Reindexed",),
    "reading.stories": ("FollowUps", "RankedStory"),
    "reading.story_history": ("FieldChange", "Paragraph", "Piece", "StoryHistory", "StoryVersion"),
    "alerting.subscriptions": ("Preview", "Subscribed", "quiet_hours"),
    "judging.training": ("TrainingExamples", "fit_weights"),
    "wirewatch": ("Wirewatch",),
}
_MODULE_OF = {name: f"pipeline.flow.{module}" for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(import_module(_MODULE_OF[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
