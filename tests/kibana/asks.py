"""What Kibana asks Elasticsearch on behalf of a saved object: the request that a panel, a search or a control leads to.

Follows Kibana's own path: Lens turns each column into an aggregation (columns in order, buckets nested, measures
innermost; a measure with a filter of its own sits in a filter aggregation), Discover asks for documents and dates,
a control for a field's values; every request carries the object's query and, where the data view has a time
field, the range.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Object = Mapping[str, Any]
Body = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ask:
    """One request: ``body`` to the search API of ``index``. what: whose it is, for messages."""

    what: str
    index: str
    body: Body


@dataclass(frozen=True, slots=True)
class TimeRange:
    """What Kibana's time picker stands at."""

    start: str
    end: str


def requests(thing: Object, objects: Mapping[tuple[str, str], Object], times: TimeRange) -> Iterator[Ask]:
    """The requests of a search, a chart, or a dashboard's controls; a dashboard's panels are objects of their own."""
    match thing["type"]:
        case "lens":
            yield _chart(thing, objects, times)
        case "search":
            yield from _search(thing, objects, times)
        case "dashboard":
            yield from _controls(thing, objects, times)


def view_of(thing: Object, objects: Mapping[tuple[str, str], Object], name: str) -> Object:
    """The data view that an object refers to under this name."""
    [reference] = [candidate for candidate in thing["references"] if candidate["name"] == name]
    return objects[reference["type"], reference["id"]]


def layer(thing: Object) -> tuple[str, Object]:
    """The id and state of a chart's one layer."""
    [(name, state)] = thing["attributes"]["state"]["datasourceStates"]["formBased"]["layers"].items()
    return name, state


def _filters(query: Object, view: Object, times: TimeRange) -> Body:
    clauses: list[Body] = []
    if query["query"]:
        clauses.append(_lucene(query))
    field = view["attributes"].get("timeFieldName")
    if field is not None:
        limits = {"gte": times.start, "lte": times.end, "format": "strict_date_optional_time"}
        clauses.append({"range": {field: limits}})
    return {"bool": {"must": [], "filter": clauses, "should": [], "must_not": []}}


def _lucene(query: Object) -> Body:
    assert query["language"] == "lucene"
    return {"query_string": {"query": query["query"], "analyze_wildcard": True, "time_zone": "UTC"}}


def _chart(thing: Object, objects: Mapping[tuple[str, str], Object], times: TimeRange) -> Ask:
    name, state = layer(thing)
    view = view_of(thing, objects, f"indexpattern-datasource-layer-{name}")
    order, columns = state["columnOrder"], state["columns"]
    measures: Body = {}
    for column in order:
        if not columns[column]["isBucketed"]:
            measures.update(_measure(column, columns[column]))
    aggregations = measures
    for column in reversed([name for name in order if columns[name]["isBucketed"]]):
        bucket = _BUCKETS[columns[column]["operationType"]](columns[column], columns)
        wanted = _order_column(columns[column])
        # Values are ordered by a measure, which then has to be worked out beside them too.
        beside = {k: v for k, v in measures.items() if k == wanted}
        bucket["aggs"] = {**beside, **aggregations}
        aggregations = {column: bucket}
    query = _filters(thing["attributes"]["state"]["query"], view, times)
    body = {"size": 0, "track_total_hits": True, "query": query, "aggs": aggregations}
    return Ask(f"chart {thing['id']}", view["attributes"]["title"], body)


def _order_column(column: Object) -> str | None:
    order = column["params"].get("orderBy", {})
    return order.get("columnId") if order.get("type") == "column" else None


def _dates(column: Object, columns: Object) -> Body:
    # Kibana works "auto" out from the time range; a day is what it comes to for a month.
    assert column["params"]["interval"] == "auto"
    return {
        "date_histogram": {
            "field": column["sourceField"],
            "calendar_interval": "1d",
            "time_zone": "UTC",
            "min_doc_count": 0,
        }
    }


def _values(column: Object, columns: Object) -> Body:
    params = column["params"]
    wanted = _order_column(column)
    key = "_key" if wanted is None else _order_key(wanted, columns[wanted])
    terms = {"field": column["sourceField"], "size": params["size"], "order": {key: params["orderDirection"]}}
    if params["size"] <= 10:
        terms["shard_size"] = 25
    return {"terms": terms}


def _order_key(name: str, column: Object) -> str:
    assert "filter" not in column, "values are ordered by what the whole chart measures"
    assert column["operationType"] != "last_value", "Kibana cannot order values by a last value that is shown as a list"
    return "_count" if column["operationType"] == "count" else name


_BUCKETS: Mapping[str, Callable[[Object, Object], Body]] = {"date_histogram": _dates, "terms": _values}
_METRICS = {"max": "max", "average": "avg", "sum": "sum", "unique_count": "cardinality"}


def _measure(name: str, column: Object) -> Body:
    kind, field = column["operationType"], column["sourceField"]
    inner: Body = {}
    if kind == "last_value":
        params = column["params"]
        assert params["showArrayValues"], "else it is a top_metrics aggregation, which texts do not have"
        hits = {"fields": [{"field": field}], "_source": False, "size": 1, "sort": [{params["sortField"]: "desc"}]}
        inner = {"top_hits": hits}
    elif kind != "count":
        inner = {_METRICS[kind]: {"field": field}}
    if "filter" in column:
        return {name: {"filter": _lucene(column["filter"]), **({"aggs": {f"{name}-metric": inner}} if inner else {})}}
    return {name: inner} if inner else {}


def _search(thing: Object, objects: Mapping[tuple[str, str], Object], times: TimeRange) -> Iterator[Ask]:
    attributes = thing["attributes"]
    source = json.loads(attributes["kibanaSavedObjectMeta"]["searchSourceJSON"])
    view = view_of(thing, objects, source["indexRefName"])
    query = _filters(source["query"], view, times)
    [[field, direction]] = attributes["sort"]
    hidden = [load["value"] for load in json.loads(view["attributes"]["sourceFilters"])]
    order = {"order": direction, "unmapped_type": "boolean"}
    index = view["attributes"]["title"]
    yield Ask(
        f"search {thing['id']}",
        index,
        {
            "size": 500,
            "track_total_hits": False,
            "version": True,
            "sort": [{field: order}, {"_doc": {"order": "desc", "unmapped_type": "boolean"}}],
            "fields": [{"field": "*", "include_unmapped": True}],
            "_source": {"excludes": hidden},
            "query": query,
            "highlight": {
                "pre_tags": ["<mark>"],
                "post_tags": ["</mark>"],
                "fields": {"*": {}},
                "fragment_size": 2_147_483_647,
            },
        },
    )
    time_field = view["attributes"].get("timeFieldName")
    if time_field is not None:
        histogram = {"field": time_field, "calendar_interval": "1d", "time_zone": "UTC", "min_doc_count": 1}
        body = {"size": 0, "track_total_hits": True, "query": query, "aggs": {"2": {"date_histogram": histogram}}}
        yield Ask(f"histogram of search {thing['id']}", index, body)


def _controls(thing: Object, objects: Mapping[tuple[str, str], Object], times: TimeRange) -> Iterator[Ask]:
    controls = thing["attributes"].get("controlGroupInput")
    if controls is None:
        return
    for identity, control in json.loads(controls["panelsJSON"]).items():
        view = view_of(thing, objects, f"controlGroup_{identity}:optionsListDataView")
        field = control["explicitInput"]["fieldName"]
        everything = {"query": "", "language": "lucene"}
        body = {
            "size": 0,
            "query": _filters(everything, view, times),
            "aggs": {
                "suggestions": {"terms": {"field": field, "size": 10, "shard_size": 10, "order": {"_count": "desc"}}},
                "unique_terms": {"cardinality": {"field": field}},
            },
        }
        yield Ask(f"control {identity} of {thing['id']}", view["attributes"]["title"], body)
