"""Stored queries over a batch of stories, which need not be in the index.

Only queries that could match at all are asked: the stories' words tell (stored.py). Where the cluster has a percolator,
it holds the queries and is given the stories (percolator.py). Where it has none, it is given the stories for a moment
and asked the queries (batches.py); so are queries that count from now, and what a percolator refuses. Either way the
same stories match: queries and analysis are the same.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime

from pipeline.errors import QueryError
from pipeline.index.batch import Batch
from pipeline.index.elastic.batches import Batches
from pipeline.index.elastic.percolator import Kept, Percolator, kept
from pipeline.index.elastic.translate import to_query
from pipeline.index.elastic.workplace import Answers
from pipeline.index.highlight import Highlighter
from pipeline.index.stored import StoredQueries, is_fleeting
from pipeline.models import QueryFailure, QueryMatch, Status, StoredQuery, StoryDocument
from pipeline.query import parse_query
from pipeline.query.tree import Node

_SPARE = 1_000  # queries that nobody asks any more, before all are forgotten


class Matcher:
    """Matches batches with one cluster; keeps what it has read of the queries from batch to batch."""

    def __init__(self, percolator: Percolator, batches: Batches) -> None:
        self._percolator = percolator
        self._batches = batches
        self._stored = StoredQueries()
        self._kept = dict[str, Kept | None]()  # None: it counts from now

    def match(
        self, batch: Sequence[StoryDocument], queries: Sequence[StoredQuery], now: datetime
    ) -> tuple[list[QueryMatch], list[QueryFailure]]:
        """Which usable stories of the batch match which queries; a query that fails says why and stops no other.

        Of several documents of one lineage only that with the highest revision counts.
        """
        newest = {story.lineage: story for story in sorted(batch, key=lambda story: story.revision)}
        stories = {lineage: story for lineage, story in newest.items() if story.status is Status.USABLE}
        failures = dict[int, str]()
        held = self._held(queries, now, failures)
        asked = [stored for stored in queries if stored.id not in failures]
        found, wanted = self._found(list(stories.values()), asked, held, now) if stories and asked else (Answers(), {})
        texts = {stored.id: stored.query for stored in asked}
        failures |= {
            number: f"Elasticsearch could not run {texts[number]!r}: {why}" for number, why in found.failed.items()
        }
        matches = [
            QueryMatch(stored.id, lineage, words.words(stories[lineage]))
            for stored in asked
            if found.found.get(stored.id)
            for words in [Highlighter(wanted.get(stored.id) or parse_query(stored.query, now))]
            for lineage in sorted(found.found[stored.id])
        ]
        return matches, [QueryFailure(stored.id, failures[stored.id]) for stored in queries if stored.id in failures]

    def _held(
        self, queries: Sequence[StoredQuery], now: datetime, failures: dict[int, str]
    ) -> Mapping[int, Kept | None]:
        """Each query as a cluster keeps it, or None for one that counts from now: a stored query's dates stand still.

        failures: gets those that are no queries.
        """
        if len(self._kept) > 2 * len(queries) + _SPARE:
            self._kept.clear()
        held = dict[int, Kept | None]()
        for stored in queries:
            try:
                held[stored.id] = self._kept[stored.query]
            except KeyError:
                try:
                    tree = parse_query(stored.query, now)
                except QueryError as error:
                    failures[stored.id] = str(error)
                    continue
                made = None if is_fleeting(stored.query, tree, now) else kept(tree)
                held[stored.id] = self._kept[stored.query] = made
        return held

    def _found(
        self,
        stories: Sequence[StoryDocument],
        queries: Sequence[StoredQuery],
        held: Mapping[int, Kept | None],
        now: datetime,
    ) -> tuple[Answers, Mapping[int, Node]]:
        """The cluster's answers, and for the queries that some story may answer what is wanted in it."""
        possible, _ = self._stored.possible(Batch(stories), queries, now)
        wanted = {one.stored.id: one.wanted for one in possible}
        standing = {number: one for number, one in held.items() if one is not None}
        percolated = self._percolator.find(stories, standing, wanted)
        left = [one.stored for one in possible if percolated is None or one.stored.id not in standing]
        asked = {stored.id: to_query(parse_query(stored.query, now)) for stored in left}
        answers = self._batches.find(stories, asked) if asked else Answers()
        if percolated is not None:
            answers = Answers(percolated.found | answers.found, percolated.failed | answers.failed)
        return answers, wanted
