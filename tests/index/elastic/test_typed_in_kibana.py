"""What is typed into Kibana without a field is looked for in headline and body, with our analysis."""

from collections.abc import Iterator
from typing import Any

import pytest

from pipeline.models import Status
from tests.index.elastic.engines import Site, site_on
from tests.index.stories import story
from tests.servers.elasticsearch import ElasticsearchServer


@pytest.fixture(scope="module")
def library(elasticsearch_server: ElasticsearchServer) -> Iterator[Site]:
    with site_on(elasticsearch_server) as site:
        site.open().write(
            [
                story(1, headline="Turkey to buy Russian S-400s", body="A loan was agreed on.", month="2017.11"),
                story(2, headline="Study contract", body="Eurosam will look at the SAMP/T.", month="2017.11"),
                story(3, headline="A tender", body="Put off.", person=("Eurosam Loan",), slugline="LOAN", urgency=400),
                story(4, headline="A loan", status=Status.WITHDRAWN, month="2017.11"),
                story(5, headline="Loans, and loans again", body="The loan of a museum.", month="2017.12"),
            ]
        )
        yield site


def lucene(typed: str) -> dict[str, Any]:
    """As Kibana sends what is typed in the Lucene syntax."""
    return {"query_string": {"query": typed, "analyze_wildcard": True, "time_zone": "Europe/Istanbul"}}


def kql(typed: str) -> dict[str, Any]:
    """As Kibana sends a word, or words in quotes, typed in KQL."""
    kind = "phrase" if typed.startswith('"') else "best_fields"
    return {"multi_match": {"type": kind, "query": typed.strip('"'), "lenient": True}}


def headlines_found(site: Site, query: dict[str, Any]) -> list[int]:
    answer = site.call("POST", "/{}-stories/_search", {"query": query})
    assert answer["_shards"]["failed"] == 0
    return [int(hit["_id"]) for hit in answer["hits"]["hits"]]


@pytest.mark.parametrize("typing", [lucene, kql])
@pytest.mark.parametrize(
    ("typed", "lineages"),
    [
        ("loan", {1, 5}),
        ("LOANS", {1, 5}),
        ("s400", {1}),
        ('"S 400"', {1}),
        ("samp-t", {2}),
        ("eurosam", {2}),
        ('"study contract"', {2}),
        ('"contract study"', set()),
        ("400", set()),
        ("withdrawn", set()),
    ],
)
def test_headline_and_body_are_searched_and_nothing_else(
    library: Site, typing: Any, typed: str, lineages: set[int]
) -> None:
    assert set(headlines_found(library, typing(typed))) == lineages


def test_a_find_in_the_headline_counts_more(library: Site) -> None:
    assert headlines_found(library, lucene("loan")) == [5, 1]
