"""Examples from judged threads: each question beside the candidates that a reader's question would bring.

judged thread -> questions -> the store's features, the engine's candidates of ``followup_query`` -> examples -> fit
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from pipeline.errors import NotFoundError
from pipeline.ports import SearchIndex, Store
from pipeline.relate.blas import one_blas_thread
from pipeline.relate.ranking.candidate_query import followup_query
from pipeline.relate.ranking.feature_cache import FeatureCache
from pipeline.relate.ranking.features import StoryFeatures
from pipeline.relate.ranking.story_matrix import published_after
from pipeline.relate.ranking.weight_selection import SAME_EVENT
from pipeline.relate.ranking.weights import Weights
from pipeline.relate.training.fit import Example, JudgedThread, Question, fit, make_example, questions
from pipeline.shared_formats.qrels import QueryJudgements

_WORDS_PERCENTILE = 99.0  # of the asking stories that the weights are taken to hold for: the longest are odd


@dataclass(slots=True)
class TrainingExamples:
    """Examples, and what is known of the stories that they come from.

    Attributes:
        examples: The examples.
        words: Telling words of each story that asked.
        headlines: How many of those had a headline.
        threads: How many threads were read.
        missing: How many judged stories the store lacks.
    """

    examples: list[Example] = field(default_factory=list)
    words: list[float] = field(default_factory=list)
    headlines: int = 0
    threads: int = 0
    missing: int = 0


def add_examples(
    store: Store,
    index: SearchIndex,
    threads: Sequence[JudgedThread],
    training: TrainingExamples,
    done: Callable[[], None],
) -> None:
    """Add the examples of these threads to those known so far.

    Args:
        store: Holds the stories of the threads, and those that they stand among.
        index: Likewise.
        threads: The threads.
        training: What the examples are added to.
        done: Called at the end of each thread.
    """
    maker = _ExampleMaker(store, index)
    uris = _uris_of(threads)
    lineages = {uri: lineage for uri in uris if (lineage := _lineage_of(store, uri)) is not None}
    training.missing += len(uris) - len(lineages)
    stories = maker.features(lineages.values())
    days = {
        uri: story.day
        for uri, lineage in lineages.items()
        if (story := stories.get(lineage)) is not None and story.day is not None
    }
    for thread in threads:
        with one_blas_thread():
            for question in questions(thread, days):
                maker.add(question, lineages, training)
        training.threads += 1
        done()


def fitted_weights(training: TrainingExamples, about: str) -> Weights:
    """Fit weights to the examples.

    Args:
        training: The examples.
        about: How the weights came to be, in words.

    Raises:
        SettingsError: There are no examples.
    """
    fitted = fit(training.examples, about)
    words = max(1.0, float(np.percentile(training.words, _WORDS_PERCENTILE)))
    headlines = 2 * training.headlines > len(training.words)
    return replace(fitted, words=words, headlines=headlines, same_event=SAME_EVENT if headlines else 1.0)


def _uris_of(threads: Iterable[JudgedThread]) -> set[str]:
    return {
        uri
        for thread in threads
        for uri in (thread.head, *thread.judged.right, *thread.judged.wrong, *thread.judged.open)
    }


def _lineage_of(store: Store, uri: str) -> int | None:
    try:
        return store.stories.resolve(uri)
    except NotFoundError:
        return None


class _ExampleMaker:
    """Makes examples of questions; keeps features from one question to the next."""

    def __init__(self, store: Store, index: SearchIndex) -> None:
        self._index = index
        self._cache = FeatureCache(store)

    def features(self, lineages: Iterable[int]) -> dict[int, StoryFeatures]:
        """Return the features of those that are tagged and usable."""
        return self._cache.features(lineages)

    def add(self, question: Question, lineages: Mapping[str, int], training: TrainingExamples) -> None:
        """Compare a question's candidates, exactly those that an answer would rank.

        Args:
            question: The question.
            lineages: Uri -> lineage, of judged stories that the store has.
            training: What the example is added to.
        """
        asking = lineages[question.query]
        query = self._cache.features([asking])[asking]
        (candidates,) = self._index.candidates([followup_query(query)])
        others = self._cache.matrix([candidate.lineage for candidate in candidates], query.vector)
        later = others.select(published_after(others, query))
        judged = question.judged
        wrong, left_open = (
            frozenset(lineages[uri] for uri in uris if uri in lineages) for uris in (judged.wrong, judged.open)
        )
        right = {lineages[uri]: judged.right[uri] for uri in question.followups if uri in lineages}
        of_lineages = QueryJudgements(right, wrong, left_open, judged.rest_open)
        example = make_example(query, later, of_lineages, question.weight)
        if example is not None:
            training.examples.append(example)
            training.words.append(float(np.expm1(query.log_words)))
            training.headlines += bool(query.outline.headline)
