"""The templates made of mapping.json, and the JSON of a document."""

import json
import re
import struct
import zlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from math import isfinite, sqrt
from operator import mul
from typing import Any

from pipeline.index.documents import blanked
from pipeline.index.elastic.names import UNDATED, Names
from pipeline.index.field_values import shown, values
from pipeline.models import StoryDocument
from pipeline.query.fields import DEFAULT_FIELDS, FIELDS, Kind

_LAYOUT = 2  # raised when this module makes other documents
_MONTH = re.compile(r"\d{4}\.(?:0[1-9]|1[0-2])", re.ASCII)
_UNSEEN = ("terms", "headline_terms", "vector")  # only for candidates: indexed, not kept to be shown
_KEYS = tuple(name for name, spec in FIELDS.items() if spec.kind in (Kind.NAME, Kind.KEYWORD))
_LONGEST_KEY = 32_766  # bytes: Lucene's longest term
_DIMENSIONS = 256
_ALMOST = 5e-4  # how far the square of a vector's length may be from 1; Elasticsearch allows twice that


@cache
def _read_mapping() -> dict[str, Any]:
    content: dict[str, Any] = json.loads((files("pipeline.index") / "mapping.json").read_text(encoding="utf-8"))
    return content


@cache
def layout() -> str:
    """The fingerprint of the mapping; an index made with another one cannot be read by this version."""
    return f"{_LAYOUT}-{zlib.crc32(json.dumps(_read_mapping(), sort_keys=True).encode()):08x}"


def analysis() -> dict[str, Any]:
    """The text analysis, for settings."""
    settings: dict[str, Any] = _read_mapping()["settings"]["analysis"]
    return settings


def properties(*, for_candidates: bool = True) -> dict[str, Any]:
    """The fields of the mapping.

    Args:
        for_candidates: with the fields that only candidates need; without them where stories are only matched.
    """
    fields: dict[str, Any] = _read_mapping()["mappings"]["properties"]
    return {name: field for name, field in fields.items() if for_candidates or name not in _UNSEEN}


def component_template() -> dict[str, Any]:
    """Settings and mappings of every monthly index."""
    return {
        "template": {
            "settings": {
                "index": {
                    "number_of_shards": 1,
                    "auto_expand_replicas": "0-1",
                    "analysis": analysis(),
                    "query": {"default_field": _default_fields()},
                }
            },
            "mappings": {
                "_meta": {"layout": layout()},
                "_source": {"excludes": list(_UNSEEN)},
                "dynamic": "strict",
                "properties": properties(),
            },
        },
    }


def _default_fields() -> list[str]:
    """The fields in which Kibana looks for words without a field: the same as in our own queries."""
    return [f"{name}^{weight:g}" for name, weight in DEFAULT_FIELDS.items()]


def index_template(names: Names) -> dict[str, Any]:
    """The template of the monthly indices. They are made by name: a write to a dropped one does not bring it back."""
    return {
        "index_patterns": [f"{names.usable}-*"],
        "composed_of": [names.template, names.own_settings],
        "ignore_missing_component_templates": [names.own_settings],
        "priority": 500,
        "allow_auto_create": False,
        "_meta": {"layout": layout()},
    }


def aliases(names: Names) -> dict[str, Any]:
    """The aliases of an index that is searched."""
    return {names.all: {}, names.usable: {"filter": {"term": {"status": "usable"}}}}


# --------------------------------------------------------------------------- documents


def month_of(story: StoryDocument) -> str:
    """The month whose index holds a story. Raises ValueError for a text that is no month."""
    if story.month is None:
        return UNDATED
    if not _MONTH.fullmatch(story.month):
        raise ValueError(f"month {story.month!r} is not like 2017.11")
    return story.month


def to_json(document: object) -> bytes:
    """JSON in one line, as bulk requests have it. Raises ValueError for what it can't say: half a character, NaN."""
    return json.dumps(document, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def source(story: StoryDocument, *, for_candidates: bool = True) -> dict[str, Any]:
    """Make the document to write, without its vector: blank unless usable, without empty values.

    Args:
        story: the document.
        for_candidates: with the fields that only candidates need.

    Raises:
        ValueError: it cannot be written; with the reason.
    """
    story = blanked(story)
    for name in ("published_at", "updated_at", "fetched_at"):
        time = getattr(story, name)
        if time is not None and time.tzinfo is None:
            raise ValueError(f"{name} {time} has no time zone")
    for name in _KEYS:
        if any(len(value) * 4 > _LONGEST_KEY < len(value.encode()) for value in values(story, FIELDS[name])):
            raise ValueError(f"{name} is longer than the {_LONGEST_KEY:,} bytes that Elasticsearch takes")
    document = {name: value for name, value in shown(story).items() if value not in (None, "", [])}
    if for_candidates:
        document.update({name: terms for name in _UNSEEN[:2] if (terms := getattr(story, name))})
    return document


def to_line(story: StoryDocument) -> bytes:
    """The whole document as JSON. Raises ValueError for what can't be written."""
    line = to_json(source(story))
    packed = blanked(story).vector
    vector = _vector_json(packed) if packed is not None else b""
    return b'%b,"vector":%b}' % (line[:-1], vector) if vector else line


def fields_of(document: Mapping[str, Any]) -> dict[str, Any]:
    """A document's ``source`` as hits show it: every contract field."""
    fields = {name: document.get(name) for name in FIELDS}
    for name, value in fields.items():
        if value is None:
            fields[name] = [] if FIELDS[name].many else "" if name in ("headline", "body") else None
    return fields


def unit_vector(packed: bytes) -> list[float]:
    """16-bit numbers as a vector of length 1; empty for one of another size or without direction."""
    if len(packed) != 2 * _DIMENSIONS:
        return []
    values = struct.unpack(f"<{_DIMENSIONS}e", packed)
    length = sqrt(sum(map(mul, values, values)))
    if not isfinite(length) or length == 0.0:
        return []
    return [value / length for value in values]


def _vector_json(packed: bytes) -> bytes:
    """``unit_vector`` as JSON, empty where that is; number by number only if it is not of length 1 already."""
    if len(packed) == 2 * _DIMENSIONS:
        values = struct.unpack(f"<{_DIMENSIONS}e", packed)
        if abs(sum(map(mul, values, values)) - 1.0) < _ALMOST:
            codes = struct.unpack(f"<{_DIMENSIONS}H", packed)
            return f"[{','.join(map(_NUMBERS.__getitem__, codes))}]".encode()
    vector = unit_vector(packed)
    return to_json(vector) if vector else b""


class _Numbers(dict[int, str]):
    """The bits of a 16-bit number -> its value as JSON, filled as numbers are met; more digits would say nothing."""

    def __missing__(self, bits: int) -> str:
        (value,) = struct.unpack("<e", struct.pack("<H", bits))
        self[bits] = f"{value:.5g}"
        return self[bits]


_NUMBERS = _Numbers()
