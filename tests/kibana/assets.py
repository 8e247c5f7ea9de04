"""The assets as they are shipped, and the mapping that they are used with."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipeline.query.fields import FIELDS, Kind

ROOT = Path(__file__).parent.parent.parent
SOURCE = ROOT / "config" / "kibana" / "source"
SHIPPED = ROOT / "config" / "kibana" / "wirewatch.ndjson"

_FEEDS_MAPPING = ROOT / "pipeline" / "index" / "elastic" / "feeds_mapping.json"
_TYPES = {
    Kind.TEXT: "text",
    Kind.KEYWORD: "keyword",
    Kind.NAME: "keyword",
    Kind.INTEGER: "long",
    Kind.DATE: "date",
    Kind.FLAG: "boolean",
}


def shipped() -> dict[tuple[str, str], dict[str, Any]]:
    """The shipped saved objects by type and id."""
    objects = [json.loads(line) for line in SHIPPED.read_text(encoding="utf-8").splitlines()]
    return {(one["type"], one["id"]): one for one in objects}


def mappings() -> dict[str, dict[str, Any]]:
    """The mapping behind each data view's index or alias."""
    stories = _stories()
    return {
        "wire-stories": stories,
        "wire-stories-all": stories,
        "wire-feeds": json.loads(_FEEDS_MAPPING.read_text(encoding="utf-8")),
    }


def _stories() -> dict[str, Any]:
    """The contract of the indexed story, as the query language knows it."""
    properties: dict[str, Any] = {name: {"type": _TYPES[spec.kind]} for name, spec in FIELDS.items()}
    properties["follows"] = {"properties": {"lineage": {"type": "keyword"}, "score": {"type": "float"}}}
    return {"dynamic": "strict", "properties": properties}


def flat(mapping: Mapping[str, Any], prefix: str = "") -> dict[str, Mapping[str, Any]]:
    """Every field that can be named in a request -> its definition; sub-fields and objects by dotted names."""
    found: dict[str, Mapping[str, Any]] = {}
    for name, definition in mapping.get("properties", {}).items():
        if "properties" in definition:
            found |= flat(definition, f"{prefix}{name}.")
            continue
        found[f"{prefix}{name}"] = definition
        for sub, inner in definition.get("fields", {}).items():
            found[f"{prefix}{name}.{sub}"] = inner
    return found
