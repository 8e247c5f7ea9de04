"""Searching: the same set for every query, the same order under an explicit sort, whatever the engine."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.errors import QueryError, UsageError
from pipeline.models import SearchRequest, SearchResult
from pipeline.ports import SearchIndex
from pipeline.query import parse_query
from tests.contracts.index.conftest import FixedClock
from tests.index.query_oracle import expected_lineages
from tests.index.stories import LIBRARY, story

USABLE = {1, 2, 3, 4, 5, 6, 7, 10}
SORTS = ("relevance", "newest", "oldest")


def lineages(result: SearchResult) -> list[int]:
    return [hit.lineage for hit in result.hits]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("S-400", {1, 3}),
        ("s400", {1, 3}),
        ("S 400", {1, 3}),
        ('"S 400 deal"', {3}),
        ("SAMP/T", {1, 2}),
        ("SAMPT", {1, 2}),
        ("PAC 3", {5}),
        ("US", {5}),
        ("besiktas", {6}),
        ("ERDOGAN", {1}),
        ("missile", {1, 2, 4, 5, 7}),
        ("signing", {1, 2, 3}),
        ('"letter of intent"', {1, 2}),
        ('"letter intent"', set()),
        ('"letter intent"~1', {1, 2}),
        ('"intent letter"~2', {5}),
        ('"intent letter"~3', {1, 2, 5}),
        ('"France Turkey letter"~9', {1, 2}),
        ('"France Turkey letter"~3', set()),
        ("headline:missile", {1, 2}),
        ("headline:(missile AND letter)", {1, 2}),
        ("slugline:eurosam", {1}),
        ("byline:tan", {1}),
        ("letter of intent", {1, 2, 5}),
        ("turkey AND NOT eurosam", {1, 2, 3}),
        ("turkey -loan -eurosam", {1, 2}),
        ("+turkey +study", {4}),
        ("NOT turkey", {5, 6, 7, 10}),
        ("poland OR NOT _exists_:agency", {5, 10}),
        ("*:*", USABLE),
        ('person:"tayyip erdogan"', {1, 3}),
        ("person:Tayyip", set()),
        ("person:tayyip*", {1, 3}),
        ("person:(“Nurettin Canikli” OR “Vladimir Putin”)", {1, 2, 3}),
        ("organization:EUROSAM", {1, 2, 4}),
        ("product:S400", {1, 3}),
        ('place:"united states"', {5}),
        ('source:"the harbour post"', {2}),
        ("entity_ids:gaz\\:s-400", {1, 3}),
        ('entity_ids:"GAZ:S-400"', {1, 3}),
        ("topics:medtop\\:2*", {1}),
        ('uri:"tag:wire.example,2017:Deal-1"', {1}),
        ("language:TR", {6}),
        ("corrected:true", {4}),
        ("urgency:[2 TO 3]", {1, 2, 3, 4}),
        ("urgency:{2 TO 4}", {2, 4}),
        ("urgency:>4", {6}),
        ("lineage:3", {3}),
        ("thread:1 AND NOT happening:1", {3, 4}),
        ("follows:1", {3, 4}),
        ("follows:[5 TO *]", {3}),
        ("copy_group:1", {1, 2}),
        ("published_at:2017-12-29", {3}),
        ("published_at:[2017-11-10 TO 2017-11-17]", {5, 6}),
        ("published_at:[2017-11-10 TO 2017-11-17}", set()),
        ("published_at:>=2018", {4}),
        ("published_at:<1970", {10}),
        ("published_at:2017-12-29T16:00:00.250Z", {3}),
        ("published_at:>2017-12-29T16:00:00.250Z", {4}),
        ("published_at:[now-7d TO now]", {5, 6}),
        ("NOT _exists_:published_at", {7}),
        ("_exists_:follows", {3, 4}),
        ("_exists_:body", {1, 2, 3, 4, 5, 6, 7}),
        ("missil*", {1, 2, 4, 5, 7}),
        ("companie*", {4}),
        ("def?n*", {1, 4, 7}),
        ("Roketsen~1", {4}),
        ("roketsna~1", {4}),
        ("roketsnaa~1", set()),
        ("roketsnaa~2", {4}),
        ("organization:azelsan~1", {4}),
        ("who", set()),
        ("when knows", {7}),
        ("status:withdrawn", set()),
        ("(turkey OR poland)^3 AND product:*", {1, 2, 3, 5}),
    ],
)
def test_the_stories_that_a_query_means(library: SearchIndex, query: str, expected: set[int]) -> None:
    result = library.search(SearchRequest(query=query, limit=100))
    assert set(lineages(result)) == expected
    assert result.total == len(expected)


_ATOMS = (
    *("turkey", "missile", "deal", "study", "S-400", "SAMP/T", "signed", '"letter of intent"', '"in the"', "the"),
    *("missil*", "s*", "defenc?", "portu~", "headline:letter", "body:turkey", 'person:"Tayyip Erdogan"'),
    *("product:S400", "agency:northwire", "agency:s*", "urgency:[2 TO 3]", "urgency:>2", "corrected:true"),
    *("published_at:2017-11", "published_at:>=2017-12-29T16:00", "_exists_:person", "follows:1", "*:*"),
    *("status:usable", "organization:eurosan~", "language:tr", "copies:0"),
)


def _query(chance: random.Random, depth: int) -> str:
    if depth == 0 or chance.random() < 0.3:
        return chance.choice(_ATOMS)
    parts = [_query(chance, depth - 1) for _ in range(chance.randint(2, 3))]
    match chance.randrange(4):
        case 0:
            return f"({' AND '.join(parts)})"
        case 1:
            return f"({' OR '.join(parts)})"
        case 2:
            return f"({parts[0]} AND NOT {parts[1]})"
        case _:
            signs = [chance.choice(("", "", "+", "-")) for _ in parts]
            return f"({' '.join(sign + part for sign, part in zip(signs, parts, strict=True))})"


def random_queries(count: int) -> list[str]:
    """Always the same queries of one to nine comparisons."""
    chance = random.Random(20171108)
    return [_query(chance, 2) for _ in range(count)]


def test_two_hundred_chance_queries_find_what_they_mean(library: SearchIndex) -> None:
    for number, query in enumerate(random_queries(200)):
        everything = number % 5 == 0
        result = library.search(SearchRequest(query=query, limit=50, all_statuses=everything, highlight=False))
        expected = expected_lineages(parse_query(query, FixedClock().now()), LIBRARY, everything)
        assert set(lineages(result)) == expected, query


# --------------------------------------------------------------------------- order and pages


def test_by_date_undated_stories_come_last_and_equal_ones_by_lineage(library: SearchIndex) -> None:
    newest = library.search(SearchRequest(query="*:*", sort="newest"))
    assert lineages(newest) == [4, 3, 5, 6, 1, 2, 10, 7]
    oldest = library.search(SearchRequest(query="*:*", sort="oldest"))
    assert lineages(oldest) == [10, 1, 2, 5, 6, 3, 4, 7]


def test_by_relevance_the_headline_counts_more_and_rare_words_do(engine: SearchIndex) -> None:
    filler = [story(n, headline="Other news", body="The council met about roads.") for n in range(10, 30)]
    engine.write(
        [
            story(1, headline="Other news", body="The council met about the tender."),
            story(2, headline="The tender", body="The council met about roads."),
            *filler,
        ]
    )
    result = engine.search(SearchRequest(query="tender council"))
    assert lineages(result)[:2] == [2, 1]
    assert [hit.score for hit in result.hits] == sorted((hit.score for hit in result.hits), reverse=True)


def test_a_weight_changes_the_order_and_not_the_set(library: SearchIndex) -> None:
    study = library.search(SearchRequest(query="study^50 letter"))
    letter = library.search(SearchRequest(query="study letter^50"))
    assert set(lineages(study)) == set(lineages(letter)) == {1, 2, 4, 5}
    assert lineages(study)[0] == 4
    assert lineages(letter)[0] != 4


def test_stories_that_match_alike_are_in_order_of_lineage(engine: SearchIndex) -> None:
    numbers = list(range(1, 121))
    random.Random(7).shuffle(numbers)
    for start in range(0, 120, 40):
        engine.write([story(n, headline="Same words", published_at=None) for n in numbers[start : start + 40]])
    for sort in SORTS:
        assert lineages(engine.search(SearchRequest(query="same", sort=sort, limit=100))) == list(range(1, 101))


@pytest.mark.parametrize("fold", [False, True])
@pytest.mark.parametrize("sort", SORTS)
def test_pages_joined_are_the_whole(engine: SearchIndex, sort: str, fold: bool) -> None:
    chance = random.Random(3)
    day = datetime(2017, 1, 1, tzinfo=UTC)
    engine.write(
        [
            story(
                n,
                headline="deal " * chance.randint(1, 3) + "x " * chance.randint(0, 4),
                published_at=None if n % 9 == 0 else day + timedelta(days=chance.randint(0, 12)),
                copy_group=chance.choice([None, None, 1, 2, 3]),
            )
            for n in range(1, 80)
        ]
    )
    request = SearchRequest(query="deal", sort=sort, fold_copies=fold, highlight=False, limit=1_000)
    result = engine.search(request)
    assert result.next_key is None
    for size in (1, 7, 20, 78, 79):
        joined, key = list[int](), None
        while True:
            page = engine.search(replace(request, limit=size, after_key=key))
            joined += lineages(page)
            assert page.total == 79
            key = page.next_key
            if key is None:
                break
            assert len(page.hits) == size
        assert joined == lineages(result)


def test_a_page_goes_on_where_the_one_before_ended_though_stories_came_in(engine: SearchIndex) -> None:
    engine.write([story(n) for n in range(10, 20)])
    first = engine.search(SearchRequest(query="story", sort="newest", limit=4))
    assert lineages(first) == [19, 18, 17, 16]
    engine.write([story(n) for n in (5, 30, 31, 32, 33, 34)])
    second = engine.search(SearchRequest(query="story", sort="newest", limit=4, after_key=first.next_key))
    assert lineages(second) == [15, 14, 13, 12]


def test_no_hits_are_given_when_none_are_asked_for(library: SearchIndex) -> None:
    result = library.search(SearchRequest(query="turkey", limit=0, facets=("place",)))
    assert (result.total, result.hits, result.next_key) == (4, (), None)
    assert result.facets["place"][0] == ("Turkey", 4)


def test_of_the_copies_of_a_story_the_first_by_the_sort_is_shown(library: SearchIndex) -> None:
    for sort, shown in (("newest", 1), ("oldest", 1)):
        result = library.search(SearchRequest(query="letter", sort=sort, fold_copies=True))
        assert [n for n in lineages(result) if n in (1, 2)] == [shown]
        assert result.total == 3
    only_the_copy = library.search(SearchRequest(query="letter AND agency:Southpress", fold_copies=True))
    assert lineages(only_the_copy) == [2]


# --------------------------------------------------------------------------- what a hit shows


def test_a_hit_shows_every_field_ready_for_json(library: SearchIndex) -> None:
    (hit,) = library.search(SearchRequest(query="lineage:3")).hits
    assert hit.fields == {
        "id": 3,
        "uri": "tag:wire.example,2017:3",
        "lineage": 3,
        "version": 1,
        "revision": 1,
        "status": "usable",
        "corrected": False,
        "headline": "Ankara and Moscow agree loan for S 400 deal",
        "slugline": None,
        "body": LIBRARY[2].body,
        "language": "en",
        "byline": None,
        "agency": "Northwire",
        "source": "Northwire",
        "url": None,
        "urgency": 2,
        "topics": [],
        "dateline_place": None,
        "published_at": "2017-12-29T16:00:00.250000Z",
        "updated_at": None,
        "fetched_at": "2017-11-08T09:30:00Z",
        "person": ["Tayyip Erdogan", "Vladimir Putin"],
        "organization": [],
        "place": ["Turkey", "Russia"],
        "product": ["S-400"],
        "named_event": [],
        "entity_ids": ["person:tayyip-erdogan", "gaz:s-400"],
        "event_type": "agreement",
        "keyterms": [],
        "copy_group": None,
        "copies": 0,
        "happening": None,
        "thread": 1,
        "follows": [{"lineage": 1, "score": 0.82}, {"lineage": 7, "score": 0.3}],
    }


def test_highlights_mark_what_matched_and_escape_the_rest(library: SearchIndex) -> None:
    result = library.search(SearchRequest(query='lineage:7 AND ("air defence" OR missile OR markup OR when)'))
    assert result.hits[0].highlights == {
        "headline": ("Story without a date &lt;b&gt;&amp; with <em>markup</em>&lt;/b&gt;",),
        "body": (
            "An <em>air defence</em> tender was cancelled; nobody knows <em>when</em>. "
            '<em>Missiles</em> &lt;i&gt;"were"&lt;/i&gt; named.',
        ),
    }
    assert library.search(SearchRequest(query="missile", highlight=False)).hits[0].highlights == {}


def test_facets_count_all_finds_most_frequent_first(library: SearchIndex) -> None:
    asked = ("agency", "place", "person", "urgency", "corrected", "published_at", "thread", "topics", "follows")
    result = library.search(SearchRequest(query="turkey", limit=1, facets=asked))
    assert result.facets == {
        "agency": (("Northwire", 2), ("Southpress", 2)),
        "place": (("Turkey", 4), ("France", 2), ("Italy", 2), ("Russia", 1)),
        "person": (("Nurettin Canikli", 2), ("Tayyip Erdogan", 1), ("Tayyip Erdoğan", 1), ("Vladimir Putin", 1)),
        "urgency": (("2", 2), ("3", 2)),
        "corrected": (("false", 3), ("true", 1)),
        "published_at": (("2017-11", 2), ("2017-12", 1), ("2018-01", 1)),
        "thread": (("1", 4),),
        "topics": (("medtop:11001000", 1), ("medtop:20000053", 1)),
        "follows": (("1", 2), ("7", 1)),
    }


def test_unusable_stories_are_shown_only_when_asked_for_and_blank(library: SearchIndex) -> None:
    everything = library.search(SearchRequest(query="*:*", all_statuses=True, limit=50, facets=("status",)))
    assert set(lineages(everything)) == USABLE | {8, 9}
    assert everything.facets["status"] == (("usable", 8), ("withdrawn", 1), ("withheld", 1))
    blank = {hit.lineage: hit.fields["headline"] + hit.fields["body"] for hit in everything.hits}
    assert blank[8] == blank[9] == ""
    assert lineages(library.search(SearchRequest(query="status:withheld", all_statuses=True))) == [9]


# --------------------------------------------------------------------------- refusals


def test_a_bad_query_is_refused_before_anything_is_run(library: SearchIndex) -> None:
    with pytest.raises(QueryError) as refused:
        library.search(SearchRequest(query="turkey AND persn:x"))
    assert (refused.value.position, refused.value.reason) == (11, "there is no field 'persn'; did you mean person?")


@pytest.mark.parametrize(
    ("request_", "reason"),
    [
        (SearchRequest(query="x", facets=("body",)), "'body' cannot be counted"),
        (SearchRequest(query="x", facets=("nothing",)), "'nothing' cannot be counted"),
        (SearchRequest(query="x", sort="random"), "no sort 'random'"),
        (SearchRequest(query="x", limit=-1), "limit of 0 or more"),
        (SearchRequest(query="x", after_key="???"), "start from the first page"),
        (SearchRequest(query="x", after_key="eyJhIjoxfQ=="), "start from the first page"),
    ],
)
def test_a_request_that_cannot_be_answered_is_refused(
    library: SearchIndex, request_: SearchRequest, reason: str
) -> None:
    with pytest.raises(UsageError, match=reason):
        library.search(request_)


def test_a_page_key_of_another_sort_is_refused(library: SearchIndex) -> None:
    key = library.search(SearchRequest(query="turkey", limit=1, sort="newest")).next_key
    with pytest.raises(UsageError, match="sorted by newest"):
        library.search(SearchRequest(query="turkey", limit=1, sort="oldest", after_key=key))
