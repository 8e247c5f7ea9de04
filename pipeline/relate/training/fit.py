"""Fitting the ranking's weights to judged follow-ups: a linear model under a softmax loss over each query's candidates.

    FOLDER/span*/queries.txt, qrels.txt -> threads -> questions -> compared candidates -> fit -> weights.json

The loss of a query is the mean over its follow-ups of -log(e^s / (e^s + sum over others of e^s')), after ListNet (Cao
et al., ICML 2007); a thread's later stories ask as well, so that chains teach too. What is shared may only speak for a
follow-up and distance only against it: features overlap, and free signs would play them off against each other in ways
that hold for the stories trained on alone. Scores are then put on a scale of probabilities by a logistic fit of two
numbers (Platt 1999).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pipeline.errors import SettingsError
from pipeline.relate.ranking.comparison import FEATURES, Choice, compare
from pipeline.relate.ranking.features import Floats, StoryFeatures
from pipeline.relate.ranking.story_matrix import Packed
from pipeline.relate.ranking.weights import Weights
from pipeline.shared_formats.qrels import JUDGED_DAYS, QueryJudgements, parse_qrels

_SHRINK = 3e-4
_AGAINST = frozenset(["nations_differ", "event_differs", "lag", "crowd", "rivals", "rivals_before"])
_EITHER = frozenset(["nations_unknown", "length"])
_LEAST = np.array([-np.inf if name in _AGAINST | _EITHER else 0.0 for name in FEATURES])
_MOST = np.array([0.0 if name in _AGAINST else np.inf for name in FEATURES])
_STEPS = 400
_RATE = 0.05


@dataclass(frozen=True, slots=True)
class Thread:
    """What the judges say of the stories after ``head``."""

    head: str
    judged: QueryJudgements[str]


@dataclass(frozen=True, slots=True)
class Question:
    """One query for training. followups: those of the thread's that are later than the query. weight: threads count
    alike, however long; a thread's head counts double."""

    query: str
    followups: frozenset[str]
    judged: QueryJudgements[str]
    weight: float


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """A question with its candidates compared. relevant: a flag a row."""

    rows: Floats
    relevant: npt.NDArray[np.bool_]
    weight: float


def read_threads(folder: Path) -> list[Thread]:
    """The threads of all judgements in ``folder``, or in the folders in it, one a head: its widest span.

    Raises SettingsError.
    """
    found: dict[str, Thread] = {}
    own = folder / "qrels.txt"
    for path in [own] if own.is_file() else sorted(folder.glob("*/qrels.txt")):
        for head, judged in parse_qrels(_text(path), str(path)).items():
            if judged.right and (head not in found or len(judged.right) > len(found[head].judged.right)):
                found[head] = Thread(head, judged)
    if not found:
        raise SettingsError(f"no judgements in {folder}: it needs a folder with queries.txt and qrels.txt")
    return list(found.values())


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise SettingsError(f"{path} cannot be read: {reason}") from error


def questions(thread: Thread, days: Mapping[str, float]) -> Iterator[Question]:
    """The thread's head asks for all follow-ups, each follow-up but the last for those after it. days: uri -> when."""
    members = sorted((uri for uri in thread.judged.right if uri in days), key=lambda uri: (days[uri], uri))
    if thread.head not in days:
        return
    asking = [thread.head, *members[:-1]]
    for query in asking:
        later = frozenset(uri for uri in members if days[uri] > days[query])
        if later:
            share = (2.0 if query == thread.head else 1.0) / len(asking) ** 0.5
            yield Question(query, later, thread.judged, share)


def example(query: StoryFeatures, candidates: Packed, judged: QueryJudgements[int], weight: float) -> Example | None:
    """A question's candidates compared; None unless a follow-up and a story that is none are among them.

    Stories that the judges left open, and those later than they looked, are compared but teach nothing.
    """
    compared = compare(query, candidates, Choice(fold=True, preferred=judged.right))
    lineages: list[int] = compared.candidates.lineages.tolist()
    lags = np.abs(compared.candidates.days - (np.nan if query.day is None else query.day))
    named, counts = (
        np.array([told(one) for one in lineages], dtype=np.bool_) for told in (judged.names, judged.counts)
    )
    teach = named | (counts & ~(lags > JUDGED_DAYS))
    relevant = np.isin(lineages, list(judged.right))[teach]
    return Example(compared.rows[teach], relevant, weight) if relevant.any() and not relevant.all() else None


def fit(examples: Iterable[Example], about: str) -> Weights:
    """Weights for these examples. Raises SettingsError without any. Deterministic."""
    some = list(examples)
    if not some:
        raise SettingsError(
            "nothing to train on: no judged follow-up is among the candidates beside a story that is none; "
            "a set of marks needs some that say wrong"
        )
    rows = np.concatenate([one.rows for one in some]).astype(np.float64)
    means, scales = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    problem = _Problem((rows - means) / scales, some)
    found = problem.solve()
    slope, bias = _scale(problem.rows @ found, problem.relevant)
    return Weights(
        about=about,
        bias=bias,
        means=means.astype(np.float32),
        weights=(slope * found / scales).astype(np.float32),
    )


class _Problem:
    """The loss over all examples and its gradient."""

    def __init__(self, rows: npt.NDArray[np.float64], examples: Sequence[Example]) -> None:
        self.rows = rows
        self.relevant = np.concatenate([one.relevant for one in examples])
        sizes = [len(one.rows) for one in examples]
        self._starts = np.cumsum([0, *sizes[:-1]])
        self._group = np.repeat(np.arange(len(examples)), sizes)
        weights = np.array([one.weight for one in examples])
        many = np.array([one.relevant.sum() for one in examples])
        # A query with many follow-ups tells more than one with a single one, but not in proportion.
        self._worth = weights / weights.sum() / many**0.5

    def solve(self) -> npt.NDArray[np.float64]:
        """Adam (Kingma & Ba, ICLR 2015) over the whole set, with a rate that falls to nothing."""
        weights, speed, size = (np.zeros(len(FEATURES)) for _ in range(3))
        for step in range(1, _STEPS + 1):
            slope = self._gradient(weights)
            speed = 0.9 * speed + 0.1 * slope
            size = 0.99 * size + 0.01 * slope**2
            rate = _RATE * (1 - (step - 1) / _STEPS)
            weights -= rate * (speed / (1 - 0.9**step)) / (np.sqrt(size / (1 - 0.99**step)) + 1e-9)
            weights = np.clip(weights, _LEAST, _MOST)
        return weights

    def _gradient(self, weights: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        scores = self.rows @ weights
        scores = np.exp(scores - np.maximum.reduceat(scores, self._starts)[self._group])
        others = np.add.reduceat(np.where(self.relevant, 0.0, scores), self._starts)
        group = self._group[self.relevant]
        whole = scores[self.relevant] + others[group] + 1e-300
        worth = self._worth[group]
        pull = np.bincount(group, weights=worth / whole, minlength=len(self._starts))
        slopes = np.where(self.relevant, 0.0, scores * pull[self._group])
        slopes[self.relevant] = -worth * others[group] / whole
        return self.rows.T @ slopes + 2 * _SHRINK * weights


def _scale(scores: npt.NDArray[np.float64], relevant: npt.NDArray[np.bool_]) -> tuple[float, float]:
    """Slope and bias that make scores probabilities: logistic regression by Newton's method, with Platt's targets,
    which keep it finite where the scores part the relevant from the others."""
    spread = float(scores.std()) or 1.0
    known = np.stack([scores / spread, np.ones_like(scores)], axis=1)
    right, wrong = int(relevant.sum()), int((~relevant).sum())
    targets = np.where(relevant, (right + 1) / (right + 2), 1 / (wrong + 2))
    found = np.array([1.0, -2.0])
    for _ in range(100):
        guess = 1 / (1 + np.exp(-np.clip(known @ found, -30, 30)))
        bend = (known * (guess * (1 - guess))[:, None]).T @ known + 1e-6 * np.eye(2)
        step = np.clip(np.linalg.solve(bend, known.T @ (guess - targets)), -2, 2)
        found = found - step
        if np.abs(step).max() < 1e-9:
            break
    return float(found[0]) / spread, float(found[1])
