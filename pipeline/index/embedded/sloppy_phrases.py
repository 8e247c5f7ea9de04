"""Phrases of three words and more with slop, which tantivy decides otherwise than Lucene.

The stories that hold all the words are read, and the phrase is looked for in each.
"""

from collections.abc import Sequence

import tantivy

from pipeline.index.embedded.schema import ADDRESS, stored_fields
from pipeline.query.analysis import terms
from pipeline.query.phrases import occurrences, positions_of


def decided_like_lucene(phrase: Sequence[str], slop: int) -> bool:
    """Whether tantivy's own phrase query finds the same."""
    return slop == 0 or len(phrase) <= 2


def lineages_with(
    searcher: tantivy.Searcher, schema: tantivy.Schema, field: str, phrase: Sequence[str], slop: int
) -> list[int]:
    """The lineages of the stories that hold a phrase in a field."""
    every_word = tantivy.Query.boolean_query(
        [(tantivy.Occur.Must, tantivy.Query.term_query(schema, field, term)) for term in sorted(set(phrase))]
    )
    lineages = list[int]()
    for _, address in searcher.search(every_word, max(1, searcher.num_docs), count=False).hits:
        fields = stored_fields(searcher.doc(address))
        if any(occurrences(positions_of(terms(fields[field] or "")), phrase, slop)):
            lineages.append(fields[ADDRESS])
    return lineages
