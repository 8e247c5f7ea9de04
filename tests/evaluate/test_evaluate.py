"""``wirewatch evaluate`` and ``wirewatch train`` on a small set, through the real pipeline."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.evaluate.measures import ndcg
from tests.cli.in_process import InProcess
from tests.evaluate.labelled import AFFAIRS, write_set


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a labelled set in ``set``, imported into ``kept`` by the first evaluation."""
    parent = tmp_path_factory.mktemp("evaluate")
    write_set(parent / "set")
    return parent


@pytest.fixture(scope="module")
def command(folder: Path) -> InProcess:
    return InProcess(folder / "home")


@pytest.fixture(scope="module")
def measured(folder: Path, command: InProcess) -> Any:
    answer = command.ok("evaluate", "followups", folder / "set", "--home", folder / "kept", "--json")
    return answer.json


def test_ours_and_the_baselines_are_scored_on_the_same_queries(measured: Any) -> None:
    (span,) = measured["spans"]
    assert (span["name"], span["queries"], span["answered"]) == ("span90", 3, 3)
    assert list(span["rankings"]) == ["wirewatch", "bm25", "bm25_decay90"]
    for scores in span["rankings"].values():
        for measure in ("ndcg", "mrr", "recall"):
            assert 0 <= scores[measure]["low"] <= scores[measure]["value"] <= scores[measure]["high"] <= 1
    ours, bm25 = span["rankings"]["wirewatch"], span["rankings"]["bm25"]
    assert ours["ndcg"]["value"] > 0.9
    assert ours["better_by"]["bm25"]["value"] == pytest.approx(ours["ndcg"]["value"] - bm25["ndcg"]["value"])


def test_the_scores_are_those_of_the_run_that_followups_writes(measured: Any, folder: Path, command: InProcess) -> None:
    """The same ranking, scored here from the run."""
    run = folder / "our.run"
    kept = InProcess(folder / "kept")
    kept.ok("followups", "--queries", folder / "set" / "span90" / "queries.txt", "--run-out", run)
    answers: dict[str, list[str]] = {}
    for line in run.read_text().splitlines():
        answers.setdefault(line.split()[0], []).append(line.split()[2])
    right = {name: {f"{name}:{n}" for n in range(1, 5)} for name in AFFAIRS}
    gains = [ndcg([uri in right[name] for uri in answers[f"{name}:0"]], [1] * 4) for name in AFFAIRS]
    (span,) = measured["spans"]
    assert span["rankings"]["wirewatch"]["ndcg"]["value"] == pytest.approx(sum(gains) / 3)


def test_what_followed_years_later_counts_where_it_is_judged(tmp_path: Path, command: InProcess) -> None:
    labelled_set = write_set(tmp_path / "set")
    late = {"uri": "dam:late", "type": "text", "versioncreated": "2024-05-01T12:00:00Z", "language": "en"}
    body = "Vell Hydro takes the mended dam above Brenn into service again, five years after the cracks."
    (labelled_set / "span90" / "qrels.txt").write_text("dam:0 0 dam:late 2\ndam:0 0 dam:1 1\n")
    with gzip.open(labelled_set / "stories.jsonl.gz", "at", encoding="utf-8") as out:
        out.write(json.dumps({**late, "body_text": body}) + "\n")
    (span,) = command.ok("evaluate", "followups", labelled_set, "--json").json["spans"]
    assert span["queries"] == 1
    for scores in span["rankings"].values():
        assert scores["recall"]["value"] == 1.0, "found, and not taken for too late"
        assert 0 < scores["ndcg"]["value"] <= 1


def test_a_kept_home_is_used_again_and_holds_no_other_set(measured: Any, folder: Path, command: InProcess) -> None:
    again = command.ok("evaluate", "followups", folder / "set", "--home", folder / "kept", "--json")
    assert again.json == measured
    assert "store:" not in again.err, "nothing is imported anew"
    write_set(folder / "second")
    (folder / "second" / "stories.jsonl.gz").unlink()
    (folder / "second" / "stories.jsonl").write_text('{"uri": "a", "type": "text", "body_text": "A ferry"}\n')
    other = command.run("evaluate", "followups", folder / "second", "--home", folder / "kept")
    assert (other.status, "holds another set" in other.err) == (2, True)
    (folder / "home").mkdir(exist_ok=True)
    (folder / "home" / "wirewatch.db").write_text("somebody's news")
    refused = command.run("evaluate", "followups", folder / "set", "--home", folder / "home")
    assert (refused.status, "name another one" in refused.err) == (2, True)
    assert (folder / "home" / "wirewatch.db").read_text() == "somebody's news"
    (folder / "home" / "wirewatch.db").unlink()


def test_training_makes_weights_that_the_setting_chooses(measured: Any, folder: Path, command: InProcess) -> None:
    (folder / "homes").mkdir()
    (folder / "homes" / "set").symlink_to(folder / "kept")
    weights = folder / "home" / "own.json"
    weights.parent.mkdir(exist_ok=True)
    summary = command.ok("train", folder / "set", "-o", weights, "--homes", folder / "homes").err
    assert "fitted to 3 threads" in summary
    assert json.loads(weights.read_text())["about"] == "fitted to set (3 threads)"
    chosen = InProcess(folder / "home", {"WIREWATCH_WEIGHTS": "own.json"})
    scored = chosen.ok("evaluate", "followups", folder / "set", "--home", folder / "kept", "--json").json
    assert scored["weights"] == "fitted to set (3 threads); full stories by the plain weights"
    assert scored["spans"][0]["rankings"]["wirewatch"]["ndcg"]["value"] > 0.9
    weights.write_text("{}")
    broken = chosen.run("evaluate", "followups", folder / "set", "--home", folder / "kept")
    assert (broken.status, "own.json cannot be read" in broken.err) == (2, True)
    weights.unlink()
    missing = chosen.run("evaluate", "followups", folder / "set", "--home", folder / "kept")
    assert (missing.status, "No such file" in missing.err) == (2, True)


def test_copies_and_happenings_of_the_same_stories(measured: Any, folder: Path, command: InProcess) -> None:
    gold = folder / "set" / "gold.tsv"
    gold.write_text("dam:0\tstrike:0\n")
    copies = command.ok("evaluate", "copies", folder / "set", "--home", folder / "kept", "--json").json
    assert (copies["gold"], copies["found"], copies["missed"]) == (1, 0, [["dam:0", "strike:0"]])
    assert copies["f1"] == {"value": 0.0, "low": 0.0, "high": 0.0}
    gold.write_text("".join(f"{name}:{n}\t{name} {n}\t{name}\n" for name in AFFAIRS for n in range(5)))
    events = command.ok("evaluate", "happenings", folder / "set", "--home", folder / "kept", "--json").json
    assert (events["stories"], events["events"]) == (15, 15)
    assert events["recall"]["value"] == 1.0
    table = command.ok("evaluate", "happenings", folder / "set", "--home", folder / "kept").out
    assert "pairs of look-alike events" in table


def test_a_folder_that_is_no_set_is_named(folder: Path, command: InProcess, tmp_path: Path) -> None:
    answer = command.run("evaluate", "followups", tmp_path)
    assert (answer.status, "no stories.jsonl.gz" in answer.err) == (2, True)
    assert not any(tmp_path.iterdir())
