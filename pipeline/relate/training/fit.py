"""Fitting the ranking's weights to judged follow-ups: a linear model under a softmax loss over each query's candidates.

    FOLDER/span*/qrels.txt -> judged threads -> questions -> compared candidates -> fit -> weights.json

The loss of a query is the mean over its follow-ups of -log(e^s / (e^s + sum over others of e^s')), after ListNet (Cao
et al., ICML 2007). A thread's later stories ask as well, so that chains teach too. What is shared may only speak for a
follow-up, and distance only against it: features overlap, and free signs would play them off against each other in ways
that hold for the stories trained on alone. Scores are then put on a scale of probabilities by a logistic fit of two
numbers (Platt 1999). Both are minimised by scipy's L-BFGS-B, which knows bounds and stops by itself.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
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
_CONVERGED = {"ftol": 1e-12, "gtol": 1e-8, "maxiter": 2_000}
_MAX_LOG_ODDS = 30.0  # beyond it a chance is 0 or 1


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
    """The loss over all examples.

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
        """Return the weights with the least loss that have the signs they may have; (features,)."""
        bounds = list(zip(_LEAST, _MOST, strict=True))
        return _minimize(self._loss, np.zeros(len(FEATURES)), bounds)

    def _loss(self, weights: Doubles) -> tuple[float, Doubles]:
        """Return the loss of these weights, and its gradient, (features,)."""
        scores = self.rows @ weights
        scores -= np.maximum.reduceat(scores, self._starts)[self._example_of_row]
        odds = np.exp(scores)
        others = np.add.reduceat(np.where(self.relevant, 0.0, odds), self._starts)
        example = self._example_of_row[self.relevant]
        totals = odds[self.relevant] + others[example] + 1e-300
        example_weights = self._example_weights[example]
        loss = example_weights @ (np.log(totals) - scores[self.relevant])
        pull = np.bincount(example, weights=example_weights / totals, minlength=len(self._starts))
        slopes = np.where(self.relevant, 0.0, odds * pull[self._example_of_row])
        slopes[self.relevant] = -example_weights * others[example] / totals
        return loss + _SHRINKAGE * (weights @ weights), self.rows.T @ slopes + 2 * _SHRINKAGE * weights


def _platt_scale(scores: Doubles, relevant: Flags) -> tuple[float, float]:
    """Return slope and bias that make scores probabilities.

    This is logistic regression with Platt's targets, which keep it finite where the scores part the relevant from the
    others.
    """
    spread = float(scores.std()) or 1.0
    inputs = np.stack([scores / spread, np.ones_like(scores)], axis=1)
    right, wrong = int(relevant.sum()), int((~relevant).sum())
    targets = np.where(relevant, (right + 1) / (right + 2), 1 / (wrong + 2))

    def loss(line: Doubles) -> tuple[float, Doubles]:
        log_odds = inputs @ line
        chances = 1 / (1 + np.exp(-np.clip(log_odds, -_MAX_LOG_ODDS, _MAX_LOG_ODDS)))
        return float(np.mean(np.logaddexp(0, log_odds) - targets * log_odds)), inputs.T @ (chances - targets) / len(
            scores
        )

    slope, bias = _minimize(loss, np.array([1.0, -2.0]))
    return float(slope) / spread, float(bias)


def _minimize(
    loss: Callable[[Doubles], tuple[float, Doubles]],
    start: Doubles,
    bounds: Sequence[tuple[float, float]] | None = None,
) -> Doubles:
    """Minimise a smooth function by L-BFGS-B (Byrd, Lu, Nocedal & Zhu 1995).

    Args:
        loss: Returns value and gradient.
        start: Where the search begins; (n,).
        bounds: The least and the most that each value may be; None: anything.
    """
    from scipy.optimize import minimize  # takes a third of a second to import, for training only

    outcome = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds, options=_CONVERGED)
    solution: Doubles = outcome.x
    return solution
