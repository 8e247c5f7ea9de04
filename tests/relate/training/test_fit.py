"""Training: judgements read, chains used, weights that learn what the judges saw; and the weights' file."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pipeline.errors import SettingsError
from pipeline.relate.ranking.compare import FEATURES
from pipeline.relate.ranking.score import score
from pipeline.relate.ranking.story_matrix import build_matrix
from pipeline.relate.ranking.weights import read_weights, shipped_weights, write_weights
from pipeline.relate.training.fit import Example, JudgedThread, fit, make_example, questions, read_threads
from pipeline.shared_formats.qrels import QueryJudgements
from tests.relate.builders import dam_affair, features, outline


def write_judgements(folder: Path, span: str, lines: list[str]) -> None:
    (folder / span).mkdir()
    (folder / span / "qrels.txt").write_text("\n".join(lines) + "\n")


def test_the_widest_span_of_a_thread_is_read(tmp_path: Path) -> None:
    write_judgements(tmp_path, "span90", ["a 0 b 1", "a 0 x -1"])
    write_judgements(tmp_path, "span365", ["a 0 b 1", "a 0 c 1", "a 0 x -1", "d 0 e 1"])
    threads = {thread.head: thread for thread in read_threads(tmp_path)}
    assert threads["a"] == JudgedThread("a", QueryJudgements({"b": 1, "c": 1}, frozenset(), frozenset("x"), False))
    assert set(threads) == {"a", "d"}


def test_a_malformed_line_is_named(tmp_path: Path) -> None:
    write_judgements(tmp_path, "span90", ["a 0 b 1", "a 0 b"])
    with pytest.raises(SettingsError, match=r"qrels\.txt, line 2"):
        read_threads(tmp_path)


def test_a_folder_without_judgements_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="no judgements"):
        read_threads(tmp_path)


def test_later_stories_of_a_thread_ask_too() -> None:
    thread = JudgedThread("a", QueryJudgements(dict.fromkeys("bcd", 1), frozenset(), frozenset("x"), False))
    asked = list(questions(thread, {"a": 0.0, "b": 1.0, "c": 2.0, "d": 2.0}))
    assert [(question.query, set(question.followups)) for question in asked] == [("a", set("bcd")), ("b", set("cd"))]
    assert asked[0].weight == 2 * asked[1].weight


def test_a_thread_whose_stories_are_unknown_asks_nothing() -> None:
    assert (
        list(questions(JudgedThread("a", QueryJudgements({"b": 1}, frozenset(), frozenset(), False)), {"b": 1.0})) == []
    )


def examples() -> list[Example]:
    head, *others = features(dam_affair())
    built = [
        make_example(head, build_matrix(others), QueryJudgements(dict.fromkeys(wanted, 1), open=frozenset({4})), 1.0)
        for wanted in ({2}, {2, 3}, {3})
    ]
    return [example for example in built if example is not None]


def test_what_the_judges_left_open_teaches_nothing() -> None:
    assert [len(example.rows) for example in examples()] == [7, 7, 7]
    assert [int(example.relevant.sum()) for example in examples()] == [1, 2, 1]


def test_no_followup_among_the_candidates_gives_no_example() -> None:
    head, other, *_ = features(dam_affair())
    assert make_example(head, build_matrix([other]), QueryJudgements({99: 1}), 1.0) is None


def test_what_lies_beyond_the_judges_horizon_teaches_nothing() -> None:
    stories = [
        outline(1, "A dam cracks"),
        outline(2, "The dam breaks", day=3),
        outline(3, "A dam opens", day=9),
        outline(4, "A dam again", day=500),
    ]
    head, *others = features(stories)
    example = make_example(head, build_matrix(others), QueryJudgements({2: 1}), 1.0)
    assert example is not None
    assert example.relevant.tolist() == [True, False]
    late = make_example(head, build_matrix(others), QueryJudgements({2: 1, 4: 1}), 1.0)
    assert late is not None
    assert late.relevant.tolist() == [True, False, True], "what was judged is no surprise to the judges"


def test_where_the_rest_is_open_only_what_is_named_teaches() -> None:
    head, *others = features(dam_affair())
    example = make_example(head, build_matrix(others), QueryJudgements({2: 1}, frozenset({3}), rest_open=True), 1.0)
    assert example is not None
    assert example.relevant.tolist() == [True, False]
    assert make_example(head, build_matrix(others), QueryJudgements({2: 1}, rest_open=True), 1.0) is None, (
        "nothing that it could stand behind"
    )


def test_fitted_weights_rank_what_they_were_taught_and_are_the_same_each_time() -> None:
    weights = fit(examples(), "test")
    story, *others = features(dam_affair())
    ranking = score(story, build_matrix(others), weights)
    assert set(ranking.lineages[:2]) == {2, 3}
    assert ranking[0].score > 0.5 > ranking[2].score
    assert write_weights(fit(examples(), "test")) == write_weights(weights)


def test_nothing_to_train_on_is_refused() -> None:
    with pytest.raises(SettingsError, match="nothing to train on"):
        fit([], "test")


def test_weights_survive_their_file() -> None:
    weights = shipped_weights()
    again = read_weights(write_weights(weights), "a file")
    assert again.about == weights.about
    assert again.bias == pytest.approx(weights.bias)
    assert np.allclose(again.weights, weights.weights, rtol=1e-4)
    assert np.allclose(again.means, weights.means, rtol=1e-4)
    assert read_weights(write_weights(replace(weights, same_event=0.5)), "a file").same_event == 0.5


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"about": "x", "bias": "y"}'])
def test_a_file_that_is_no_weights_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match=r"some\.json cannot be read"):
        read_weights(text, "some.json")


def test_weights_for_other_features_are_refused() -> None:
    content = json.loads(write_weights(shipped_weights()))
    content["features"]["astrology"] = content["features"].pop(FEATURES[0])
    with pytest.raises(SettingsError, match=f"astrology, {FEATURES[0]}"):
        read_weights(json.dumps(content), "some.json")


def test_numbers_that_are_none_are_refused() -> None:
    content = json.loads(write_weights(shipped_weights()))
    content["bias"] = float("inf")
    with pytest.raises(SettingsError, match="not a finite number"):
        read_weights(json.dumps(content), "some.json")
    shared = json.loads(write_weights(shipped_weights())) | {"same_event": 2}
    with pytest.raises(SettingsError, match="same_event must be in"):
        read_weights(json.dumps(shared), "some.json")
