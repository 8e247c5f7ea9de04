"""What judged threads teach: each question beside the candidates that a reader's question would bring.

thread -> questions -> the store's features, the engine's candidates of ``followup_query`` -> examples -> fit
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from pipeline.errors import NotFoundError
from pipeline.ports import SearchIndex, Store
from pipeline.relate.ranking.candidates import followup_query
from pipeline.relate.ranking.feature_cache import FeatureDesk
from pipeline.relate.ranking.features import StoryFeatures
from pipeline.relate.ranking.story_matrix import is_after
from pipeline.relate.ranking.weight_selection import SAME_EVENT
from pipeline.relate.ranking.weights import Weights
from pipeline.relate.training.fit import Example, Question, Thread, example, fit, questions
from pipeline.shared_formats.qrels import QueryJudgements

_SHARE = 99.0  # per cent of the asking stories that the weights are taken to hold for: the longest are odd


@dataclass(slots=True)
class Lessons:
    """Examples, the telling words of the stories that asked and how many of those had a headline.

    missing: judged stories that the store lacks.
    """

    examples: list[Example] = field(default_factory=list)
    words: list[float] = field(default_factory=list)
    headlines: int = 0
    threads: int = 0
    missing: int = 0


def learn(
    store: Store, index: SearchIndex, threads: Sequence[Thread], lessons: Lessons, done: Callable[[], None]
) -> None:
    """Add what these threads teach; the store and the index hold their stories and those that they stand among.

    done: told at the end of each thread.
    """
    teacher = _Teacher(store, index)
    lineages = {uri: lineage for uri in _uris(threads) if (lineage := _known(store, uri)) is not None}
    lessons.missing += len(_uris(threads)) - len(lineages)
    stories = teacher.stories(lineages.values())
    days = {
        uri: story.day
        for uri, lineage in lineages.items()
        if (story := stories.get(lineage)) is not None and story.day is not None
    }
    for thread in threads:
        for question in questions(thread, days):
            teacher.ask(question, lineages, lessons)
        lessons.threads += 1
        done()


def weights_from(lessons: Lessons, about: str) -> Weights:
    """Weights fitted to the examples. Raises SettingsError if there are none."""
    fitted = fit(lessons.examples, about)
    words = max(1.0, float(np.percentile(lessons.words, _SHARE)))
    headlines = 2 * lessons.headlines > len(lessons.words)
    return replace(fitted, words=words, headlines=headlines, same_event=SAME_EVENT if headlines else 1.0)


def _uris(threads: Iterable[Thread]) -> set[str]:
    return {
        uri
        for thread in threads
        for uri in (thread.head, *thread.judged.right, *thread.judged.wrong, *thread.judged.open)
    }


def _known(store: Store, uri: str) -> int | None:
    try:
        return store.stories.resolve(uri)
    except NotFoundError:
        return None


class _Teacher:
    def __init__(self, store: Store, index: SearchIndex) -> None:
        self._index = index
        self._desk = FeatureDesk(store)

    def stories(self, lineages: Iterable[int]) -> dict[int, StoryFeatures]:
        return self._desk.features(lineages)

    def ask(self, question: Question, lineages: Mapping[str, int], lessons: Lessons) -> None:
        """Compare a question's candidates, exactly those that an answer would rank. lineages: of judged uris."""
        asking = lineages[question.query]
        query = self._desk.features([asking])[asking]
        (found,) = self._index.candidates([followup_query(query)])
        others = self._desk.packed([candidate.lineage for candidate in found], query.vector)
        later = others.only(is_after(others, query))
        said = question.judged
        wrong, left_open = (
            frozenset(lineages[uri] for uri in uris if uri in lineages) for uris in (said.wrong, said.open)
        )
        right = {lineages[uri]: said.right[uri] for uri in question.followups if uri in lineages}
        made = example(query, later, QueryJudgements(right, wrong, left_open, said.rest_open), question.weight)
        if made is not None:
            lessons.examples.append(made)
            lessons.words.append(float(np.expm1(query.length)))
            lessons.headlines += bool(query.outline.headline)
