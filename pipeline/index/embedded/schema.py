"""How a story lies in tantivy: the fields of its index, and a document made of one StoryDocument.

body                     its terms (pipeline.query.analysis), joined by spaces, with positions
body__words              its unstemmed words, for wildcards and fuzzy words
person                   the keys of its names
person__values           the names as written, for facets
published_at             milliseconds since 1970; published_at__values: the month, for facets
terms, headline_terms    for candidates
month                    201711, for retention; undated stories have none
present                  the names of its fields that have a value
shown                    what hits show, the fields' values as a JSON list: the only stored field
"""

import json
import zlib
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import tantivy

from pipeline.index.field_values import month, shown, values
from pipeline.models import StoryDocument
from pipeline.models.month_key import month_as_number
from pipeline.query.analysis import JOINERS, POSSESSIVE, keyword_key, name_key, terms_and_words, token_pattern
from pipeline.query.fields import FIELDS, FieldSpec, Kind

_LAYOUT = 2  # raised when the table above changes

ADDRESS = "lineage"  # the field by which a document is found and replaced
MONTH = "month"
CANDIDATE_FIELDS = ("headline_terms", "terms", "entity_ids")

_TERM_FIELDS = ("headline_terms", "terms")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)


@cache
def layout() -> str:
    """The fingerprint of these fields and this text analysis; an index made with another one cannot be read."""
    made_of = repr((*FIELDS.values(), token_pattern(), JOINERS, POSSESSIVE))
    return f"{_LAYOUT}-{zlib.crc32(made_of.encode()):08x}"


def stored_fields(document: tantivy.Document) -> dict[str, Any]:
    """Read back what ``tantivy_document`` stored: the fields as hits show them."""
    return dict(zip(FIELDS, json.loads(document["shown"][0].decode()), strict=True))


def words_field(name: str) -> str:
    """The name of the field with the unstemmed words of a text field."""
    return f"{name}__words"


def values_field(spec: FieldSpec) -> str:
    """The name of the field with the values that a facet counts."""
    return spec.name if spec.kind is Kind.INTEGER else f"{spec.name}__values"


def millis(time: datetime) -> int:
    """Milliseconds since 1970, UTC, rounded down: what both engines keep of a date."""
    return (time - _EPOCH) // _MILLISECOND


def build_schema() -> tantivy.Schema:
    """The schema of every generation and of the in-memory index that stored queries are matched in."""
    builder = tantivy.SchemaBuilder()
    for spec in FIELDS.values():
        match spec.kind:
            case Kind.TEXT:
                builder.add_text_field(spec.name, tokenizer_name="whitespace", index_option="position")
                builder.add_text_field(words_field(spec.name), tokenizer_name="whitespace", index_option="basic")
            case Kind.INTEGER:
                builder.add_integer_field(spec.name, indexed=True, fast=True)
            case Kind.DATE:
                builder.add_integer_field(spec.name, fast=True)
            case _:
                builder.add_text_field(spec.name, tokenizer_name="raw", index_option="basic")
        if spec.facet and spec.kind is not Kind.INTEGER:
            builder.add_text_field(values_field(spec), tokenizer_name="raw", index_option="basic", fast=True)
    for name in _TERM_FIELDS:
        builder.add_text_field(name, tokenizer_name="raw", index_option="basic")
    builder.add_integer_field(MONTH, indexed=True, fast=True)
    builder.add_text_field("present", tokenizer_name="whitespace", index_option="basic")
    builder.add_bytes_field("shown", stored=True)
    return builder.build()


def tantivy_document(story: StoryDocument) -> tantivy.Document:
    """Make the document to write.

    Raises:
        ValueError: the story holds what tantivy cannot: half a character, too large a number, a local time.
    """
    document = tantivy.Document()
    present = list[str]()
    try:
        for spec in FIELDS.values():
            field_values = values(story, spec)
            if field_values:
                present.append(spec.name)
                _ADDERS[spec.kind](document, spec, field_values)
        document.add_text("present", " ".join(present))
        for name in _TERM_FIELDS:
            for term in getattr(story, name):
                document.add_text(name, term)
        if story.month is not None:
            document.add_integer(MONTH, month_as_number(story.month))
        document.add_bytes("shown", json.dumps(list(shown(story).values()), ensure_ascii=False).encode())
    except (UnicodeEncodeError, OverflowError, TypeError) as error:
        raise ValueError(str(error)) from error
    return document


def _add_text(document: tantivy.Document, spec: FieldSpec, field_values: Sequence[str]) -> None:
    for text in field_values:
        terms, words = terms_and_words(text)
        document.add_text(spec.name, " ".join(terms))
        document.add_text(words_field(spec.name), " ".join(dict.fromkeys(words)))


def _add_integers(document: tantivy.Document, spec: FieldSpec, field_values: Sequence[int]) -> None:
    for number in field_values:
        document.add_integer(spec.name, number)


def _add_dates(document: tantivy.Document, spec: FieldSpec, field_values: Sequence[datetime]) -> None:
    for time in field_values:
        document.add_integer(spec.name, millis(time))
        if spec.facet:
            document.add_text(values_field(spec), month(time))


def _add_keys(document: tantivy.Document, spec: FieldSpec, field_values: Sequence[str]) -> None:
    key = name_key if spec.kind is Kind.NAME else keyword_key
    for value in field_values:
        document.add_text(spec.name, key(value))
        if spec.facet:
            document.add_text(values_field(spec), value)


_ADDERS: Mapping[Kind, Callable[[tantivy.Document, FieldSpec, Sequence[Any]], None]] = {
    Kind.TEXT: _add_text,
    Kind.INTEGER: _add_integers,
    Kind.DATE: _add_dates,
    Kind.KEYWORD: _add_keys,
    Kind.NAME: _add_keys,
    Kind.FLAG: _add_keys,
}
