"""Kibana 8.19's saved-object types, as far as our assets use them, as JSON schemas.

Written down from Kibana's own definitions: the model-version schemas of `search` (version 5) and `dashboard` (version
2), which Kibana applies when it imports; `index-pattern` and `lens`, for which it has no strict schema, from the types
that its code reads them with (the Lens state: FormBasedPersistedState, XYState, DatatableVisualizationState,
MetricVisualizationState and the columns of each operation). Texts that hold JSON (`panelsJSON`, `searchSourceJSON`)
are opened and checked too.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from jsonschema import Draft202012Validator

# The newest version of each type that 8.19 knows; Kibana refuses objects of newer ones.
NEWEST_VERSIONS = {"index-pattern": (8, 0, 0), "search": (10, 6, 0), "lens": (8, 9, 0), "dashboard": (10, 3, 0)}
CORE_VERSION = (8, 8, 0)

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
NAME: Schema = {"type": "string", "minLength": 1}
FLAG: Schema = {"type": "boolean"}
WHOLE: Schema = {"type": "integer", "minimum": 0}
NUMBER: Schema = {"type": "number"}


def record(required: Mapping[str, Schema], optional: Mapping[str, Schema] | None = None) -> Schema:
    """An object with these properties and no others."""
    return {
        "type": "object",
        "properties": {**required, **(optional or {})},
        "required": list(required),
        "additionalProperties": False,
    }


def array(of: Schema, least: int = 0) -> Schema:
    return {"type": "array", "items": of, "minItems": least}


def one_of(*values: str) -> Schema:
    return {"enum": list(values)}


def by_key(of: Schema) -> Schema:
    return {"type": "object", "additionalProperties": of}


QUERY = record({"query": TEXT, "language": one_of("lucene", "kuery")})
REFERENCE = record({"name": NAME, "type": NAME, "id": NAME})
ENVELOPE = record(
    {
        "type": one_of(*NEWEST_VERSIONS),
        "id": NAME,
        "attributes": {"type": "object"},
        "references": array(REFERENCE),
        "typeMigrationVersion": {"type": "string", "pattern": r"^\d+\.\d+\.\d+$"},
        "coreMigrationVersion": {"type": "string", "pattern": r"^\d+\.\d+\.\d+$"},
    },
    {"managed": FLAG},
)

DATA_VIEW = record(
    {"title": NAME, "fields": TEXT},
    {
        "name": NAME,
        "timeFieldName": NAME,
        "sourceFilters": TEXT,
        "fieldFormatMap": TEXT,
        "fieldAttrs": TEXT,
        "runtimeFieldMap": TEXT,
        "typeMeta": TEXT,
        "type": NAME,
        "allowNoIndex": FLAG,
        "allowHidden": FLAG,
    },
)
FIELD_FORMATS = by_key(
    record(
        {
            "id": one_of("url", "number", "bytes", "percent", "string", "boolean", "date", "duration", "truncate"),
            "params": {"type": "object"},
        }
    )
)
SOURCE_FILTERS = array(record({"value": NAME}))

SEARCH = record(
    {
        "title": NAME,
        "description": TEXT,
        "columns": array(NAME),
        "sort": array({"type": "array", "prefixItems": [NAME, one_of("asc", "desc")], "minItems": 2, "maxItems": 2}),
        "grid": record({}, {"columns": by_key(record({}, {"width": NUMBER}))}),
        "hideChart": FLAG,
        "isTextBasedQuery": FLAG,
        "kibanaSavedObjectMeta": record({"searchSourceJSON": TEXT}),
    },
    {
        "usesAdHocDataView": FLAG,
        "timeRestore": FLAG,
        "timeRange": record({"from": TEXT, "to": TEXT}),
        "refreshInterval": record({"pause": FLAG, "value": NUMBER}),
        "rowHeight": NUMBER,
        "headerRowHeight": NUMBER,
        "rowsPerPage": NUMBER,
        "sampleSize": {"type": "number", "minimum": 10, "maximum": 10_000},
        "breakdownField": NAME,
        "density": one_of("compact", "expanded", "normal"),
        "viewMode": one_of("documents", "patterns", "aggregated"),
        "hideAggregatedPreview": FLAG,
        "hits": NUMBER,
        "version": NUMBER,
    },
)
SEARCH_SOURCE = record(
    {"query": QUERY, "filter": array({"type": "object"})},
    {"indexRefName": NAME, "highlightAll": FLAG, "version": FLAG},
)

DASHBOARD = record(
    {"title": NAME, "description": TEXT, "panelsJSON": TEXT, "optionsJSON": TEXT},
    {
        "kibanaSavedObjectMeta": record({"searchSourceJSON": TEXT}),
        "timeRestore": FLAG,
        "timeFrom": NAME,
        "timeTo": NAME,
        "refreshInterval": record({"pause": FLAG, "value": NUMBER}, {"display": TEXT, "section": NUMBER}),
        "controlGroupInput": record(
            {"panelsJSON": TEXT, "controlStyle": one_of("oneLine", "twoLine")},
            {
                "chainingSystem": one_of("HIERARCHICAL", "NONE"),
                "ignoreParentSettingsJSON": TEXT,
                "showApplySelections": FLAG,
            },
        ),
        "hits": NUMBER,
        "version": NUMBER,
    },
)
DASHBOARD_OPTIONS = record(
    dict.fromkeys(("useMargins", "syncColors", "syncCursor", "syncTooltips", "hidePanelTitles"), FLAG)
)
PANELS = array(
    record(
        {
            "type": one_of("lens", "search", "visualization", "map"),
            "panelIndex": NAME,
            "gridData": record(
                {
                    "x": {"type": "integer", "minimum": 0, "maximum": 47},
                    "y": WHOLE,
                    "w": {"type": "integer", "minimum": 1, "maximum": 48},
                    "h": {"type": "integer", "minimum": 1},
                    "i": NAME,
                }
            ),
            "embeddableConfig": {"type": "object"},
        },
        {"panelRefName": NAME, "title": TEXT, "version": TEXT, "id": NAME},
    ),
    least=1,
)
CONTROLS = by_key(
    record(
        {
            "order": WHOLE,
            "type": one_of("optionsListControl", "rangeSliderControl", "timeSlider"),
            "explicitInput": record(
                {"id": NAME, "fieldName": NAME},
                {
                    "title": TEXT,
                    "singleSelect": FLAG,
                    "selectedOptions": array(TEXT),
                    "enhancements": {"type": "object"},
                },
            ),
        },
        {"width": one_of("small", "medium", "large"), "grow": FLAG},
    )
)

_COLUMN = {"label": TEXT, "dataType": TEXT, "isBucketed": FLAG, "operationType": TEXT, "sourceField": NAME}
_COLUMN_OPTIONS = {"customLabel": FLAG, "scale": one_of("ordinal", "interval", "ratio"), "filter": QUERY}
_FORMATTED = {"format": record({"id": NAME}, {"params": {"type": "object"}})}


def _column(operation: Schema, bucketed: bool, types: Schema, params: Schema) -> Schema:
    exact = {"operationType": operation, "isBucketed": {"const": bucketed}, "dataType": types}
    return record({**_COLUMN, **exact, "params": params}, _COLUMN_OPTIONS)


COLUMN: Schema = {
    "oneOf": [
        _column(
            one_of("date_histogram"),
            True,
            one_of("date"),
            record(
                {"interval": NAME},
                {"includeEmptyRows": FLAG, "dropPartials": FLAG, "ignoreTimeRange": FLAG},
            ),
        ),
        _column(
            one_of("terms"),
            True,
            one_of("string", "number", "boolean", "ip"),
            record(
                {
                    "size": {"type": "integer", "minimum": 1, "maximum": 1000},
                    "orderBy": {
                        "oneOf": [
                            record({"type": {"const": "column"}, "columnId": NAME}),
                            record({"type": {"const": "alphabetical"}}, {"fallback": FLAG}),
                        ]
                    },
                    "orderDirection": one_of("asc", "desc"),
                },
                {
                    "otherBucket": FLAG,
                    "missingBucket": FLAG,
                    "accuracyMode": FLAG,
                    "parentFormat": record({"id": {"const": "terms"}}),
                    "include": array(TEXT),
                    "exclude": array(TEXT),
                    "includeIsRegex": FLAG,
                    "excludeIsRegex": FLAG,
                    "secondaryFields": array(NAME),
                    **_FORMATTED,
                },
            ),
        ),
        _column(
            one_of("count", "unique_count", "sum", "average"),
            False,
            one_of("number"),
            record({}, {"emptyAsNull": FLAG, **_FORMATTED}),
        ),
        _column(one_of("min", "max"), False, one_of("number", "date"), record({}, {"emptyAsNull": FLAG, **_FORMATTED})),
        _column(
            one_of("last_value"),
            False,
            one_of("string", "number", "boolean", "date", "ip"),
            record({"sortField": NAME, "showArrayValues": FLAG}, _FORMATTED),
        ),
    ]
}
_AXES = record({"x": FLAG, "yLeft": FLAG, "yRight": FLAG})
VISUALIZATIONS: Mapping[str, Schema] = {
    "lnsXY": record(
        {
            "preferredSeriesType": NAME,
            "legend": record({"isVisible": FLAG, "position": one_of("top", "left", "bottom", "right")}),
            "layers": array(
                record(
                    {
                        "layerId": NAME,
                        "layerType": {"const": "data"},
                        "seriesType": one_of(
                            "bar",
                            "line",
                            "area",
                            "bar_stacked",
                            "area_stacked",
                            "bar_horizontal",
                            "bar_percentage_stacked",
                            "bar_horizontal_stacked",
                        ),
                        "xAccessor": NAME,
                        "accessors": array(NAME, least=1),
                    },
                    {"splitAccessor": NAME},
                ),
                least=1,
            ),
        },
        {
            "valueLabels": one_of("hide", "show"),
            "fittingFunction": one_of("None", "Zero", "Linear", "Carry", "Lookahead", "Average", "Nearest"),
            "axisTitlesVisibilitySettings": _AXES,
            "tickLabelsVisibilitySettings": _AXES,
            "gridlinesVisibilitySettings": _AXES,
        },
    ),
    "lnsDatatable": record(
        {
            "layerId": NAME,
            "layerType": {"const": "data"},
            "columns": array(record({"columnId": NAME}, {"isTransposed": FLAG, "width": NUMBER, "hidden": FLAG}), 1),
        },
        {
            "rowHeight": one_of("auto", "single", "custom"),
            "sorting": record({"columnId": NAME, "direction": one_of("asc", "desc", "none")}),
            "paging": record({"size": WHOLE, "enabled": FLAG}),
        },
    ),
    "lnsMetric": record(
        {"layerId": NAME, "layerType": {"const": "data"}, "metricAccessor": NAME},
        {"subtitle": TEXT, "color": TEXT, "icon": TEXT, "showBar": FLAG},
    ),
}
LENS = record(
    {
        "title": NAME,
        "visualizationType": one_of(*VISUALIZATIONS),
        "state": record(
            {
                "datasourceStates": record(
                    {
                        "formBased": record(
                            {
                                "layers": by_key(
                                    record(
                                        {
                                            "columns": by_key(COLUMN),
                                            "columnOrder": array(NAME, least=1),
                                            "incompleteColumns": record({}),
                                        },
                                        {"sampling": NUMBER, "ignoreGlobalFilters": FLAG},
                                    )
                                )
                            }
                        )
                    }
                ),
                "visualization": {"type": "object"},
                "query": QUERY,
                "filters": array({"type": "object"}),
            },
            {"internalReferences": array(REFERENCE), "adHocDataViews": record({})},
        ),
    },
    {"description": TEXT},
)


def problems(thing: Mapping[str, Any]) -> list[str]:
    """What Kibana 8.19 would not accept, or not understand, in a saved object."""
    problems = list(_against(ENVELOPE, thing, "object"))
    if problems:
        return problems
    newest = {"typeMigrationVersion": NEWEST_VERSIONS[thing["type"]], "coreMigrationVersion": CORE_VERSION}
    for name, known in newest.items():
        if tuple(int(part) for part in thing[name].split(".")) > known:
            problems.append(f"{name} {thing[name]} is newer than Kibana's own")
    return [*problems, *_CHECKS[thing["type"]](thing["attributes"])]


def _data_view(attributes: Mapping[str, Any]) -> Iterator[str]:
    yield from _against(DATA_VIEW, attributes, "data view")
    yield from _inside(FIELD_FORMATS, attributes, "fieldFormatMap")
    yield from _inside(SOURCE_FILTERS, attributes, "sourceFilters")
    yield from _inside({"const": []}, attributes, "fields")
    for name in ("fieldAttrs", "runtimeFieldMap", "typeMeta"):
        yield from _inside(record({}), attributes, name)


def _search(attributes: Mapping[str, Any]) -> Iterator[str]:
    yield from _against(SEARCH, attributes, "search")
    yield from _inside(SEARCH_SOURCE, attributes["kibanaSavedObjectMeta"], "searchSourceJSON")


def _lens(attributes: Mapping[str, Any]) -> Iterator[str]:
    yield from _against(LENS, attributes, "lens")
    kind = attributes["visualizationType"]
    yield from _against(VISUALIZATIONS[kind], attributes["state"]["visualization"], kind)


def _dashboard(attributes: Mapping[str, Any]) -> Iterator[str]:
    yield from _against(DASHBOARD, attributes, "dashboard")
    yield from _inside(PANELS, attributes, "panelsJSON")
    yield from _inside(DASHBOARD_OPTIONS, attributes, "optionsJSON")
    yield from _inside(SEARCH_SOURCE, attributes["kibanaSavedObjectMeta"], "searchSourceJSON")
    controls = attributes.get("controlGroupInput")
    if controls is not None:
        yield from _inside(CONTROLS, controls, "panelsJSON")
        ignored = record({f"ignore{name}": FLAG for name in ("Filters", "Query", "Timerange", "Validations")})
        yield from _inside(ignored, controls, "ignoreParentSettingsJSON")


_CHECKS = {"index-pattern": _data_view, "search": _search, "lens": _lens, "dashboard": _dashboard}


def _inside(schema: Schema, holder: Mapping[str, Any], name: str) -> Iterator[str]:
    if name in holder:
        yield from _against(schema, json.loads(holder[name]), name)


def _against(schema: Schema, value: Any, name: str) -> Iterator[str]:
    for error in Draft202012Validator(schema).iter_errors(value):
        yield f"{name}: {error.json_path}: {error.message}"
