"""Labelled sets as they lie on disk, and what is said of a broken one."""

from pathlib import Path

import pytest

from pipeline.errors import SettingsError
from pipeline.evaluate.sets import read_copies, read_events, read_judgements, stories_file


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_judgements_of_every_folder_in_order_of_their_spans(tmp_path: Path) -> None:
    for name in ("span365", "span90"):
        write(tmp_path / name / "queries.txt", "a\nb\n\nc\n")
        write(tmp_path / name / "qrels.txt", "a 0 x 1\na 0 y -1\nb 0 z 0\nc 0 x 2\n")
    first, second = read_judgements(tmp_path)
    assert (first.name, second.name) == ("span90", "span365")
    assert first.queries == ("a", "c"), "b has nothing relevant"
    assert (first.by_query["a"].right, first.by_query["c"].right) == ({"x": 1}, {"x": 2})
    assert first.by_query["a"].open == {"y"}


def test_one_folder_of_judgements_finds_the_stories_beside_it(tmp_path: Path) -> None:
    write(tmp_path / "span90" / "qrels.txt", "a 0 x 1\n")
    stories = write(tmp_path / "stories.jsonl", "")
    (only,) = read_judgements(tmp_path / "span90")
    assert only.queries == ("a",), "without queries.txt the judged ones are asked"
    assert stories_file(tmp_path / "span90") == stories_file(tmp_path) == stories


@pytest.mark.parametrize(
    ("qrels", "message"),
    [
        ("a 0 x 1\nnonsense\n", r"qrels\.txt, line 2: expected 'query 0 story relevance', got 'nonsense'"),
        ("a 0 x yes\n", r"line 1: expected"),
        ("a 0 x 0\n", "no query in .* has a relevant story"),
        (None, "no judgements in"),
    ],
)
def test_broken_judgements_are_named(tmp_path: Path, qrels: str | None, message: str) -> None:
    if qrels is not None:
        write(tmp_path / "span90" / "qrels.txt", qrels)
    with pytest.raises(SettingsError, match=message):
        read_judgements(tmp_path)


def test_events_with_and_without_topics(tmp_path: Path) -> None:
    write(tmp_path / "gold.tsv", "a\tquake 1\tquakes\nb\tquake 2\tquakes\nc\tvote\n")
    gold = read_events(tmp_path)
    assert gold.events == {"a": "quake 1", "b": "quake 2", "c": "vote"}
    assert gold.topics == {"a": "quakes", "b": "quakes", "c": "vote"}


def test_pairs_of_copies_come_in_order(tmp_path: Path) -> None:
    write(tmp_path / "gold.tsv", "b\ta\nc d\n")
    assert read_copies(tmp_path) == {("a", "b"), ("c", "d")}


@pytest.mark.parametrize("text", ["", "one\n", "a\ta\n"])
def test_broken_copies_are_named(tmp_path: Path, text: str) -> None:
    write(tmp_path / "gold.tsv", text)
    with pytest.raises(SettingsError, match=r"gold\.tsv"):
        read_copies(tmp_path)


def test_what_is_no_set_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"no stories\.jsonl\.gz or stories\.jsonl in"):
        stories_file(tmp_path / "empty")
    with pytest.raises(SettingsError, match=r"gold\.tsv cannot be read: No such file"):
        read_events(tmp_path)
    (tmp_path / "gold.tsv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match="is not UTF-8"):
        read_events(tmp_path)
