"""What the embedded engine brings to matching: an in-memory index of the batch alone."""

from collections.abc import Collection, Sequence
from datetime import datetime

from pipeline.index.embedded.schema import tantivy_document
from pipeline.index.embedded.translate import Translator
from pipeline.index.embedded.writer import in_memory
from pipeline.index.matching.matcher import EngineAnswers
from pipeline.models import StoredQuery, StoryDocument
from pipeline.query import parse_query


class BatchIndex:
    """Made anew for each batch."""

    name = "the search engine"

    def check(self, story: StoryDocument) -> None:
        """See ``MatchingEngine.check``."""
        tantivy_document(story)

    def run(
        self,
        stories: Sequence[StoryDocument],
        queries: Sequence[StoredQuery],
        query_ids: Collection[int],
        now: datetime,
    ) -> EngineAnswers:
        """See ``MatchingEngine.run``."""
        index = in_memory(stories)
        searcher = index.searcher()
        translator = Translator(searcher, index.schema)
        answers = EngineAnswers()
        for stored in (stored for stored in queries if stored.id in query_ids):
            try:
                query = translator.query(parse_query(stored.query, now))
                hits = searcher.search(query, len(stories), count=False).hits
            except ValueError as error:
                answers.failures[stored.id] = str(error)
                continue
            lineages = searcher.fast_field_values("lineage", [address for _, address in hits])
            answers.matches[stored.id] = [int(lineage or 0) for lineage in lineages]
        return answers
