"""The fields of the indexed story, as queries see them: the contract of the query language, both engines and Kibana.

`pipeline/index/mapping.json` is the same contract as Elasticsearch reads it; a test holds the two together.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from enum import StrEnum
from types import MappingProxyType


class Kind(StrEnum):
    """How a field is compared.

    Attributes:
        TEXT: analysed words.
        KEYWORD: the whole value, ignoring case and accents.
        NAME: the whole name, ignoring case, accents, spaces and punctuation (S-400 = S400).
        INTEGER: a whole number.
        DATE: a time in UTC, to the millisecond.
        FLAG: true or false.
    """

    TEXT = "text"
    KEYWORD = "keyword"
    NAME = "name"
    INTEGER = "integer"
    DATE = "date"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field of the indexed story.

    Attributes:
        name: as in queries, in both engines and in Kibana.
        kind: how it is compared.
        facet: its values can be counted (dates by month).
        many: it holds several values.
    """

    name: str
    kind: Kind
    facet: bool = False
    many: bool = False


_ALL = (
    FieldSpec("id", Kind.INTEGER),
    FieldSpec("uri", Kind.KEYWORD),
    FieldSpec("lineage", Kind.INTEGER),
    FieldSpec("version", Kind.INTEGER),
    FieldSpec("revision", Kind.INTEGER),
    FieldSpec("status", Kind.KEYWORD, facet=True),
    FieldSpec("corrected", Kind.FLAG, facet=True),
    FieldSpec("headline", Kind.TEXT),
    FieldSpec("slugline", Kind.TEXT),
    FieldSpec("body", Kind.TEXT),
    FieldSpec("language", Kind.KEYWORD, facet=True),
    FieldSpec("byline", Kind.TEXT),
    FieldSpec("agency", Kind.NAME, facet=True),
    FieldSpec("source", Kind.NAME, facet=True),
    FieldSpec("url", Kind.KEYWORD),
    FieldSpec("urgency", Kind.INTEGER, facet=True),
    FieldSpec("topics", Kind.KEYWORD, facet=True, many=True),
    FieldSpec("dateline_place", Kind.NAME, facet=True),
    FieldSpec("published_at", Kind.DATE, facet=True),
    FieldSpec("updated_at", Kind.DATE, facet=True),
    FieldSpec("fetched_at", Kind.DATE, facet=True),
    FieldSpec("person", Kind.NAME, facet=True, many=True),
    FieldSpec("organization", Kind.NAME, facet=True, many=True),
    FieldSpec("place", Kind.NAME, facet=True, many=True),
    FieldSpec("product", Kind.NAME, facet=True, many=True),
    FieldSpec("named_event", Kind.NAME, facet=True, many=True),
    FieldSpec("entity_ids", Kind.KEYWORD, facet=True, many=True),
    FieldSpec("event_type", Kind.KEYWORD, facet=True),
    FieldSpec("keyterms", Kind.NAME, facet=True, many=True),
    FieldSpec("copy_group", Kind.INTEGER, facet=True),
    FieldSpec("copies", Kind.INTEGER),
    FieldSpec("happening", Kind.INTEGER, facet=True),
    FieldSpec("thread", Kind.INTEGER, facet=True),
    FieldSpec("follows", Kind.INTEGER, facet=True, many=True),
)

FIELDS: Mapping[str, FieldSpec] = MappingProxyType({spec.name: spec for spec in _ALL})

DEFAULT_FIELDS: Mapping[str, float] = MappingProxyType({"headline": 2.0, "body": 1.0})
"""Where words without a field are looked for, with the weight of a find; finds in both add up."""

SORTS = ("relevance", "newest", "oldest")


def nearest_field(name: str) -> str | None:
    """The known field that a misspelt name most likely means."""
    close = get_close_matches(name.lower(), FIELDS, n=1, cutoff=0.6)
    if close:
        return close[0]
    same_start = [known for known in FIELDS if len(name) > 2 and known.startswith(name.lower()[:3])]
    return same_start[0] if same_start else None
