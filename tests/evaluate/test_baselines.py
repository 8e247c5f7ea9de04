"""BM25 and its decay."""

import math
from collections import Counter

import pytest

from pipeline.evaluate.baselines import Bm25, Text

STORIES = [
    Text("ask", 100.0, "The Vell dam has cracks"),
    Text("soon", 102.0, "Cracks in the dam at Vell widen, widen and widen"),
    Text("late", 400.0, "The Vell dam has cracks"),
    Text("before", 90.0, "The Vell dam has cracks"),
    Text("other", 101.0, "A ferry has run aground"),
    Text("undated", None, "The Vell dam has cracks"),
    Text("far", 900.0, "Vell dam"),
    Text("apart", 103.0, "Quite another matter"),
]


def test_only_later_stories_within_the_horizon_that_share_a_word() -> None:
    assert Bm25(STORIES).later("ask", 365.0, 10) == ["late", "soon", "other"]
    assert Bm25(STORIES).later("ask", 365.0, 1) == ["late"]


def test_decay_prefers_what_is_near() -> None:
    assert Bm25(STORIES).later("ask", 365.0, 10, decay_days=90.0) == ["soon", "other", "late"]


@pytest.mark.parametrize("query", ["undated", "nowhere"])
def test_a_story_without_a_date_or_unknown_has_no_answers(query: str) -> None:
    assert Bm25(STORIES).later(query, 365.0, 10) == []


def test_scores_are_those_of_the_formula() -> None:
    bags = {"a": "x x y", "b": "x z", "c": "z z z z"}
    texts = [Text(uri, float(day), words) for day, (uri, words) in enumerate(bags.items())]
    counts = [Counter(words.split()) for words in bags.values()]
    mean = sum(map(len, (words.split() for words in bags.values()))) / 3

    def worth(term: str, bag: Counter[str]) -> float:
        frequency = sum(term in other for other in counts)
        rarity = math.log(1 + (3 - frequency + 0.5) / (frequency + 0.5))
        return rarity * bag[term] * 2.2 / (bag[term] + 1.2 * (0.25 + 0.75 * bag.total() / mean))

    expected = [sum(times * worth(term, bag) for term, times in counts[0].items() if term in bag) for bag in counts]
    assert Bm25(texts).scores("a").tolist() == pytest.approx(expected)
