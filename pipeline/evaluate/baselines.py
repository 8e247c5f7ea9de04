"""What most systems would answer: BM25 over the story's own words, alone and with the lag's decay."""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pipeline.query.analysis import STOP_WORDS, terms

DECAY_DAYS = 90.0
_K1 = 1.2
_B = 0.75


@dataclass(frozen=True, slots=True)
class Text:
    """A story as a baseline sees it. day: publication in days since 1970; None if unknown."""

    uri: str
    day: float | None
    words: str


class Bm25:
    """BM25 as Lucene computes it (Robertson & Zaragoza 2009) over a set; a whole story is the query."""

    def __init__(self, stories: Sequence[Text]) -> None:
        """Index these stories."""
        self._stories = stories
        self._row = {story.uri: row for row, story in enumerate(stories)}
        self._days = np.array([math.nan if story.day is None else story.day for story in stories])
        self._bags = [Counter(term for term in terms(story.words) if term not in STOP_WORDS) for story in stories]
        lengths = np.array([sum(bag.values()) for bag in self._bags], dtype=np.float64)
        self._norms = _K1 * (1 - _B + _B * lengths / max(1.0, lengths.mean() if len(lengths) else 1.0))
        postings: dict[str, tuple[list[int], list[int]]] = {}
        for row, bag in enumerate(self._bags):
            for term, times in bag.items():
                rows, counts = postings.setdefault(term, ([], []))
                rows.append(row)
                counts.append(times)
        self._postings = {
            term: (np.array(rows, dtype=np.intp), np.array(counts, dtype=np.float64))
            for term, (rows, counts) in postings.items()
        }

    def later(self, uri: str, horizon: float, limit: int, decay_days: float | None = None) -> list[str]:
        """Return later stories that share a word with a story, best first; none for an unknown or undated story.

        Args:
            uri: The story.
            horizon: Days after it that count.
            limit: At most so many.
            decay_days: Multiply the score by exp(-lag / decay_days); None: do not.
        """
        row = self._row.get(uri)
        if row is None or math.isnan(self._days[row]):
            return []
        lag = self._days - self._days[row]
        scores = np.where((lag > 0) & (lag <= horizon), self.scores(uri), 0.0)
        if decay_days is not None:
            scores = scores * np.exp(-np.nan_to_num(lag) / decay_days)
        order = np.lexsort((np.arange(len(scores)), -scores))[:limit]
        return [self._stories[other].uri for other in order if scores[other] > 0]

    def scores(self, uri: str) -> npt.NDArray[np.float64]:
        """Return the score of every story of the set for a known one as the query; the lag plays no part; (n,)."""
        scores = np.zeros(len(self._stories))
        for term, query_times in self._bags[self._row[uri]].items():
            rows, counts = self._postings[term]
            idf = math.log(1 + (len(self._stories) - len(rows) + 0.5) / (len(rows) + 0.5))
            scores[rows] += query_times * idf * counts * (_K1 + 1) / (counts + self._norms[rows])
        return scores
