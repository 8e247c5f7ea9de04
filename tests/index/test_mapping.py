"""mapping.json is the field contract as Elasticsearch reads it, and says nothing else than the query language's."""

import json
from pathlib import Path
from typing import Any

import pytest

import pipeline.index
from pipeline.query.analysis import JOINERS, POSSESSIVE, STOP_WORDS, token_pattern
from pipeline.query.fields import DEFAULT_FIELDS, FIELDS, Kind

MAPPING: dict[str, Any] = json.loads(
    Path(pipeline.index.__file__).with_name("mapping.json").read_text(encoding="utf-8")
)
PROPERTIES = MAPPING["mappings"]["properties"]
ANALYSIS = MAPPING["settings"]["analysis"]

TYPES = {
    Kind.TEXT: "text",
    Kind.KEYWORD: "keyword",
    Kind.NAME: "keyword",
    Kind.INTEGER: "long",
    Kind.DATE: "date",
    Kind.FLAG: "boolean",
}


def test_it_holds_the_fields_of_the_contract_and_those_for_candidates() -> None:
    assert MAPPING["mappings"]["dynamic"] == "strict"
    assert set(PROPERTIES) == {*FIELDS, "terms", "headline_terms", "vector"}


@pytest.mark.parametrize("name", sorted(FIELDS))
def test_a_field_is_of_its_kind(name: str) -> None:
    spec, mapped = FIELDS[name], PROPERTIES[name]
    if name == "follows":
        mapped = mapped["properties"]["lineage"]
    assert mapped["type"] == TYPES[spec.kind]
    match spec.kind:
        case Kind.TEXT:
            assert (mapped["analyzer"], mapped["search_quote_analyzer"]) == ("story_text", "story_text")
            assert mapped["search_analyzer"] == "story_query"
            assert mapped["fields"]["words"]["analyzer"] == "story_words"
        case Kind.NAME:
            assert mapped["fields"]["key"]["normalizer"] == "name_key"
        case Kind.KEYWORD:
            assert mapped["fields"]["key"]["normalizer"] == "keyword_key"


def test_its_analysis_is_ours() -> None:
    assert ANALYSIS["tokenizer"]["story_tokens"] == {
        "type": "pattern",
        "pattern": token_pattern(java=True),
        "group": 0,
    }
    assert ANALYSIS["filter"]["story_joiners"]["pattern"] == JOINERS
    assert ANALYSIS["filter"]["story_possessive"]["pattern"] == POSSESSIVE
    assert set(ANALYSIS["filter"]["story_common"]["stopwords"]) == STOP_WORDS


def test_words_without_a_field_are_looked_for_in_text() -> None:
    assert {FIELDS[name].kind for name in DEFAULT_FIELDS} == {Kind.TEXT}
