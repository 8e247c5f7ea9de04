"""JSON lines: one ninjs object per line, streamed from disk or in memory, with bad lines among them."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import ParseError
from pipeline.models import Origin, Rejected, Story
from pipeline.parse import parse, parse_file
from tests.parse.documents import ARRIVED, document, only_story


def news(**properties: Any) -> dict[str, Any]:
    return {"uri": "urn:x:1", "type": "text", "headline": "Head", "body_text": "Body.", **properties}


def lines(*items: Any) -> bytes:
    return b"".join(json.dumps(item).encode() + b"\n" for item in items)


@pytest.mark.parametrize("name", ["a.jsonl", "a.ndjson", "a.json", "no-name"])
@pytest.mark.parametrize("packed", [False, True])
def test_json_lines_by_any_name(tmp_path: Path, name: str, packed: bool) -> None:
    content = lines(news(uri="urn:x:1"), news(uri="urn:x:2"))
    path = tmp_path / (name + ".gz" if packed else name)
    path.write_bytes(gzip.compress(content) if packed else content)
    origin = Origin("import", str(path), ARRIVED)
    assert [story.uri for story in parse_file(path, origin) if isinstance(story, Story)] == ["urn:x:1", "urn:x:2"]


def test_a_bad_line_is_rejected_with_its_number_and_bytes() -> None:
    content = lines(news()) + b'{"uri": \n\xff\xfe\n' + lines(news(uri="urn:x:2"))
    first, bad, worse, last = parse(document(content, "a.jsonl"))
    assert isinstance(first, Story)
    assert isinstance(last, Story)
    assert isinstance(bad, Rejected)
    assert isinstance(worse, Rejected)
    assert (bad.part, bad.payload) == ("line 2", b'{"uri": \n')
    assert worse.part == "line 3"


def test_bad_lines_before_the_first_good_one_are_not_lost() -> None:
    results = list(parse(document(b"# exported today\n" + lines(news()), "a.jsonl")))
    assert [type(result).__name__ for result in results] == ["Rejected", "Story"]


def test_a_line_in_latin_1() -> None:
    content = json.dumps(news(headline="Zürich"), ensure_ascii=False).encode("latin-1") + b"\n"
    assert only_story(document(content, "a.jsonl", charset="iso-8859-1")).headline == "Zürich"


@pytest.mark.parametrize("content", [b"\n\n\n", b"no json\n" * 100, b"\x00\x01\x02" * 100])
def test_lines_without_any_json_are_an_error(content: bytes) -> None:
    with pytest.raises(ParseError):
        list(parse(document(content, "a.jsonl")))


def test_a_stream_that_breaks_off_keeps_what_came_before(tmp_path: Path) -> None:
    packed = gzip.compress(lines(*(news(uri=f"urn:x:{n}", body_text=str(n) * 50) for n in range(2000))))
    path = tmp_path / "cut.jsonl.gz"
    path.write_bytes(packed[: len(packed) // 2])
    *before, break_off = parse_file(path, Origin("import", str(path), ARRIVED))
    assert len(before) > 100
    assert all(isinstance(result, Story) for result in before)
    assert isinstance(break_off, Rejected)
    assert break_off.part.startswith("after line ")


def test_a_stream_is_read_line_by_line(tmp_path: Path) -> None:
    path = tmp_path / "long.jsonl"
    path.write_bytes(lines(*(news(uri=f"urn:x:{n}") for n in range(1000))) + b"{")
    results = parse_file(path, Origin("import", str(path), ARRIVED))
    assert isinstance(next(results), Story)
    path.write_bytes(b"")  # what is not read yet is not in memory: only the buffer's stories can still come
    assert len(list(results)) < 1000
