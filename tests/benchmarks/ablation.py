"""What each feature of the ranking brings: nDCG@10 on a labelled set with its weight left out, alone and by groups.

    python -m tests.benchmarks.ablation SET --home HOME [--learn-from SET --learn-home HOME]

The homes are those of `wirewatch evaluate --home`. With --learn-from the weights are fitted to that other set, and
fitted anew without each group: what is left out may be made up for by what stays. Without it the weights are those of
the package, or of WIREWATCH_WEIGHTS, which may have seen the set.
"""

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import floor
from pathlib import Path

import numpy as np
import numpy.typing as npt

from pipeline import TrainingExamples, Wirewatch
from pipeline.evaluate import opened_set
from pipeline.evaluate.bootstrap import Estimate, mean_estimate, paired_difference
from pipeline.evaluate.measures import ndcg
from pipeline.evaluate.sets import Judgements, read_judgements
from pipeline.relate.arrays import Floats
from pipeline.relate.ranking.candidate_query import followup_query
from pipeline.relate.ranking.compare import FEATURES, compare
from pipeline.relate.ranking.feature_cache import FeatureCache
from pipeline.relate.ranking.features import StoryFeatures
from pipeline.relate.ranking.weight_selection import weights_for
from pipeline.relate.ranking.weights import Weights, shipped_weights
from pipeline.relate.training.training_examples import fitted_weights
from pipeline.settings import Settings, load_settings
from pipeline.shared_formats.qrels import JUDGED_DAYS

GROUPS = {
    "words shared": "terms rare_terms cover share rarest second_rarest terms_log length",
    "entities": "entities entity_cover rarest_entity",
    "places": "nations nations_differ nations_unknown rarest_nation terms_nations vector_nations",
    "vectors": "vector vector_log",
    "event type": "event event_differs",
    "time": "lag near",
    "the other candidates": "kin kin_near chain chains neighbours crowd rivals rivals_before burst",
}


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """One judged query with its candidates compared: a row each, whether it counts, whether it is right."""

    story: StoryFeatures
    rows: Floats
    right: npt.NDArray[np.bool_]
    counts: npt.NDArray[np.bool_]
    relevant: int


def main(arguments: Sequence[str]) -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("set", type=Path)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--learn-from", type=Path)
    parser.add_argument("--learn-home", type=Path)
    asked = parser.parse_args(arguments)
    grouped = sorted(name for names in GROUPS.values() for name in names.split())
    assert grouped == sorted(FEATURES), f"groups and features differ: {sorted({*grouped} ^ {*FEATURES})}"
    settings = load_settings()
    examples = _examples_of(settings, asked.learn_from, asked.learn_home) if asked.learn_from else None
    with opened_set(asked.set, settings, asked.home) as wirewatch:
        weights = fitted_weights(examples, "ablation") if examples else wirewatch.adapters.weights or shipped_weights()
        judged = {judgements.name: _cases(wirewatch, judgements) for judgements in read_judgements(asked.set)}
    anew = {label: _fitted_without(examples, names.split()) for label, names in GROUPS.items()} if examples else {}
    for name, cases in judged.items():
        _print_table(name, cases, weights, anew)


def _examples_of(settings: Settings, folder: Path, home: Path | None) -> TrainingExamples:
    examples = TrainingExamples()
    with opened_set(folder, settings, home) as wirewatch:
        wirewatch.training.add_examples(folder, examples)
    return examples


def _cases(wirewatch: Wirewatch, judged: Judgements) -> list[Case]:
    store, cache = wirewatch.adapters.store, FeatureCache(wirewatch.adapters.store)
    uris = {
        *judged.queries,
        *(uri for judgements in judged.by_query.values() for uri in (*judgements.right, *judgements.open)),
    }
    lineages = {uri: store.stories.resolve(uri) for uri in sorted(uris)}
    cases = []
    for query in judged.queries:
        story = cache.features([lineages[query]])[lineages[query]]
        (answer,) = wirewatch.adapters.index.candidates([followup_query(story)])
        others = cache.matrix([candidate.lineage for candidate in answer], story.vector)
        later = others.select(_lags(others.days, story) > 0)
        compared = compare(story, later)
        right = {lineages[uri] for uri in judged.by_query[query].right}
        dropped = {lineages[uri] for uri in judged.by_query[query].open}
        members = compared.candidates.lineages.tolist()
        lags = _lags(compared.candidates.days, story)
        counts = (
            np.array([lineage not in dropped for lineage in members], dtype=bool) & (lags > 0) & (lags <= JUDGED_DAYS)
        )
        flags = np.array([lineage in right for lineage in members], dtype=bool)
        cases.append(Case(story, compared.rows, flags, counts, len(right)))
    return cases


def _lags(days: npt.NDArray[np.float64], story: StoryFeatures) -> npt.NDArray[np.float64]:
    """Whole days between; nothing counts for an undated story."""
    asked = np.inf if story.day is None else floor(story.day)
    lags: npt.NDArray[np.float64] = np.floor(np.nan_to_num(days, nan=-np.inf)) - asked
    return lags


def gains(cases: Sequence[Case], weights: Weights, without: Sequence[str] = ()) -> list[float]:
    """nDCG@10 of each case by these weights, those of the features ``without`` taken for nothing."""
    left = np.array([name not in without for name in FEATURES], dtype=np.float32)
    values = []
    for case in cases:
        blend = weights_for(case.story, weights)
        scores = (case.rows - blend.means) @ (blend.weights * left)
        order = np.argsort(-scores, kind="stable")
        values.append(ndcg(case.right[order][case.counts[order]].tolist(), [1] * case.relevant))
    return values


def _fitted_without(examples: TrainingExamples, names: Sequence[str]) -> Weights:
    """Weights fitted to the same examples as if these features did not exist."""
    column = np.array([name in names for name in FEATURES])
    blind = [replace(example, rows=np.where(column, np.float32(0), example.rows)) for example in examples.examples]
    return fitted_weights(replace(examples, examples=blind), "ablation")


def _print_table(name: str, cases: Sequence[Case], weights: Weights, anew: Mapping[str, Weights]) -> None:
    all_gains = gains(cases, weights)
    print(f"\n{name}: {len(cases)} queries, nDCG@10 {_with_interval(mean_estimate(all_gains))} with all features")
    print(f"{'left out':<24}{'nDCG@10':>8}  change" + (f"{'fitted anew':>31}  change" if anew else ""))
    for label, names in GROUPS.items():
        line = _line(label, gains(cases, weights, names.split()), all_gains)
        if label in anew:
            line += _line("", gains(cases, anew[label], names.split()), all_gains).replace(" " * 24, " " * 4, 1)
        print(line)
    for feature in FEATURES:
        print(_line(f"  {feature}", gains(cases, weights, [feature]), all_gains), flush=True)


def _line(label: str, values: Sequence[float], all_gains: Sequence[float]) -> str:
    return f"{label:<24}{np.mean(values):>8.3f}  {_signed(paired_difference(values, all_gains))}"


def _with_interval(estimate: Estimate) -> str:
    return f"{estimate.value:.3f} [{estimate.low:.3f}, {estimate.high:.3f}]"


def _signed(estimate: Estimate) -> str:
    return f"{estimate.value:+.3f} [{estimate.low:+.3f}, {estimate.high:+.3f}]"


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])
