"""The assets as they are shipped, and the mappings that they are used with."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent
SOURCE = ROOT / "pipeline" / "index" / "elastic" / "kibana" / "objects"
SHIPPED = SOURCE / "wirewatch.ndjson"

_INDEX = ROOT / "pipeline" / "index"


def shipped() -> dict[tuple[str, str], dict[str, Any]]:
    """The shipped saved objects by type and id."""
    objects = [json.loads(line) for line in SHIPPED.read_text(encoding="utf-8").splitlines()]
    return {(asset["type"], asset["id"]): asset for asset in objects}


def indices() -> dict[str, dict[str, Any]]:
    """What each data view's index or alias is made with: settings and mappings."""
    stories = json.loads((_INDEX / "mapping.json").read_text(encoding="utf-8"))
    feeds = json.loads((_INDEX / "elastic" / "feed_board_mapping.json").read_text(encoding="utf-8"))
    return {"wire-stories": stories, "wire-stories-all": stories, "wire-feeds": {"mappings": feeds}}


def flat(mapping: Mapping[str, Any], prefix: str = "") -> dict[str, Mapping[str, Any]]:
    """Every field that can be named in a request -> its definition; sub-fields and objects by dotted names."""
    fields: dict[str, Mapping[str, Any]] = {}
    for name, definition in mapping.get("properties", {}).items():
        if "properties" in definition:
            fields |= flat(definition, f"{prefix}{name}.")
            continue
        fields[f"{prefix}{name}"] = definition
        for sub, inner in definition.get("fields", {}).items():
            fields[f"{prefix}{name}.{sub}"] = inner
    return fields
