"""Kibana's assets, generated from their sources and imported into a running Kibana."""

from collections.abc import Mapping

from pipeline.errors import SettingsError
from pipeline.index.elastic.kibana import push, read_source, saved_objects, to_ndjson
from pipeline.wiring import Adapters


class Kibana:
    """Kibana's data views, saved searches and dashboards."""

    def __init__(self, adapters: Adapters) -> None:
        self._settings = adapters.settings

    def push(self, url: str | None = None, choices: Mapping[str, str | int] | None = None) -> tuple[int, int]:
        """Import the assets into Kibana, over what is there of them. Those of the configuration replace shipped ones.

        Args:
            url: Kibana's address; by default the one of the settings.
            choices: What the sample searches look for, by name: ``{"story": 215}``.

        Returns:
            How many objects were imported, and how many of them replaced others.

        Raises:
            SettingsError: Neither ``url`` nor the settings name an address, or the assets' source has mistakes.
            IndexUnavailable: Kibana does not answer, or refuses them.
        """
        address = url or self._settings.kibana_url
        if address is None:
            raise SettingsError("where is Kibana? Give its URL, or set WIREWATCH_KIBANA_URL")
        source = read_source(choices=choices or {}, overlay=self._settings.config / "kibana")
        pushed = push(address, to_ndjson(saved_objects(source)), ca=self._settings.kibana_ca)
        return len(pushed.imported), len(pushed.overwritten)
