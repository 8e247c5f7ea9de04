"""The file that alerts are appended to: each once, whole lines only, by several processes, through crashes."""

import errno
import json
import multiprocessing
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.alert.channels.file import append_once
from pipeline.errors import DeliveryError
from tests.alert.channels.appending import append_all, line


def keys(path: Path) -> list[str]:
    return [json.loads(text)["key"] for text in path.read_text("utf-8").splitlines()]


def test_each_key_once(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "alerts.jsonl"
    assert [append_once(path, key, line(key)) for key in ("a", "b", "a", "ab", "b")] == [True, True, False, True, False]
    assert keys(path) == ["a", "b", "ab"]


def test_a_key_that_a_text_quotes_is_not_that_key(tmp_path: Path) -> None:
    path = tmp_path / "alerts.jsonl"
    append_once(path, "a", line("a", headline='"key": "b"'))
    assert append_once(path, "b", line("b"))


def test_a_line_torn_by_a_crash_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "alerts.jsonl"
    path.write_bytes(line("a") + b"\n" + line("b")[:9])
    assert append_once(path, "b", line("b"))
    path.write_bytes(line("c"))
    assert append_once(path, "c", line("c"))
    assert keys(path) == ["c"]


def test_several_processes_append_every_line_once(tmp_path: Path) -> None:
    path, names = tmp_path / "alerts.jsonl", [str(number) for number in range(40)]
    context = multiprocessing.get_context("spawn")
    workers = [context.Process(target=append_all, args=(path, names[start:] + names[:start])) for start in (0, 13, 26)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert [worker.exitcode for worker in workers] == [0, 0, 0]
    assert sorted(keys(path)) == sorted(names)


def test_a_full_disk_leaves_no_half_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "alerts.jsonl"
    append_once(path, "a", line("a"))
    real = os.pwrite

    def filling_up(handle: int, content: bytes, offset: int) -> int:
        if len(content) < 6:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(handle, content[:5], offset)

    with monkeypatch.context() as full:
        full.setattr("pipeline.alert.channels.file.os.pwrite", filling_up)
        with pytest.raises(OSError, match="No space"):
            append_once(path, "b", line("b"))
    assert path.read_bytes() == line("a") + b"\n"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(torn=st.binary(max_size=30).filter(lambda torn: b"\n" not in torn), key=st.text(max_size=10))
def test_whatever_lies_at_the_end_lines_stay_whole(torn: bytes, key: str, tmp_path: Path) -> None:
    path = tmp_path / "alerts.jsonl"
    path.write_bytes(line("first") + b"\n" + torn)
    append_once(path, key, line(key))
    assert keys(path) == (["first"] if key == "first" else ["first", key])


@pytest.mark.parametrize(
    "content",
    [
        b"SQLite format 3\0\x10\0\n\x01",
        b'{"generation": "g-7", "layout": 3}',
        b'{"generation": "g-7"}\n',
        b"a note of somebody's\n",
        b"0123456789abcdef",
    ],
    ids=["database", "pointer of the index", "json lines of another kind", "text", "key"],
)
def test_file_of_another_kind_is_never_written_over(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "something"
    path.write_bytes(content)
    with pytest.raises(DeliveryError, match="something other than alerts"):
        append_once(path, "a", line("a"))
    assert path.read_bytes() == content
