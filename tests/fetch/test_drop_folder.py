"""Drop folders: what counts as complete, in which order, and where files are afterwards."""

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.errors import FetchError
from pipeline.fetch import DropFolder, PutAway
from pipeline.models import Feed, FeedState, FetchOutcome, Origin

Deliver = Callable[..., Path]


@pytest.fixture
def drop(tmp_path: Path) -> DropFolder:
    (tmp_path / "drop").mkdir()
    feed = Feed(name="agency", folder=str(tmp_path / "drop"), publisher="Bosphorus Wire", language="tr")
    return DropFolder(feed=feed, path=tmp_path / "drop", ledger=tmp_path / "home" / "agency.ledger")


@pytest.fixture
def state() -> FeedState:
    return FeedState(name="agency")


@pytest.fixture
def deliver(drop: DropFolder, now: datetime) -> Deliver:
    """Deliver a file that was last written so many seconds ago."""

    def write(name: str, content: bytes = b"story", seconds_ago: float = 60) -> Path:
        path = drop.path / name
        path.write_bytes(content)
        written = now.timestamp() - seconds_ago
        os.utime(path, (written, written))
        return path

    return write


def names(paths: list[Path]) -> list[str]:
    return [path.name for path in paths]


def test_complete_files_oldest_first(drop: DropFolder, deliver: Deliver, now: datetime) -> None:
    deliver("b.xml", seconds_ago=30)
    deliver("a.xml", seconds_ago=20)
    deliver("d.xml", seconds_ago=40)
    deliver("c.xml", seconds_ago=40)
    assert names(drop.waiting(now)) == ["c.xml", "d.xml", "b.xml", "a.xml"]


@pytest.mark.parametrize(
    "name",
    [".hidden.xml", "a.xml.tmp", "a.xml.part", "a.XML.PART", "a.xml.filepart", "a.xml.partial", "a.xml~", ".a.swp"],
)
def test_unfinished_files_are_left_alone(name: str, drop: DropFolder, deliver: Deliver, now: datetime) -> None:
    deliver(name)
    assert drop.waiting(now) == []


def test_a_file_beside_its_lock_waits(drop: DropFolder, deliver: Deliver, now: datetime) -> None:
    deliver("a.xml")
    lock = deliver("a.xml.lock")
    deliver("b.xml")
    assert names(drop.waiting(now)) == ["b.xml"]
    lock.unlink()
    assert names(drop.waiting(now)) == ["a.xml", "b.xml"]


def test_a_file_written_just_now_waits(drop: DropFolder, deliver: Deliver, now: datetime) -> None:
    deliver("growing.xml", seconds_ago=1)
    deliver("clock-ahead.xml", seconds_ago=-1)
    deliver("clock-wrong.xml", seconds_ago=-86_400)
    assert names(drop.waiting(now)) == ["clock-wrong.xml"]
    assert "growing.xml" in names(drop.waiting(now + timedelta(seconds=5)))


def test_links_and_folders_are_left_alone(drop: DropFolder, tmp_path: Path, now: datetime) -> None:
    (tmp_path / "secret").write_text("keys")
    (drop.path / "link.xml").symlink_to(tmp_path / "secret")
    (drop.path / "folder.xml").mkdir()
    os.mkfifo(drop.path / "pipe.xml")
    assert drop.waiting(now) == []
    with pytest.raises(FetchError, match=r"link\.xml cannot be read"):
        drop.read(drop.path / "link.xml", now)


def test_a_missing_folder_says_what_to_do(drop: DropFolder, state: FeedState, now: datetime) -> None:
    nowhere = replace(drop, path=drop.path / "nowhere")
    with pytest.raises(FetchError, match="nowhere cannot be read: No such file or directory; make it"):
        nowhere.waiting(now)
    fetched = nowhere.collect(state, now)
    assert (fetched.outcome, fetched.state.failures) == (FetchOutcome.FAILED, 1)
    assert "nowhere cannot be read" in str(fetched.record.reason)


def test_files_become_documents(drop: DropFolder, deliver: Deliver, state: FeedState, now: datetime) -> None:
    path = deliver("a.xml", b"<newsItem/>")
    deliver("b.xml", b"12345", seconds_ago=50)
    fetched = drop.collect(state, now)
    first, second = fetched.documents
    assert first.origin == Origin("agency", str(path), now, backfill=False)
    assert (first.content, first.publisher, first.language) == (b"<newsItem/>", "Bosphorus Wire", "tr")
    assert second.content == b"12345"
    assert (fetched.outcome, fetched.record.bytes, fetched.problems) == (FetchOutcome.FETCHED, 16, ())
    assert fetched.state.next_due_at is not None
    assert fetched.state.next_due_at > now


def test_an_empty_folder_is_nothing_new(drop: DropFolder, state: FeedState, now: datetime) -> None:
    fetched = drop.collect(state, now)
    assert (fetched.outcome, fetched.documents, fetched.state.failures) == (FetchOutcome.NOT_MODIFIED, (), 0)


def test_more_than_one_batch_is_due_again_at_once(
    drop: DropFolder, deliver: Deliver, state: FeedState, now: datetime
) -> None:
    for number in range(5):
        deliver(f"{number}.xml", b"x" * 100)
    for small in (replace(drop, batch_files=2), replace(drop, batch_bytes=150)):
        fetched = small.collect(state, now)
        assert names([Path(document.origin.location) for document in fetched.documents]) == ["0.xml", "1.xml"]
        assert fetched.state.next_due_at == now


def test_files_that_cannot_be_read_are_put_away_and_hold_nobody(
    drop: DropFolder, deliver: Deliver, state: FeedState, now: datetime
) -> None:
    deliver("huge.xml", b"x" * 1_000)
    deliver("good.xml", b"x" * 10, seconds_ago=20)
    nameless = drop.path / os.fsdecode(b"caf\xe9.xml")
    nameless.write_bytes(b"x")
    os.utime(nameless, (0, 0))
    fetched = replace(drop, max_bytes=500).collect(state, now)
    assert [document.content for document in fetched.documents] == [b"x" * 10]
    assert [problem.rpartition("/")[2] for problem in fetched.problems] == [
        "caf\\udce9.xml has a name that is not UTF-8; deliver it under another name",
        "huge.xml is larger than the 0.000476837 MB that a file may have; split it",
    ]
    str(fetched.record.reason).encode("utf-8")
    assert fetched.state.failures == 0
    assert sorted(os.listdir(os.fsencode(drop.path / "failed"))) == [b"caf\xe9.xml", b"huge.xml"]


def test_a_file_that_changes_while_it_is_read_is_not_complete(
    drop: DropFolder, deliver: Deliver, state: FeedState, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = deliver("a.xml", b"half")
    real = os.fstat
    looks = []

    def growing(handle: int) -> os.stat_result:
        looks.append(handle)
        if len(looks) == 2:
            path.write_bytes(b"half and half")
        return real(handle)

    monkeypatch.setattr("pipeline.fetch.drop_folder.os.fstat", growing)
    assert drop.collect(state, now).documents == ()
    assert path.exists()


def test_a_file_that_has_gone_is_no_problem(drop: DropFolder, deliver: Deliver, now: datetime) -> None:
    path = deliver("a.xml")
    path.unlink()
    assert drop.read(path, now) is None
    assert "has gone" in str(drop.put_away(path, ok=True).problem)
    assert not list((drop.path).glob("done/*"))


# --------------------------------------------------------------------------- putting away


def test_processed_files_are_put_away(drop: DropFolder, deliver: Deliver, now: datetime) -> None:
    good, bad = deliver("good.xml"), deliver("bad.xml")
    assert drop.put_away(good, ok=True) == PutAway(to=drop.path / "done" / "good.xml")
    assert drop.put_away(bad, ok=False) == PutAway(to=drop.path / "failed" / "bad.xml")
    assert (drop.path / "done" / "good.xml").read_bytes() == b"story"
    assert drop.waiting(now) == []


def test_a_name_that_is_taken_gets_a_number(drop: DropFolder, deliver: Deliver) -> None:
    for content in (b"first", b"second", b"third"):
        drop.put_away(deliver("a.b.xml", content), ok=True)
    put_away = {path.name: path.read_bytes() for path in (drop.path / "done").iterdir()}
    assert put_away == {"a.b.xml": b"first", "a.b~2.xml": b"second", "a.b~3.xml": b"third"}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(deliveries=st.lists(st.tuples(st.sampled_from(["a", "a.xml", "a~2.xml", "b"]), st.booleans()), max_size=12))
def test_nothing_is_ever_lost_or_overwritten(deliveries: list[tuple[str, bool]], drop: DropFolder) -> None:
    def everything() -> list[bytes]:
        return sorted(path.read_bytes() for path in drop.path.rglob("*") if path.is_file())

    before = everything()
    for number, (name, ok) in enumerate(deliveries):
        (drop.path / name).write_bytes(b"%d" % number)
        drop.put_away(drop.path / name, ok)
    assert everything() == sorted(before + [b"%d" % number for number in range(len(deliveries))])


@pytest.mark.parametrize("where", ["os.replace", "os.close", "os.open"])
def test_killed_while_putting_away_the_file_is_done_again(
    where: str, drop: DropFolder, deliver: Deliver, now: datetime
) -> None:
    path = deliver("a.xml", b"story")

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as killing:
        killing.setattr(f"pipeline.fetch.drop_folder.{where}", die)
        with pytest.raises(KeyboardInterrupt):
            drop.put_away(path, ok=True)
    assert drop.waiting(now) == [path]
    filed = drop.put_away(path, ok=True)
    assert filed.to is not None
    assert filed.to.read_bytes() == b"story"


def test_a_file_that_cannot_be_moved_is_remembered_until_it_is_delivered_anew(
    drop: DropFolder, deliver: Deliver, state: FeedState, now: datetime
) -> None:
    (drop.path / "done").write_text("in the way")
    path = deliver("a.xml")
    filed = drop.put_away(path, ok=True)
    assert (filed.to, filed.remembered) == (None, True)
    assert f"{path} cannot be moved: File exists; allow us to write into" in str(filed.problem)
    assert path not in drop.waiting(now)
    assert path not in replace(drop).waiting(now), "also after a restart"
    deliver("a.xml", b"a new story", seconds_ago=30)
    assert path in drop.waiting(now)


def test_a_torn_ledger_line_harms_no_other(drop: DropFolder, deliver: Deliver, now: datetime) -> None:
    (drop.path / "done").symlink_to("nowhere/at/all")
    drop.ledger.parent.mkdir()
    drop.ledger.write_bytes(b"abc\xff")
    paths = [deliver("a.xml"), deliver("b.xml")]
    for path in paths:
        assert drop.put_away(path, ok=True).remembered
    assert drop.waiting(now) == []


def test_with_no_ledger_either_the_file_is_read_again(drop: DropFolder, deliver: Deliver, now: datetime) -> None:
    (drop.path / "done").write_text("in the way")
    stuck = replace(drop, ledger=drop.path / "done" / "ledger")
    path = deliver("a.xml")
    assert not stuck.put_away(path, ok=True).remembered
    assert path in stuck.waiting(now)
