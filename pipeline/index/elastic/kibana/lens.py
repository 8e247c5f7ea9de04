"""Charts as Kibana's Lens keeps them (type ``lens``, its form-based data source). Pure."""

from collections.abc import Mapping
from typing import Any

from pipeline.index.elastic.kibana.source import Buckets, Measure, Panel

LAYER = "layer"
LANGUAGE = "lucene"

_RECORDS = "___records___"  # what Lens calls "no field, the documents themselves"
_OPERATIONS = {"last": "last_value"}
_LABELS_ALL = {"x": True, "yLeft": True, "yRight": True}


def attributes(panel: Panel, description: str = "") -> dict[str, Any]:
    """The attributes of the ``lens`` saved object that draws a panel; its data view is a reference of ``LAYER``."""
    kind, visualization = _VISUALIZATIONS[str(panel.chart)](panel)
    return {
        "title": panel.title,
        "description": description,
        "visualizationType": kind,
        "state": {
            "adHocDataViews": {},
            "datasourceStates": {"formBased": {"layers": {LAYER: _layer(panel)}}},
            "filters": [],
            "internalReferences": [],
            "query": {"query": panel.query, "language": LANGUAGE},
            "visualization": visualization,
        },
    }


def reference_name() -> str:
    """The name under which a chart refers to its data view."""
    return f"indexpattern-datasource-layer-{LAYER}"


def _layer(panel: Panel) -> dict[str, Any]:
    measures = {f"measure{number}": measure for number, measure in enumerate(panel.show)}
    columns: dict[str, Any] = {}
    # A split comes first, so that its top values are those of the whole time range, not of each interval.
    if panel.split is not None:
        columns["split"] = _bucket_column(panel.split, measures)
    if panel.x is not None:
        columns["x"] = _bucket_column(panel.x, measures)
    for name, measure in measures.items():
        columns[name] = _measure_column(measure)
    return {"columns": columns, "columnOrder": list(columns), "incompleteColumns": {}, "sampling": 1}


def _bucket_column(buckets: Buckets, measures: Mapping[str, Measure]) -> dict[str, Any]:
    if buckets.dates is not None:
        return {
            "label": buckets.name,
            "customLabel": True,
            "dataType": "date",
            "operationType": "date_histogram",
            "scale": "interval",
            "isBucketed": True,
            "sourceField": buckets.dates,
            "params": {"interval": "auto", "includeEmptyRows": True, "dropPartials": False},
        }
    order = next(name for name, measure in measures.items() if buckets.by in (None, measure.name))
    return {
        "label": buckets.name,
        "customLabel": True,
        "dataType": "number" if buckets.number else "string",
        "operationType": "terms",
        "scale": "ordinal",
        "isBucketed": True,
        "sourceField": buckets.top,
        "params": {
            "size": buckets.size,
            "orderBy": {"type": "column", "columnId": order},
            "orderDirection": "desc",
            "otherBucket": False,
            "missingBucket": False,
            "parentFormat": {"id": "terms"},
            "include": [],
            "exclude": [],
            "includeIsRegex": False,
            "excludeIsRegex": False,
        },
    }


def _measure_column(measure: Measure) -> dict[str, Any]:
    last = measure.measure == "last"
    column: dict[str, Any] = {
        "label": measure.name,
        "customLabel": True,
        "dataType": "date" if measure.date else "string" if last else "number",
        "operationType": _OPERATIONS.get(measure.measure, measure.measure),
        "scale": "ordinal" if last else "ratio",
        "isBucketed": False,
        "sourceField": measure.of or _RECORDS,
        # Texts have no values in columns: Lens takes them from the document itself when it shows all values.
        "params": {"sortField": measure.newest, "showArrayValues": True} if last else {"emptyAsNull": True},
    }
    if measure.only is not None:
        column["filter"] = {"query": measure.only, "language": LANGUAGE}
    return column


def _measures(panel: Panel) -> list[str]:
    return [f"measure{number}" for number in range(len(panel.show))]


def _xy(panel: Panel) -> tuple[str, dict[str, Any]]:
    layer: dict[str, Any] = {
        "layerId": LAYER,
        "layerType": "data",
        "seriesType": panel.chart,
        "xAccessor": "x",
        "accessors": _measures(panel),
    }
    if panel.split is not None:
        layer["splitAccessor"] = "split"
    several = panel.split is not None or len(panel.show) > 1
    return "lnsXY", {
        "preferredSeriesType": panel.chart,
        "legend": {"isVisible": several, "position": "right"},
        "valueLabels": "hide",
        "fittingFunction": "None",
        "axisTitlesVisibilitySettings": {"x": False, "yLeft": False, "yRight": False},
        "tickLabelsVisibilitySettings": _LABELS_ALL,
        "gridlinesVisibilitySettings": _LABELS_ALL,
        "layers": [layer],
    }


def _table(panel: Panel) -> tuple[str, dict[str, Any]]:
    names = [*(["split"] if panel.split is not None else []), "x", *_measures(panel)]
    return "lnsDatatable", {
        "layerId": LAYER,
        "layerType": "data",
        "columns": [{"columnId": name, "isTransposed": False} for name in names],
        "rowHeight": "auto",
    }


def _number(panel: Panel) -> tuple[str, dict[str, Any]]:
    return "lnsMetric", {"layerId": LAYER, "layerType": "data", "metricAccessor": "measure0"}


_VISUALIZATIONS = {
    "bar_stacked": _xy,
    "bar_horizontal": _xy,
    "line": _xy,
    "table": _table,
    "number": _number,
}
