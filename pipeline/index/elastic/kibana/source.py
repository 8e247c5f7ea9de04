"""The readable source of the assets, checked as it is read: ``objects/*.yaml`` -> ``Source``.

A file of the same name in the user's folder stands in the place of a shipped one; further dashboards are added.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from pipeline.errors import SettingsError

_PLACEHOLDER = re.compile(r"\$\{(\w+)\}")
SHIPPED = Path(__file__).parent / "objects"  # what comes with Wirewatch
_GRID_WIDTH = 48  # Kibana's dashboards are that many columns wide


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class DataView(_Entry):
    """A data view.

    Attributes:
        id: of the saved object.
        index: the indices that it covers.
        name: as shown.
        time: the date field that Kibana's time range works on; None to show everything at all times.
        hide: fields that are kept out of Discover.
        formats: field -> Kibana's own field format.
    """

    id: str
    index: str
    name: str
    time: str | None = None
    hide: tuple[str, ...] = ()
    formats: dict[str, dict[str, Any]] = {}


class Search(_Entry):
    """A saved search; its query is in Lucene syntax, ``sort`` is a field and ``asc`` or ``desc``."""

    id: str
    title: str
    description: str
    view: str
    query: str = ""
    columns: tuple[str, ...]
    sort: tuple[str, Literal["asc", "desc"]]


class Buckets(_Entry):
    """What a chart is broken down by: intervals of a date field, or the top values of another one.

    by: the name of the measure that makes a value a top one; the first measure unless given.
    """

    name: str
    dates: str | None = None
    top: str | None = None
    size: Annotated[int, Field(ge=1, le=1000)] = 10
    number: bool = False
    by: str | None = None

    @model_validator(mode="after")
    def _one_kind(self) -> "Buckets":
        if (self.dates is None) == (self.top is None):
            raise ValueError("give either dates or top")
        return self


class Measure(_Entry):
    """What a chart shows.

    Attributes:
        name: as shown.
        measure: how the field's values are combined; ``last`` is the value in the document with the newest ``newest``.
        of: the field; none for a count.
        newest: a date field.
        only: a Lucene query that narrows what is measured.
        date: the value is a date, not a number.
    """

    name: str
    measure: Literal["count", "max", "average", "sum", "unique_count", "last"]
    of: str | None = None
    newest: str | None = None
    only: str | None = None
    date: bool = False

    @model_validator(mode="after")
    def _complete(self) -> "Measure":
        if (self.measure == "count") != (self.of is None):
            raise ValueError("count takes no field; everything else needs one (of)")
        if (self.measure == "last") != (self.newest is not None):
            raise ValueError("last, and only last, needs newest: the date field to go by")
        return self


class Panel(_Entry):
    """A panel of a dashboard: a saved search, or a chart of its own. ``at``: left, top, width, height in grid units."""

    id: str
    title: str
    at: tuple[int, int, int, int]
    search: str | None = None
    chart: Literal["bar_stacked", "bar_horizontal", "line", "table", "number"] | None = None
    view: str | None = None
    query: str = ""
    x: Buckets | None = None
    split: Buckets | None = None
    show: tuple[Measure, ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> "Panel":
        left, top, width, height = self.at
        if min(left, top) < 0 or min(width, height) < 1 or left + width > _GRID_WIDTH:
            raise ValueError(f"at {list(self.at)} does not fit a grid of {_GRID_WIDTH} columns")
        if self.search is not None:
            if self.chart or self.view or self.query or self.x or self.split or self.show:
                raise ValueError("a panel that shows a search has no chart of its own")
            return self
        if not (self.chart and self.view and self.show):
            raise ValueError("a chart needs chart, view and show")
        if (self.x is None) != (self.chart == "number"):
            raise ValueError("a number has no x; every other chart needs one")
        if self.chart == "number" and (self.split or len(self.show) > 1):
            raise ValueError("a number shows one measure, unsplit")
        for buckets in (self.x, self.split):
            if buckets is not None and buckets.by not in (None, *(measure.name for measure in self.show)):
                raise ValueError(f"by: there is no measure {buckets.by!r} here")
        return self


class Control(_Entry):
    """A filter above a dashboard: a list of a field's values."""

    field: str
    title: str
    view: str


class Dashboard(_Entry):
    """A dashboard. time: the range that it opens with, in Kibana's date math."""

    id: str
    title: str
    description: str
    time: tuple[str, str] | None = None
    controls: tuple[Control, ...] = ()
    panels: tuple[Panel, ...]


class Source(_Entry):
    """All assets. choices: what the placeholders of queries (``${story}``) stand for by default."""

    choices: dict[str, str | int]
    data_views: tuple[DataView, ...]
    searches: tuple[Search, ...]
    dashboards: tuple[Dashboard, ...]

    @model_validator(mode="after")
    def _known(self) -> "Source":
        views, searches = [view.id for view in self.data_views], [search.id for search in self.searches]
        panels = [panel for dashboard in self.dashboards for panel in dashboard.panels]
        ids = [*views, *searches, *(panel.id for panel in panels), *(dashboard.id for dashboard in self.dashboards)]
        doubled = sorted({identity for identity in ids if ids.count(identity) > 1})
        if doubled:
            raise ValueError(f"the id {doubled[0]!r} is used twice")
        controls = [control for dashboard in self.dashboards for control in dashboard.controls]
        for owner, view in [
            *((search.id, search.view) for search in self.searches),
            *((panel.id, panel.view) for panel in panels if panel.view is not None),
            *((f"control {control.title}", control.view) for control in controls),
        ]:
            if view not in views:
                raise ValueError(f"{owner}: there is no data view {view!r}")
        for panel in panels:
            if panel.search is not None and panel.search not in searches:
                raise ValueError(f"{panel.id}: there is no search {panel.search!r}")
        return self


def read_source(
    folder: Path = SHIPPED, choices: Mapping[str, str | int] | None = None, overlay: Path | None = None
) -> Source:
    """Read the source, with its placeholders filled in.

    Args:
        folder: holds choices.yaml, data_views.yaml, searches.yaml and dashboards/*.yaml.
        overlay: a folder whose files stand in the place of those of the same name, and whose dashboards are added.
        choices: values for placeholders, instead of the defaults in choices.yaml.

    Raises:
        SettingsError: a file is missing or wrong, or a choice is unknown; the message names it.
    """
    folders = [folder] if overlay is None else [folder, overlay]
    known: dict[str, str | int] = _read(_top(folders, "choices.yaml"), dict[str, str | int], {})
    for name in choices or {}:
        if name not in known:
            raise SettingsError(f"there is nothing to choose called {name!r}; known: {', '.join(sorted(known))}")
    chosen = {**known, **(choices or {})}
    dashboards = {path.name: path for layer in folders for path in (layer / "dashboards").glob("*.yaml")}
    files = [path for _, path in sorted(dashboards.items())]
    if not files:
        raise SettingsError(f"{folder / 'dashboards'} holds no dashboards (*.yaml)")
    try:
        return Source(
            choices=chosen,
            data_views=_read(_top(folders, "data_views.yaml"), tuple[DataView, ...], chosen),
            searches=_read(_top(folders, "searches.yaml"), tuple[Search, ...], chosen),
            dashboards=tuple(_read(file, Dashboard, chosen) for file in files),
        )
    except ValidationError as error:
        raise SettingsError(f"{folder}: {error.errors()[0]['msg'].removeprefix('Value error, ')}") from error


def _top(folders: Sequence[Path], name: str) -> Path:
    """The file of this name in the last folder that has one; in the first folder where none has."""
    return next((layer / name for layer in reversed(folders) if (layer / name).is_file()), folders[0] / name)


def _read(path: Path, kind: Any, chosen: Mapping[str, str | int]) -> Any:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read: {error}") from error
    except yaml.YAMLError as error:
        raise SettingsError(f"{path} is no valid YAML: {error}") from error
    try:
        return TypeAdapter(kind).validate_python(_filled(content, chosen, path))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"])
        raise SettingsError(f"{path}: {field}: {first['msg'].removeprefix('Value error, ')}") from error


def _filled(content: Any, chosen: Mapping[str, str | int], path: Path) -> Any:
    """The content with every ``${name}`` in its strings replaced; inside quotes the value is escaped for Lucene."""

    def value(match: re.Match[str]) -> str:
        if match[1] not in chosen:
            raise SettingsError(f"{path}: there is nothing to choose called {match[1]!r}")
        return re.sub(r'(["\\])', r"\\\1", str(chosen[match[1]]))

    if isinstance(content, str):
        return _PLACEHOLDER.sub(value, content)
    if isinstance(content, list):
        return [_filled(item, chosen, path) for item in content]
    if isinstance(content, dict):
        return {key: _filled(item, chosen, path) for key, item in content.items()}
    return content
