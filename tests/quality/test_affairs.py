"""Follow-ups among full-length stories of eight fields: the plain weights were chosen on them, and may get no worse."""

from collections.abc import Mapping
from pathlib import Path

from pipeline import Wirewatch
from pipeline.evaluate.measures import ndcg
from pipeline.settings import load_settings

SET = Path(__file__).parents[1] / "data" / "affairs"
LEAST = 0.93


def judgements() -> Mapping[str, Mapping[str, int]]:
    """Asking story -> later story -> grade."""
    grades: dict[str, dict[str, int]] = {}
    for line in (SET / "affairs" / "qrels.txt").read_text(encoding="utf-8").splitlines():
        query, _, story, grade = line.split()
        grades.setdefault(query, {})[story] = int(grade)
    return grades


def field_of(uri: str) -> str:
    return uri.partition("-")[0]


def test_followups_of_full_length_stories(tmp_path: Path) -> None:
    gold = judgements()
    with Wirewatch.open(load_settings({"WIREWATCH_HOME": str(tmp_path)}), processes=1) as wirewatch:
        imported = wirewatch.stories.import_paths([SET / "stories.jsonl"], backfill=True)
        assert imported.stories == 403, imported.failures
        wirewatch.stages.run()
        answers = dict(wirewatch.stories.rank(list(gold), 100, []))
    scores = {
        query: ndcg(
            [grades.get(uri, 0) for uri, _ in answers[query] if field_of(uri) == field_of(query)], grades.values()
        )
        for query, grades in gold.items()
    }
    mean = sum(scores.values()) / len(scores)
    worst = "\n".join(f"{scores[query]:.3f} {query}" for query in sorted(scores, key=scores.__getitem__)[:10])
    print(f"nDCG@10 {mean:.3f} over {len(scores)} questions; the worst:\n{worst}")
    assert mean >= LEAST, f"{mean:.3f}\n{worst}"
