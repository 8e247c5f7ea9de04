"""Fitting the ranking's weights to judged follow-ups: a linear model under a softmax loss over each query's candidates.

    FOLDER/span*/qrels.txt -> judged threads -> questions -> compared candidates -> fit -> weights.json

The loss of a query is the mean over its follow-ups of -log(e^s / (e^s + sum over others of e^s')), after ListNet (Cao
et al., ICML 2007). A thread's later stories ask as well, so that chains teach too. What is shared may only speak for a
follow-up, and distance only against it: features overlap, and free signs would play them off against each other in ways
that hold for the stories trained on alone. Scores are then put on a scale of probabilities by a logistic fit of two
numbers (Platt 1999).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pipeline.errors import SettingsError
from pipeline.relate.arrays import Doubles, Flags, Floats
from pipeline.relate.ranking.compare import FEATURES, CandidateSelection, compare
from pipeline.relate.ranking.features import StoryFeatures
from pipeline.relate.ranking.story_matrix import StoryMatrix
from pipeline.relate.ranking.weights import Weights
from pipeline.shared_formats.qrels import JUDGED_DAYS, QueryJudgements, parse_qrels

_SHRINKAGE = 3e-4  # of the squared weights, beside the loss
_AGAINST = frozenset(["nations_differ", "event_differs", "lag", "crowd", "rivals", "rivals_before"])
_EITHER = frozenset(["nations_unknown", "length"])
_LEAST = np.array([-np.inf if name in _AGAINST | _EITHER else 0.0 for name in FEATURES])
_MOST = np.array([0.0 if name in _AGAINST else np.inf for name in FEATURES])
_STEPS = 400
_RATE = 0.05


@dataclass(frozen=True, slots=True)
class JudgedThread:
    """What the judges say of the stories after ``head``, by uri."""

    head: str
    judged: QueryJudgements[str]


@dataclass(frozen=True, slots=True)
class Question:
    """One query for training.

    Attributes:
        query: The uri of the story that asks.
        followups: Those of the thread's follow-ups that are later than the query.
        judged: All that the judges say of the thread.
        weight: Threads count alike, however long they are; a thread's head counts double.
    """

    query: str
    followups: frozenset[str]
    judged: QueryJudgements[str]
    weight: float


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """A question with its n candidates compared.

    Attributes:
        rows: Their features; (n, features) float32.
        relevant: Whether each is a follow-up; (n,) bool.
        weight: Of the question.
    """

    rows: Floats
    relevant: Flags
    weight: float


def read_threads(folder: Path) -> list[JudgedThread]:
    """Read all judgements in ``folder``, or in the folders in it. A head that is judged in several has its widest span.

    Raises:
        SettingsError: There are no judgements, or they cannot be read.
    """
    threads: dict[str, JudgedThread] = {}
    own = folder / "qrels.txt"
    for path in [own] if own.is_file() else sorted(folder.glob("*/qrels.txt")):
        for head, judged in parse_qrels(_read_text(path), str(path)).items():
            if judged.right and (head not in threads or len(judged.right) > len(threads[head].judged.right)):
                threads[head] = JudgedThread(head, judged)
    if not threads:
        raise SettingsError(f"no judgements in {folder}: it needs a folder with queries.txt and qrels.txt")
    return list(threads.values())


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is no UTF-8 text"
        raise SettingsError(f"{path} cannot be read: {reason}") from error


def questions(thread: JudgedThread, days: Mapping[str, float]) -> Iterator[Question]:
    """Yield the thread's questions: its head asks for all follow-ups, each follow-up but the last for those after it.

    Args:
        thread: The thread.
        days: Uri -> time of publication, of the stories that are known and dated.
    """
    members = sorted((uri for uri in thread.judged.right if uri in days), key=lambda uri: (days[uri], uri))
    if thread.head not in days:
        return
    asking = [thread.head, *members[:-1]]
    for query in asking:
        later = frozenset(uri for uri in members if days[uri] > days[query])
        if later:
            share = (2.0 if query == thread.head else 1.0) / len(asking) ** 0.5
            yield Question(query, later, thread.judged, share)


def make_example(
    query: StoryFeatures, candidates: StoryMatrix, judged: QueryJudgements[int], weight: float
) -> Example | None:
    """Compare a question's candidates.

    Stories that the judges left open, and those later than they looked, are compared but teach nothing.

    Args:
        query: The story that asks.
        candidates: Its candidates.
        judged: What the judges say of them, by lineage.
        weight: Of the question.

    Returns:
        The example; None unless a follow-up and a story that is none are among the candidates.
    """
    compared = compare(query, candidates, CandidateSelection(one_per_copy_group=True, preferred=judged.right))
    lineages: list[int] = compared.candidates.lineages.tolist()
    lags = np.abs(compared.candidates.days - (np.nan if query.day is None else query.day))
    named, counts = (
        np.array([predicate(lineage) for lineage in lineages], dtype=np.bool_)
        for predicate in (judged.is_named, judged.covers)
    )
    teach = named | (counts & ~(lags > JUDGED_DAYS))
    relevant = np.isin(lineages, list(judged.right))[teach]
    return Example(compared.rows[teach], relevant, weight) if relevant.any() and not relevant.all() else None


def fit(examples: Iterable[Example], about: str) -> Weights:
    """Fit weights to these examples. The same examples always give the same weights.

    Args:
        examples: At least one.
        about: How the weights came to be, in words.

    Raises:
        SettingsError: There are no examples.
    """
    known = list(examples)
    if not known:
        raise SettingsError(
            "nothing to train on: no judged follow-up is among the candidates beside a story that is none; "
            "a set of marks needs some that say wrong"
        )
    rows = np.concatenate([example.rows for example in known]).astype(np.float64)
    means, scales = rows.mean(axis=0), rows.std(axis=0) + 1e-9
    problem = _Problem((rows - means) / scales, known)
    weights = problem.solve()
    slope, bias = _platt_scale(problem.rows @ weights, problem.relevant)
    return Weights(
        about=about,
        bias=bias,
        means=means.astype(np.float32),
        weights=(slope * weights / scales).astype(np.float32),
    )


class _Problem:
    """The loss over all examples and its gradient.

    Attributes:
        rows: The features of all candidates, standardised; (n, features).
        relevant: Whether each candidate is a follow-up; (n,).
    """

    def __init__(self, rows: Doubles, examples: Sequence[Example]) -> None:
        self.rows = rows
        self.relevant = np.concatenate([example.relevant for example in examples])
        sizes = [len(example.rows) for example in examples]
        self._starts = np.cumsum([0, *sizes[:-1]])
        self._example_of_row = np.repeat(np.arange(len(examples)), sizes)
        weights = np.array([example.weight for example in examples])
        followups = np.array([example.relevant.sum() for example in examples])
        # A query with many follow-ups tells more than one with a single follow-up, but not in proportion.
        self._example_weights = weights / weights.sum() / followups**0.5

    def solve(self) -> Doubles:
        """Minimise the loss by Adam (Kingma & Ba, ICLR 2015) over the whole set, with a rate that falls to nothing."""
        weights, momentum, squares = (np.zeros(len(FEATURES)) for _ in range(3))
        for step in range(1, _STEPS + 1):
            gradient = self._gradient(weights)
            momentum = 0.9 * momentum + 0.1 * gradient
            squares = 0.99 * squares + 0.01 * gradient**2
            rate = _RATE * (1 - (step - 1) / _STEPS)
            weights -= rate * (momentum / (1 - 0.9**step)) / (np.sqrt(squares / (1 - 0.99**step)) + 1e-9)
            weights = np.clip(weights, _LEAST, _MOST)
        return weights

    def _gradient(self, weights: Doubles) -> Doubles:
        scores = self.rows @ weights
        scores = np.exp(scores - np.maximum.reduceat(scores, self._starts)[self._example_of_row])
        others = np.add.reduceat(np.where(self.relevant, 0.0, scores), self._starts)
        example = self._example_of_row[self.relevant]
        totals = scores[self.relevant] + others[example] + 1e-300
        example_weights = self._example_weights[example]
        pull = np.bincount(example, weights=example_weights / totals, minlength=len(self._starts))
        slopes = np.where(self.relevant, 0.0, scores * pull[self._example_of_row])
        slopes[self.relevant] = -example_weights * others[example] / totals
        return self.rows.T @ slopes + 2 * _SHRINKAGE * weights


def _platt_scale(scores: Doubles, relevant: Flags) -> tuple[float, float]:
    """Return slope and bias that make scores probabilities.

    This is logistic regression by Newton's method, with Platt's targets, which keep it finite where the scores part the
    relevant from the others.
    """
    spread = float(scores.std()) or 1.0
    inputs = np.stack([scores / spread, np.ones_like(scores)], axis=1)
    right, wrong = int(relevant.sum()), int((~relevant).sum())
    targets = np.where(relevant, (right + 1) / (right + 2), 1 / (wrong + 2))
    line = np.array([1.0, -2.0])
    for _ in range(100):
        guess = 1 / (1 + np.exp(-np.clip(inputs @ line, -30, 30)))
        curvature = (inputs * (guess * (1 - guess))[:, None]).T @ inputs + 1e-6 * np.eye(2)
        step = np.clip(np.linalg.solve(curvature, inputs.T @ (guess - targets)), -2, 2)
        line = line - step
        if np.abs(step).max() < 1e-9:
            break
    return float(line[0]) / spread, float(line[1])
