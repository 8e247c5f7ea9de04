"""What the environment and the configuration folder choose for an installation. Nothing is read at import.

variables         the variables of the environment, WIREWATCH_HOME and the others: names, types, meanings
settings          ``Settings``: the variables resolved, with defaults and absolute paths; ``load_settings``
feeds_file        feeds.yaml
lengths_of_time   ``30s``, ``10m``, ``5y``
"""

from pipeline.settings.feeds_file import load_feeds
from pipeline.settings.lengths_of_time import duration, months_kept
from pipeline.settings.settings import ElasticsearchSettings, Settings, SmtpSettings, load_settings

__all__ = [
    "ElasticsearchSettings",
    "Settings",
    "SmtpSettings",
    "duration",
    "load_feeds",
    "load_settings",
    "months_kept",
]
