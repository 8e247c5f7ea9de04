"""The shipped objects against Kibana's own types, against each other, and every field in them against the mapping."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from luqum.parser import parser as lucene_parser
from luqum.tree import Item, SearchField

from tests.kibana import kibana_types
from tests.kibana.asks import layer, view_of
from tests.kibana.assets import flat, indices, shipped

OBJECTS = shipped()
MAPPINGS = {index: flat(created["mappings"]) for index, created in indices().items()}
COUNTABLE = {"keyword", "boolean", "date", "integer", "long", "short", "byte", "float", "double", "half_float"}
NUMBERS = {"integer", "long", "short", "byte", "float", "double", "half_float", "scaled_float"}

Object = Mapping[str, Any]


def of_type(kind: str) -> list[Any]:
    return [pytest.param(asset, id=asset["id"]) for (type_, _), asset in OBJECTS.items() if type_ == kind]


def fields_of(view: Object) -> Mapping[str, Mapping[str, Any]]:
    return MAPPINGS[view["attributes"]["title"]]


@pytest.mark.parametrize("thing", [pytest.param(asset, id=f"{kind}-{name}") for (kind, name), asset in OBJECTS.items()])
def test_kibana_would_take_it(thing: Object) -> None:
    assert kibana_types.problems(thing) == []


@pytest.mark.parametrize("thing", [pytest.param(asset, id=f"{kind}-{name}") for (kind, name), asset in OBJECTS.items()])
def test_what_it_refers_to_is_there_and_once(thing: Object) -> None:
    names = [reference["name"] for reference in thing["references"]]
    assert len(set(names)) == len(names)
    assert {(reference["type"], reference["id"]) for reference in thing["references"]} <= OBJECTS.keys()


@pytest.mark.parametrize("dashboard", of_type("dashboard"))
def test_panels_find_their_objects_and_do_not_overlap(dashboard: Object) -> None:
    references = {reference["name"]: reference for reference in dashboard["references"]}
    taken: dict[tuple[int, int], str] = {}
    for panel in json.loads(dashboard["attributes"]["panelsJSON"]):
        # Kibana looks for the panel's own references by this prefix.
        reference = references.pop(f"{panel['panelIndex']}:{panel['panelRefName']}")
        assert reference["type"] == panel["type"]
        grid = panel["gridData"]
        assert grid["i"] == panel["panelIndex"]
        for x in range(grid["x"], grid["x"] + grid["w"]):
            for y in range(grid["y"], grid["y"] + grid["h"]):
                assert taken.setdefault((x, y), panel["panelIndex"]) == panel["panelIndex"]
    controls = json.loads(dashboard["attributes"]["controlGroupInput"]["panelsJSON"])
    assert set(references) == {f"controlGroup_{name}:optionsListDataView" for name in controls}
    assert all(control["explicitInput"]["id"] == name for name, control in controls.items())


@pytest.mark.parametrize("dashboard", of_type("dashboard"))
def test_a_dashboard_that_restores_its_time_says_which(dashboard: Object) -> None:
    attributes = dashboard["attributes"]
    assert attributes["timeRestore"] == ("timeFrom" in attributes) == ("timeTo" in attributes)


@pytest.mark.parametrize("view", of_type("index-pattern"))
def test_a_data_view_speaks_of_mapped_fields(view: Object) -> None:
    attributes = view["attributes"]
    known = fields_of(view)
    if "timeFieldName" in attributes:
        assert known[attributes["timeFieldName"]]["type"] == "date"
    assert set(json.loads(attributes["fieldFormatMap"])) <= known.keys()


@pytest.mark.parametrize("search", of_type("search"))
def test_a_search_speaks_of_mapped_fields(search: Object) -> None:
    attributes = search["attributes"]
    source = json.loads(attributes["kibanaSavedObjectMeta"]["searchSourceJSON"])
    known = fields_of(view_of(search, OBJECTS, source["indexRefName"]))
    assert set(attributes["columns"]) <= known.keys()
    assert all(known[field]["type"] in COUNTABLE for field, _ in attributes["sort"])
    assert named_in(source["query"]["query"]) <= known.keys()


@pytest.mark.parametrize("chart", of_type("lens"))
def test_a_chart_measures_what_can_be_measured(chart: Object) -> None:
    name, state = layer(chart)
    known = fields_of(view_of(chart, OBJECTS, f"indexpattern-datasource-layer-{name}"))
    assert set(state["columnOrder"]) == set(state["columns"])
    assert named_in(chart["attributes"]["state"]["query"]["query"]) <= known.keys()
    for column in state["columns"].values():
        assert named_in(column.get("filter", {}).get("query", "")) <= known.keys()
        check_column(column, state["columns"], known)


def check_column(column: Object, columns: Object, known: Mapping[str, Mapping[str, Any]]) -> None:
    operation = column["operationType"]
    if operation == "count":
        assert column["sourceField"] == "___records___"
        return
    definition = known[column["sourceField"]]
    kind = definition["type"]
    match operation:
        case "terms":
            assert kind in COUNTABLE
            # Readers are to see names as they are written, not as they are compared.
            assert "normalizer" not in definition
            assert column["dataType"] == ("number" if kind in NUMBERS else "string")
            order = column["params"]["orderBy"]
            assert not columns[order["columnId"]]["isBucketed"]
        case "date_histogram":
            assert kind == "date"
        case "unique_count":
            assert kind in COUNTABLE
        case "max":
            assert column["dataType"] == ("date" if kind == "date" else "number")
            assert kind in NUMBERS | {"date"}
        case "average" | "sum":
            assert kind in NUMBERS
        case "last_value":
            assert known[column["params"]["sortField"]]["type"] == "date"
        case _:
            pytest.fail(f"{operation} is not checked")


@pytest.mark.parametrize("chart", of_type("lens"))
def test_a_chart_draws_its_own_columns(chart: Object) -> None:
    name, state = layer(chart)
    visualization = chart["attributes"]["state"]["visualization"]
    drawn = visualization["layers"][0] if "layers" in visualization else visualization
    assert drawn["layerId"] == name
    used = set(accessors(drawn))
    assert used == set(state["columns"])
    buckets = {column for column in used if state["columns"][column]["isBucketed"]}
    assert {drawn[key] for key in ("xAccessor", "splitAccessor") if key in drawn} <= buckets


def accessors(drawn: Object) -> Iterator[str]:
    for key in ("xAccessor", "splitAccessor", "metricAccessor"):
        if key in drawn:
            yield drawn[key]
    yield from drawn.get("accessors", [])
    yield from (column["columnId"] for column in drawn.get("columns", []))


@pytest.mark.parametrize("dashboard", of_type("dashboard"))
def test_controls_list_what_can_be_counted(dashboard: Object) -> None:
    for name, control in json.loads(dashboard["attributes"]["controlGroupInput"]["panelsJSON"]).items():
        known = fields_of(view_of(dashboard, OBJECTS, f"controlGroup_{name}:optionsListDataView"))
        definition = known[control["explicitInput"]["fieldName"]]
        assert definition["type"] in COUNTABLE
        assert "normalizer" not in definition


def named_in(query: str) -> set[str]:
    """The fields that a Lucene query names."""

    def fields(item: Item) -> Iterator[str]:
        if isinstance(item, SearchField):
            yield item.name
        for child in item.children:
            yield from fields(child)

    # luqum wants a range's bound spelt out in brackets; Lucene itself takes field:>0 too.
    spelt = re.sub(r":>(\d+)", r":{\1 TO *}", query)
    return set(fields(lucene_parser.parse(spelt))) if spelt else set()


def test_each_fault_would_be_seen() -> None:
    """The schemas refuse what Kibana refuses: a check of the check."""
    chart = json.loads(json.dumps(OBJECTS["lens", "wire-top-people"]))
    chart["attributes"]["state"]["datasourceStates"]["formBased"]["layers"]["layer"]["columns"]["x"]["params"][
        "size"
    ] = 0
    assert kibana_types.problems(chart)
    search = {**OBJECTS["search", "wire-latest"]}
    search["attributes"] = {**search["attributes"], "colour": "red"}
    assert kibana_types.problems(search)
    newer = {**OBJECTS["dashboard", "wire-news"], "typeMigrationVersion": "10.4.0"}
    assert kibana_types.problems(newer) == ["typeMigrationVersion 10.4.0 is newer than Kibana's own"]
