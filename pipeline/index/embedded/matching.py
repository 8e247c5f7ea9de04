"""Stored queries over a batch: an in-memory index of it, and the queries that could match at all run on it."""

from collections.abc import Sequence
from datetime import datetime

import tantivy

from pipeline.errors import QueryError
from pipeline.index.embedded.translate import Translator
from pipeline.index.embedded.writing import in_memory
from pipeline.index.highlight import Highlighter
from pipeline.index.vocabulary import Vocabulary
from pipeline.models import QueryFailure, QueryMatch, Status, StoredQuery, StoryDocument
from pipeline.query import parse_query


def match_batch(
    batch: Sequence[StoryDocument], queries: Sequence[StoredQuery], now: datetime
) -> tuple[list[QueryMatch], list[QueryFailure]]:
    """Which usable stories of the batch match which queries; a query that fails says why and stops no other.

    Of several documents of one lineage only that with the highest revision counts.
    """
    newest = {story.lineage: story for story in sorted(batch, key=lambda story: story.revision)}
    by_lineage = {lineage: story for lineage, story in newest.items() if story.status is Status.USABLE}
    stories = list(by_lineage.values())
    index = in_memory(stories)
    searcher = index.searcher()
    translator = Translator(searcher, index.schema)
    vocabulary = Vocabulary(stories)
    matches, failures = list[QueryMatch](), list[QueryFailure]()
    for stored in queries:
        try:
            tree = parse_query(stored.query, now)
            if not vocabulary.may_match(tree):
                continue
            found = _found(searcher, translator.query(tree), len(stories))
        except QueryError as error:
            failures.append(QueryFailure(stored.id, str(error)))
            continue
        except ValueError as error:
            failures.append(QueryFailure(stored.id, f"the search engine could not run {stored.query!r}: {error}"))
            continue
        highlighter = Highlighter(tree)
        matches += [QueryMatch(stored.id, lineage, highlighter.words(by_lineage[lineage])) for lineage in found]
    return matches, failures


def _found(searcher: tantivy.Searcher, query: tantivy.Query, size: int) -> list[int]:
    addresses = [address for _, address in searcher.search(query, max(1, size), count=False).hits]
    return sorted(int(lineage or 0) for lineage in searcher.fast_field_values("lineage", addresses))
