"""``Source`` -> Kibana's saved objects -> NDJSON. Pure: the same source always gives the same text."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

from pipeline.index.elastic.kibana import lens
from pipeline.index.elastic.kibana.source import Control, Dashboard, DataView, Panel, Search, Source

# The versions of Kibana's types in which the objects are written, all known to 8.19: Kibana refuses an object of a
# newer version than its own, and brings an older one up to date when importing it. Without them it would take the
# objects for those of Kibana 7 and run migrations that they are not made for.
_TYPE_VERSIONS = {"index-pattern": "8.0.0", "search": "10.5.0", "lens": "8.9.0", "dashboard": "10.2.0"}
_CORE_VERSION = "8.8.0"

_SEARCH_SOURCE = "kibanaSavedObjectMeta.searchSourceJSON"
_CONTROL_DEFAULTS = {
    "ignoreFilters": False,
    "ignoreQuery": False,
    "ignoreTimerange": False,
    "ignoreValidations": False,
}
_DASHBOARD_OPTIONS = {
    "useMargins": True,
    "syncColors": False,
    "syncCursor": True,
    "syncTooltips": False,
    "hidePanelTitles": False,
}


def saved_objects(source: Source) -> list[dict[str, Any]]:
    """Every asset as a saved object; an object comes after those that it refers to."""
    charts = [panel for dashboard in source.dashboards for panel in dashboard.panels if panel.search is None]
    return [
        *(_data_view(view) for view in source.data_views),
        *(_search(search) for search in source.searches),
        *(_chart(panel) for panel in charts),
        *(_dashboard(dashboard) for dashboard in source.dashboards),
    ]


def to_ndjson(objects: Iterable[Mapping[str, Any]]) -> str:
    """One object per line with sorted keys, as Kibana's import reads it."""
    return "".join(json.dumps(item, ensure_ascii=False, sort_keys=True) + "\n" for item in objects)


def _object(kind: str, identity: str, attributes: dict[str, Any], references: list[dict[str, str]]) -> dict[str, Any]:
    return {
        "type": kind,
        "id": identity,
        "attributes": attributes,
        "references": references,
        "typeMigrationVersion": _TYPE_VERSIONS[kind],
        "coreMigrationVersion": _CORE_VERSION,
        "managed": False,
    }


def _reference(name: str, kind: str, identity: str) -> dict[str, str]:
    return {"name": name, "type": kind, "id": identity}


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _data_view(view: DataView) -> dict[str, Any]:
    attributes: dict[str, Any] = {
        "title": view.index,
        "name": view.name,
        "fields": "[]",
        "fieldAttrs": "{}",
        "fieldFormatMap": _json(view.formats),
        "runtimeFieldMap": "{}",
        "sourceFilters": _json([{"value": field} for field in view.hide]),
        "typeMeta": "{}",
        "allowNoIndex": True,
    }
    if view.time is not None:
        attributes["timeFieldName"] = view.time
    return _object("index-pattern", view.id, attributes, [])


def _search(search: Search) -> dict[str, Any]:
    name = f"{_SEARCH_SOURCE}.index"
    search_source = {
        "query": {"query": search.query, "language": lens.LANGUAGE},
        "filter": [],
        "highlightAll": True,
        "version": True,
        "indexRefName": name,
    }
    attributes = {
        "title": search.title,
        "description": search.description,
        "columns": list(search.columns),
        "sort": [list(search.sort)],
        "grid": {},
        "hideChart": False,
        "isTextBasedQuery": False,
        "timeRestore": False,
        "usesAdHocDataView": False,
        "kibanaSavedObjectMeta": {"searchSourceJSON": _json(search_source)},
    }
    return _object("search", search.id, attributes, [_reference(name, "index-pattern", search.view)])


def _chart(panel: Panel) -> dict[str, Any]:
    view = _reference(lens.reference_name(), "index-pattern", str(panel.view))
    return _object("lens", panel.id, lens.attributes(panel), [view])


def _dashboard(dashboard: Dashboard) -> dict[str, Any]:
    attributes: dict[str, Any] = {
        "title": dashboard.title,
        "description": dashboard.description,
        "version": 1,
        "hits": 0,
        "timeRestore": dashboard.time is not None,
        "optionsJSON": _json(_DASHBOARD_OPTIONS),
        "panelsJSON": _json([_panel(panel) for panel in dashboard.panels]),
        "kibanaSavedObjectMeta": {
            "searchSourceJSON": _json({"query": {"query": "", "language": lens.LANGUAGE}, "filter": []})
        },
    }
    if dashboard.time is not None:
        attributes["timeFrom"], attributes["timeTo"] = dashboard.time
        attributes["refreshInterval"] = {"pause": True, "value": 60_000}
    if dashboard.controls:
        attributes["controlGroupInput"] = _controls(dashboard.controls)
    references = [_panel_reference(panel) for panel in dashboard.panels]
    references += [
        _reference(f"controlGroup_{_control_id(control)}:optionsListDataView", "index-pattern", control.view)
        for control in dashboard.controls
    ]
    return _object("dashboard", dashboard.id, attributes, references)


def _panel(panel: Panel) -> dict[str, Any]:
    left, top, width, height = panel.at
    return {
        "type": "lens" if panel.search is None else "search",
        "panelIndex": panel.id,
        "panelRefName": f"panel_{panel.id}",
        "gridData": {"x": left, "y": top, "w": width, "h": height, "i": panel.id},
        "embeddableConfig": {"enhancements": {}},
        "title": panel.title,
    }


def _panel_reference(panel: Panel) -> dict[str, str]:
    kind, identity = ("lens", panel.id) if panel.search is None else ("search", panel.search)
    return _reference(f"{panel.id}:panel_{panel.id}", kind, identity)


def _controls(controls: tuple[Control, ...]) -> dict[str, Any]:
    panels = {
        _control_id(control): {
            "order": order,
            "width": "medium",
            "grow": True,
            "type": "optionsListControl",
            "explicitInput": {
                "id": _control_id(control),
                "fieldName": control.field,
                "title": control.title,
                "selectedOptions": [],
                "enhancements": {},
            },
        }
        for order, control in enumerate(controls)
    }
    return {
        "controlStyle": "oneLine",
        "chainingSystem": "HIERARCHICAL",
        "showApplySelections": False,
        "ignoreParentSettingsJSON": _json(_CONTROL_DEFAULTS),
        "panelsJSON": _json(panels),
    }


def _control_id(control: Control) -> str:
    return f"control-{control.view}-{control.field}"
