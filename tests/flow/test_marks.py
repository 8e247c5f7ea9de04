"""Readers' marks through the command line: honoured in answers, links and alerts, exported as a labelled set."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from shutil import copytree

import pytest

from tests.cli.in_process import InProcess

Ids = Callable[[str], int]
NO_MARKS: list[dict[str, object]] = [
    {"later_uri": "wire:nowhere"},
    {"later_uri": "wire:plan"},
    {"later_uri": 7},
    {"right": "false"},
    {"at": "yesterday"},
    {"at": None},
]


def followups(command: InProcess, story: str = "wire:cracks") -> dict[str, float]:
    return {ranked["uri"]: ranked["score"] for ranked in command.ok("followups", story, "--json").json["followups"]}


def test_a_wrong_one_is_gone_and_comes_back_when_the_mark_is_taken_back(own_command: InProcess) -> None:
    before = followups(own_command)
    assert "wire:evacuation" in before
    own_command.ok("mark", "wire:cracks", "wire:evacuation", "wrong", "--by", "ana")
    assert followups(own_command) == {uri: score for uri, score in before.items() if uri != "wire:evacuation"}
    assert "wire:cracks" not in {
        ranked["uri"] for ranked in own_command.ok("followups", "wire:evacuation", "--json").json["background"]
    }
    own_command.ok("unmark", "wire:cracks", "wire:evacuation")
    assert followups(own_command) == before


def test_a_right_one_comes_first_with_its_reason_and_its_parts_add_up(own_command: InProcess) -> None:
    own_command.ok("mark", "wire:cracks", "wire:fine", "right", "--by", "Ana Orsic")
    first = own_command.ok("followups", "wire:cracks", "--json").json["followups"][0]
    assert (first["uri"], first["score"]) == ("wire:fine", 1.0)
    assert first["reasons"][0]["value"] == "marked right by Ana Orsic"
    assert sum(reason["weight"] for reason in first["reasons"]) == pytest.approx(1.0, abs=1e-4)
    assert "marked right by Ana Orsic" in own_command.ok("followups", "wire:cracks").out


def test_a_right_one_that_shares_no_word_is_shown(own_command: InProcess) -> None:
    own_command.ok("mark", "wire:cracks", "wire:other-300", "right")
    assert next(iter(followups(own_command).items())) == ("wire:other-300", 1.0)
    background = own_command.ok("followups", "wire:other-300", "--json").json["background"]
    assert background[0]["uri"] in ("wire:cracks", "post:cracks")


def test_a_mark_holds_for_copies_too(own_command: InProcess) -> None:
    """The evening paper ran the same text: what does not follow up the one does not follow up the other."""
    own_command.ok("mark", "post:cracks", "wire:evacuation", "wrong")
    assert "wire:evacuation" not in followups(own_command, "wire:cracks")


@pytest.mark.parametrize("first", ["wrong", "right"])
def test_of_marks_on_copies_the_newest_counts(own_command: InProcess, first: str) -> None:
    last = "right" if first == "wrong" else "wrong"
    own_command.ok("mark", "wire:plan", "wire:cracks", first)
    own_command.ok("mark", "wire:plan", "post:cracks", last)
    scores = {uri: score for uri, score in followups(own_command, "wire:plan").items() if uri.endswith(":cracks")}
    assert scores == ({"post:cracks": 1.0} if last == "right" else {})


def test_what_is_found_to_follow_a_story_honours_marks_on_copies(own_command: InProcess, ids: Ids) -> None:
    def following(uri: str) -> set[str]:
        hits = own_command.ok("search", f"follows:{ids(uri)}", "--json").json["hits"]
        return {hit["uri"] for hit in hits}

    assert following("wire:plan") >= {"wire:cracks", "post:cracks"}
    own_command.ok("mark", "wire:plan", "post:cracks", "wrong")
    assert not following("wire:plan") & {"wire:cracks", "post:cracks"}
    own_command.ok("mark", "wire:cracks", "wire:other-300", "right")
    assert "wire:other-300" in following("post:cracks")
    own_command.ok("unmark", "wire:plan", "post:cracks")
    assert following("wire:plan") >= {"wire:cracks", "post:cracks"}


def test_a_thread_honours_marks(own_command: InProcess, ids: Ids) -> None:
    def followed() -> int | None:
        happenings = own_command.ok("thread", "wire:evacuation", "--json").json["happenings"]
        lineage = ids("wire:evacuation")
        follows: int | None = next(
            happening["follows"]
            for happening in happenings
            if lineage in {story["lineage"] for story in happening["stories"]}
        )
        return follows

    before = followed()
    assert before is not None
    own_command.ok("mark", "post:cracks", "wire:evacuation", "wrong")
    assert followed() != before
    own_command.ok("unmark", "post:cracks", "wire:evacuation")
    assert followed() == before


def test_the_run_and_the_dossier_honour_marks(own_command: InProcess, tmp_path: Path) -> None:
    own_command.ok("mark", "wire:cracks", "wire:evacuation", "wrong")
    own_command.ok("mark", "wire:cracks", "wire:other-90", "right", "--by", "ben")
    queries = tmp_path / "queries.txt"
    queries.write_text("wire:cracks\n")
    own_command.ok("followups", "--queries", queries, "--run-out", tmp_path / "run")
    ranked = [line.split()[2] for line in (tmp_path / "run").read_text().splitlines()]
    assert ranked[0] == "wire:other-90"
    assert "wire:evacuation" not in ranked
    own_command.ok("dossier", "wire:cracks", "-o", tmp_path / "dam.json", "--least", "0")
    steps = {step["source"]["uri"]: step for step in json.loads((tmp_path / "dam.json").read_text())["steps"]}
    assert "wire:evacuation" not in steps
    assert "marked right by ben" in steps["wire:other-90"]["why"]


@pytest.mark.parametrize(
    "unseen",
    [
        {"uri": "wire:other-300", "version": "2", "pubstatus": "canceled"},
        {"uri": "wire:held", "version": "1", "embargoed": "2999-01-01T00:00:00Z"},
    ],
    ids=["killed", "embargoed"],
)
def test_a_right_one_that_nobody_may_see_takes_no_place(
    own_command: InProcess, tmp_path: Path, unseen: dict[str, str]
) -> None:
    best = next(iter(followups(own_command)))
    fields = {"type": "text", "versioncreated": "2020-01-01T09:00:00Z", "headline": "Orchid", "body_text": "It blooms."}
    (tmp_path / "unseen.jsonl").write_text(json.dumps(fields | unseen) + "\n")
    own_command.ok("import", tmp_path / "unseen.jsonl")
    own_command.ok("mark", "wire:cracks", unseen["uri"], "right")
    answer = own_command.ok("followups", "wire:cracks", "--limit", "1", "--json").json
    assert [followup["uri"] for followup in answer["followups"]] == [best]
    (tmp_path / "queries.txt").write_text("wire:cracks\n")
    own_command.ok("followups", "--queries", tmp_path / "queries.txt", "--run-out", tmp_path / "run")
    ranked = [line.split()[2] for line in (tmp_path / "run").read_text().splitlines()]
    assert (ranked[0], unseen["uri"] in ranked) == (best, False)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("wire:fine", "wire:cracks", "right"), "name the earlier one first"),
        (("wire:cracks", "wire:cracks", "right"), "does not follow itself up"),
        (("wire:cracks", "wire:nowhere", "wrong"), "wire:nowhere"),
        (("wire:cracks", "wire:fine", "maybe"), "'maybe' is not one of"),
    ],
)
def test_a_mark_that_cannot_be_is_refused(command: InProcess, arguments: tuple[str, ...], message: str) -> None:
    answer = command.run("mark", *arguments)
    assert (answer.status, message in answer.err) == (2, True), answer.err
    assert command.ok("marks", "--json").lines == []


def test_marks_are_listed_the_newest_word_on_each_pair(own_command: InProcess) -> None:
    own_command.ok("mark", "wire:cracks", "wire:fine", "right", "--by", "ana")
    own_command.ok("mark", "wire:cracks", "wire:fine", "wrong", "--by", "ben")
    own_command.ok("mark", "wire:plan", "wire:fine", "right", "--by", "ana")
    listed = own_command.ok("marks", "wire:cracks", "--json").lines
    assert [(mark["right"], mark["by"]) for mark in listed] == [(False, "ben")]
    table = own_command.ok("marks").out
    assert "2 marks" in table
    assert "Court fines Vell Hydro" in table
    missing = own_command.run("unmark", "wire:plan", "wire:evacuation")
    assert (missing.status, "are not marked" in missing.err) == (2, True)


def test_marks_are_applied_in_another_installation(
    own_command: InProcess, dam_home: Path, tmp_path: Path, ids: Ids
) -> None:
    own_command.ok("mark", "wire:cracks", "wire:evacuation", "wrong", "--by", "Ana\u2028Orsic")
    own_command.ok("mark", "post:cracks", "wire:fine", "right", "--by", "ben")
    lines = own_command.ok("marks", "--json").out
    assert [(mark["earlier_uri"], mark["later_uri"]) for mark in map(json.loads, lines.split("\n")[:-1])] == [
        ("wire:cracks", "wire:evacuation"),
        ("post:cracks", "wire:fine"),
    ]
    (tmp_path / "marks.jsonl").write_text(lines, encoding="utf-8")
    other = InProcess(copytree(dam_home, tmp_path / "other"))
    assert "2 new of 2 marks" in other.ok("marks", "--apply", tmp_path / "marks.jsonl").err
    assert other.ok("marks", "--json").out == lines
    assert followups(other) == followups(own_command)
    assert "wire:fine" in {
        hit["uri"] for hit in other.ok("search", f"follows:{ids('post:cracks')}", "--json").json["hits"]
    }
    assert "0 new of 2 marks" in other.ok("marks", "--apply", tmp_path / "marks.jsonl").err
    assert other.ok("marks", "--json").out == lines
    other.ok("mark", "wire:cracks", "wire:evacuation", "right", "--by", "cleo")
    other.ok("marks", "--apply", tmp_path / "marks.jsonl")
    assert other.ok("marks", "wire:evacuation", "--json").json["by"] == "cleo", "the newer one"


def test_lines_that_are_no_marks_are_named_and_the_others_applied(own_command: InProcess, tmp_path: Path) -> None:
    mark = {"earlier_uri": "wire:cracks", "later_uri": "wire:fine", "right": True, "by": "ana", "at": "2026-01-01"}
    wrong = ['{"right"', "[]", "7", *(json.dumps(mark | change) for change in NO_MARKS)]
    (tmp_path / "marks.jsonl").write_text("\n".join(["", *wrong, json.dumps(mark)]), encoding="utf-8")
    answer = own_command.run("marks", "--apply", tmp_path / "marks.jsonl")
    assert answer.status == 1
    assert [f"line {line}: " in answer.err for line in range(1, len(wrong) + 3)] == [False, *[True] * len(wrong), False]
    assert "wire:nowhere" in answer.err
    assert [line["later_uri"] for line in own_command.ok("marks", "--json").lines] == ["wire:fine"]
    (tmp_path / "marks.jsonl").write_text("\n".join(wrong), encoding="utf-8")
    assert own_command.run("marks", "--apply", tmp_path / "marks.jsonl").status == 2, "nothing recorded at all"


@pytest.mark.parametrize("others", [("wire:cracks",), ("--export", "set")])
def test_a_file_of_marks_is_applied_alone(command: InProcess, tmp_path: Path, others: tuple[str, ...]) -> None:
    (tmp_path / "marks.jsonl").touch()
    answer = command.run("marks", "--apply", tmp_path / "marks.jsonl", *others)
    assert (answer.status, "leave STORY and --export out" in answer.err) == (2, True)


def test_an_export_is_a_labelled_set(own_command: InProcess, tmp_path: Path) -> None:
    own_command.ok("mark", "wire:cracks", "wire:evacuation", "right")
    own_command.ok("mark", "wire:cracks", "wire:fine", "wrong")
    own_command.ok("mark", "wire:plan", "wire:fine", "wrong")
    message = own_command.ok("marks", "--export", tmp_path / "set").err
    assert "1 query, " in message
    assert "1 story without a right follow-up" in message
    assert (tmp_path / "set" / "marks" / "queries.txt").read_text() == "wire:cracks\n"
    qrels = [line.split() for line in (tmp_path / "set" / "marks" / "qrels.txt").read_text().splitlines()]
    judged = {story: relevance for _, _, story, relevance in qrels}
    assert (judged["wire:evacuation"], judged["wire:fine"]) == ("1", "0")
    assert judged["*"] == "-1", "what nobody has marked counts for nobody"
    assert set(judged) == {"wire:evacuation", "wire:fine", "*"}
    with gzip.open(tmp_path / "set" / "stories.jsonl.gz", "rt", encoding="utf-8") as lines:
        stories = {story["uri"]: story for story in map(json.loads, lines)}
    assert stories["wire:cracks"]["body_text"].startswith("Engineers of Vell Hydro")
    assert stories["wire:cracks"]["versioncreated"] == "2019-03-01T09:00:00Z"
    result = own_command.ok("evaluate", "followups", tmp_path / "set", "--json").json
    assert result["spans"][0]["rankings"]["wirewatch"]["ndcg"]["value"] == 1.0


def test_marks_teach_where_some_of_them_say_wrong(own_command: InProcess, tmp_path: Path) -> None:
    own_command.ok("mark", "wire:cracks", "wire:evacuation", "right")
    own_command.ok("marks", "--export", tmp_path / "praise")
    nothing = own_command.run("train", tmp_path / "praise", "-o", tmp_path / "praise.json")
    assert (nothing.status, "needs some that say wrong" in nothing.err) == (2, True)
    own_command.ok("mark", "wire:cracks", "wire:fine", "wrong")
    own_command.ok("marks", "--export", tmp_path / "both")
    message = own_command.ok("train", tmp_path / "both", "-o", tmp_path / "both.json").err
    assert "1 threads, 1 questions" in message
    features = json.loads((tmp_path / "both.json").read_text())["features"]
    assert any(feature["weight"] for feature in features.values())


def test_nothing_marked_right_is_nothing_to_export(command: InProcess, tmp_path: Path) -> None:
    answer = command.run("marks", "--export", tmp_path / "set")
    assert (answer.status, "no follow-up is marked right" in answer.err) == (2, True)
    assert not (tmp_path / "set").exists()
