"""What judged threads teach: each question beside the candidates that a reader's question would bring.

thread -> questions -> the store's features, the engine's candidates of ``followup_query`` -> examples -> fit
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from pipeline.errors import NotFoundError
from pipeline.ports import SearchIndex, Store
from pipeline.relate.candidates import followup_query
from pipeline.relate.desk import FeatureDesk
from pipeline.relate.features import StoryFeatures, is_later
from pipeline.relate.train import Example, Question, Thread, example, fit, questions
from pipeline.relate.weights import Weights

_SHARE = 99.0  # per cent of the asking stories that the weights are taken to hold for: the longest are odd


@dataclass(slots=True)
class Lessons:
    """Examples, and the telling words of the stories that asked; missing: judged stories that the store lacks."""

    examples: list[Example] = field(default_factory=list)
    words: list[float] = field(default_factory=list)
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
    names = {lineage: uri for uri, lineage in lineages.items()}
    for thread in threads:
        for question in questions(thread, days):
            teacher.ask(question, lineages[question.query], names, lessons)
        lessons.threads += 1
        done()


def weights_from(lessons: Lessons, about: str) -> Weights:
    """Weights fitted to the examples. Raises SettingsError if there are none."""
    fitted = fit(lessons.examples, about)
    return replace(fitted, words=max(1.0, float(np.percentile(lessons.words, _SHARE))))


def _uris(threads: Iterable[Thread]) -> set[str]:
    return {uri for thread in threads for uri in (thread.head, *thread.followups, *thread.open)}


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

    def ask(self, question: Question, lineage: int, names: dict[int, str], lessons: Lessons) -> None:
        """Compare a question's candidates, exactly those that an answer would rank."""
        query = self._desk.features([lineage])[lineage]
        (found,) = self._index.candidates([followup_query(query)])
        others = self._desk.features(candidate.lineage for candidate in found)
        later = {names.get(one.lineage, f"#{one.lineage}"): one for one in others.values() if is_later(one, query)}
        made = example(question, query, later)
        if made is not None:
            lessons.examples.append(made)
            lessons.words.append(float(np.expm1(query.length)))
