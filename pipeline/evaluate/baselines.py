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
        self._stories = stories
        self._place = {story.uri: place for place, story in enumerate(stories)}
        self._days = np.array([math.nan if story.day is None else story.day for story in stories])
        bags = [Counter(term for term in terms(story.words) if term not in STOP_WORDS) for story in stories]
        self._bags = bags
        lengths = np.array([sum(bag.values()) for bag in bags], dtype=np.float64)
        self._norms = _K1 * (1 - _B + _B * lengths / max(1.0, lengths.mean() if len(lengths) else 1.0))
        gathered: dict[str, tuple[list[int], list[int]]] = {}
        for place, bag in enumerate(bags):
            for term, times in bag.items():
                places, counts = gathered.setdefault(term, ([], []))
                places.append(place)
                counts.append(times)
        self._postings = {
            term: (np.array(places, dtype=np.intp), np.array(counts, dtype=np.float64))
            for term, (places, counts) in gathered.items()
        }

    def later(self, uri: str, horizon: float, limit: int, decay_days: float | None = None) -> list[str]:
        """Stories of the ``horizon`` days after this one that share a word with it, best first; decay_days: multiply
        the score by exp(-lag / decay_days). Empty for an unknown or undated story."""
        place = self._place.get(uri)
        if place is None or math.isnan(self._days[place]):
            return []
        lag = self._days - self._days[place]
        scores = np.where((lag > 0) & (lag <= horizon), self.scores(uri), 0.0)
        if decay_days is not None:
            scores = scores * np.exp(-np.nan_to_num(lag) / decay_days)
        order = np.lexsort((np.arange(len(scores)), -scores))[:limit]
        return [self._stories[found].uri for found in order if scores[found] > 0]

    def scores(self, uri: str) -> npt.NDArray[np.float64]:
        """The score of every story of the set, in its order, for a known one as the query; the lag plays no part."""
        scores = np.zeros(len(self._stories))
        for term, asked in self._bags[self._place[uri]].items():
            places, counts = self._postings[term]
            worth = math.log(1 + (len(self._stories) - len(places) + 0.5) / (len(places) + 0.5))
            scores[places] += asked * worth * counts * (_K1 + 1) / (counts + self._norms[places])
        return scores
