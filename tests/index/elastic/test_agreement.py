"""Both engines side by side on a corpus: the same stories, the same order, and nearly the same top tens."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.index.embedded import open_embedded
from pipeline.models import CandidateQuery, SearchRequest, Status, StoryDocument
from pipeline.ports import SearchIndex
from tests.benchmarks.corpus import stories as bench_stories
from tests.index.elastic.engines import FixedClock, Monthly, site_on
from tests.index.stories import story
from tests.sample_wire.loader import load_stories
from tests.servers.elasticsearch import ElasticsearchServer

_START = datetime(2017, 1, 1, 12, tzinfo=UTC)
_AGENCIES = ("Northwire", "Southpress", "The Harbour Post", "Levant Daily")


def corpus() -> list[StoryDocument]:
    """Real sentences in 1,500 stories of seven months, some of them updated, withdrawn, copied."""
    chance = random.Random(8)
    texts = [(story.headline, story.body) for story in load_stories()]
    texts += [
        (generated["body_text"][:70], generated["body_text"]) for generated in bench_stories(1_500 - len(texts), 80)
    ]
    return [
        story(
            number,
            headline=headline,
            body=body,
            agency=chance.choice(_AGENCIES),
            urgency=chance.randint(1, 5),
            published_at=None if number % 40 == 0 else _START + timedelta(hours=chance.randrange(24 * 200)),
            person=tuple(chance.sample(("Tayyip Erdoğan", "Nurettin Canikli", "Vladimir Putin"), chance.randint(0, 2))),
            copy_group=number // 10 if number % 10 < 3 else None,
            status=Status.WITHDRAWN if number % 50 == 0 else Status.USABLE,
            terms=tuple(sorted({word.lower() for word in body.split() if word.isalpha()})),
        )
        for number, (headline, body) in enumerate(texts, start=1)
    ]


@pytest.fixture(scope="module")
def stories() -> list[StoryDocument]:
    return corpus()


@pytest.fixture(scope="module")
def engines(
    elasticsearch_server: ElasticsearchServer, tmp_path_factory: pytest.TempPathFactory, stories: list[StoryDocument]
) -> Iterator[Sequence[SearchIndex]]:
    """The embedded engine and Elasticsearch, given the same stories in different batches; a third of them twice."""
    embedded = open_embedded(tmp_path_factory.mktemp("embedded"), FixedClock())
    with site_on(elasticsearch_server) as site:
        elastic = Monthly(site.open())
        drafts = [replace(story, revision=0, headline="Draft") for story in stories[::3]]
        for engine, size in ((embedded, 500), (elastic, 700)):
            engine.write(drafts)
            for start in range(0, len(stories), size):
                engine.write(stories[start : start + size])
        yield embedded, elastic
    embedded.close()


def queries(stories: Sequence[StoryDocument]) -> list[str]:
    """Two hundred as readers type them: words and phrases that occur, with fields, dates and operators."""
    chance, queries_typed = random.Random(15), list[str]()
    usable = [story for story in stories if story.status is Status.USABLE]
    while len(queries_typed) < 200:
        words = [word for word in chance.choice(usable).body.split() if word.isalpha() and len(word) > 3]
        if len(words) < 8:
            continue
        first = chance.randrange(len(words) - 4)
        first_word, two, three, four = chance.sample(words, 4)
        queries_typed.append(
            chance.choice(
                (
                    first_word,
                    f"{first_word} {two} {three}",
                    f"{first_word} AND {two}",
                    f"+{first_word} {two} -{three}",
                    f'"{words[first]} {words[first + 1]}" {two}',
                    f'"{first_word} {two}"~20 {three}',
                    f"headline:{first_word}^3 {two} {four}",
                    f"({first_word} OR {two}) AND published_at:[2017-03 TO 2017-06] {three}",
                    f'{first_word} {two} AND agency:"the harbour post"',
                    f"{first_word} {two[:4].lower()}*",
                    f'({first_word} {two} {three}) AND NOT person:"tayyip erdogan"',
                )
            )
        )
    return queries_typed


def ask(engine: SearchIndex, query: str, sort: str, limit: int, fold: bool = False) -> list[int]:
    result = engine.search(SearchRequest(query=query, sort=sort, limit=limit, highlight=False, fold_copies=fold))
    return [hit.lineage for hit in result.hits]


def test_the_same_stories_in_the_same_order(engines: Sequence[SearchIndex], stories: list[StoryDocument]) -> None:
    embedded, elastic = engines
    for number, query in enumerate(queries(stories)):
        sort = ("newest", "oldest")[number % 2]
        fold = number % 3 == 0
        assert ask(elastic, query, sort, 2_000, fold) == ask(embedded, query, sort, 2_000, fold), query
        assert set(ask(elastic, query, "relevance", 2_000)) == set(ask(embedded, query, "relevance", 2_000)), query


def test_by_relevance_the_top_tens_share_nine(engines: Sequence[SearchIndex], stories: list[StoryDocument]) -> None:
    embedded, elastic = engines
    shares = list[float]()
    for query in queries(stories):
        ours, theirs = ask(embedded, query, "relevance", 10), ask(elastic, query, "relevance", 10)
        assert len(ours) == len(theirs)
        if ours:
            shares.append(len(set(ours) & set(theirs)) / len(ours))
    assert len(shares) > 180
    assert sum(shares) / len(shares) >= 0.9


def test_facets_count_the_same(engines: Sequence[SearchIndex], stories: list[StoryDocument]) -> None:
    embedded, elastic = engines
    asked = ("agency", "person", "urgency", "published_at", "copy_group", "corrected", "language", "status")
    for query in ["*:*", *queries(stories)[:40]]:
        request = SearchRequest(query=query, limit=0, facets=asked)
        ours, theirs = embedded.search(request), elastic.search(request)
        assert (theirs.total, theirs.facets) == (ours.total, ours.facets), query


def test_candidates_are_the_same(engines: Sequence[SearchIndex], stories: list[StoryDocument]) -> None:
    embedded, elastic = engines
    chance = random.Random(3)
    asked = [
        CandidateQuery(
            terms={term: chance.uniform(0.1, 9.0) for term in chance.sample(story.terms, min(24, len(story.terms)))},
            common=frozenset(chance.sample(story.terms, len(story.terms) // 2 if story.lineage % 3 else 0)),
            after=None if story.lineage % 2 else _START + timedelta(days=20),
            before=story.published_at,
            exclude=frozenset({story.lineage}),
            limit=60,
        )
        for story in stories[::15]
        if story.status is Status.USABLE
    ]
    for query, ours, theirs in zip(asked, embedded.candidates(asked), elastic.candidates(asked), strict=True):
        assert theirs == ours, query
