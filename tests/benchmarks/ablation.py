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
from pipeline.relate.ranking.candidates import followup_query
from pipeline.relate.ranking.comparison import FEATURES, compare
from pipeline.relate.ranking.feature_cache import FeatureDesk
from pipeline.relate.ranking.features import Floats, StoryFeatures
from pipeline.relate.ranking.weight_selection import weights_for
from pipeline.relate.ranking.weights import Weights, shipped_weights
from pipeline.relate.training.training_set import weights_from
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
    lessons = _lessons(settings, asked.learn_from, asked.learn_home) if asked.learn_from else None
    with opened_set(asked.set, settings, asked.home) as wirewatch:
        weights = weights_from(lessons, "ablation") if lessons else wirewatch.adapters.weights or shipped_weights()
        judged = {one.name: _cases(wirewatch, one) for one in read_judgements(asked.set)}
    anew = {label: _fitted_without(lessons, names.split()) for label, names in GROUPS.items()} if lessons else {}
    for name, cases in judged.items():
        _print_table(name, cases, weights, anew)


def _lessons(settings: Settings, folder: Path, home: Path | None) -> TrainingExamples:
    lessons = TrainingExamples()
    with opened_set(folder, settings, home) as wirewatch:
        wirewatch.training.add_examples(folder, lessons)
    return lessons


def _cases(wirewatch: Wirewatch, judged: Judgements) -> list[Case]:
    store, desk = wirewatch.adapters.store, FeatureDesk(wirewatch.adapters.store)
    uris = {*judged.queries, *(uri for said in judged.of.values() for uri in (*said.right, *said.open))}
    lineages = {uri: store.stories.resolve(uri) for uri in sorted(uris)}
    cases = []
    for query in judged.queries:
        story = desk.features([lineages[query]])[lineages[query]]
        (found,) = wirewatch.adapters.index.candidates([followup_query(story)])
        others = desk.packed([candidate.lineage for candidate in found], story.vector)
        later = others.only(_lags(others.days, story) > 0)
        compared = compare(story, later)
        right = {lineages[uri] for uri in judged.of[query].right}
        dropped = {lineages[uri] for uri in judged.of[query].open}
        members = compared.candidates.lineages.tolist()
        lags = _lags(compared.candidates.days, story)
        counts = np.array([one not in dropped for one in members], dtype=bool) & (lags > 0) & (lags <= JUDGED_DAYS)
        flags = np.array([one in right for one in members], dtype=bool)
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


def _fitted_without(lessons: TrainingExamples, names: Sequence[str]) -> Weights:
    """Weights fitted to the same lessons as if these features did not exist."""
    column = np.array([name in names for name in FEATURES])
    blind = [replace(one, rows=np.where(column, np.float32(0), one.rows)) for one in lessons.examples]
    return weights_from(TrainingExamples(blind, lessons.words, lessons.threads), "ablation")


def _print_table(name: str, cases: Sequence[Case], weights: Weights, anew: Mapping[str, Weights]) -> None:
    whole = gains(cases, weights)
    print(f"\n{name}: {len(cases)} queries, nDCG@10 {_told(mean_estimate(whole))} with all features")
    print(f"{'left out':<24}{'nDCG@10':>8}  change" + (f"{'fitted anew':>31}  change" if anew else ""))
    for label, names in GROUPS.items():
        line = _line(label, gains(cases, weights, names.split()), whole)
        if label in anew:
            line += _line("", gains(cases, anew[label], names.split()), whole).replace(" " * 24, " " * 4, 1)
        print(line)
    for feature in FEATURES:
        print(_line(f"  {feature}", gains(cases, weights, [feature]), whole), flush=True)


def _line(label: str, some: Sequence[float], whole: Sequence[float]) -> str:
    return f"{label:<24}{np.mean(some):>8.3f}  {_signed(paired_difference(some, whole))}"


def _told(found: Estimate) -> str:
    return f"{found.value:.3f} [{found.low:.3f}, {found.high:.3f}]"


def _signed(found: Estimate) -> str:
    return f"{found.value:+.3f} [{found.low:+.3f}, {found.high:+.3f}]"


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])
