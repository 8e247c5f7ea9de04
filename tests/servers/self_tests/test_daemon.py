"""A server program: started, watched, held up and ended, also when its test process dies first."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from tests.servers.daemon import Daemon, ServerError, private_folder, unprivileged_account

ACCOUNT_NAMES = ("nobody", "postgres")

# A server whose child outlives it unless it is killed too; it is ready once it has written its file.
PARENT_AND_CHILD = "echo starting; sleep 600 & echo $! > child; touch ready; wait"


@pytest.fixture
def folder() -> Iterator[Path]:
    path = private_folder("daemon-test", unprivileged_account(*ACCOUNT_NAMES))
    yield path
    shutil.rmtree(path, ignore_errors=True)


def daemon(folder: Path, script: str) -> Daemon:
    return Daemon(
        "the sleeper",
        ["sh", "-c", script],
        folder=folder,
        log=folder / "log",
        account=unprivileged_account(*ACCOUNT_NAMES),
        environment={},
    )


def start(folder: Path, script: str = PARENT_AND_CHILD) -> Daemon:
    """A server that has said that it is ready."""
    server = daemon(folder, script)
    server.start()
    server.wait_ready((folder / "ready").exists, seconds=30)
    return server


@pytest.fixture
def sleeper(folder: Path) -> Iterator[Daemon]:
    server = start(folder)
    yield server
    server.kill()


def child_of(folder: Path) -> psutil.Process:
    return psutil.Process(int((folder / "child").read_text()))


def test_kill_ends_the_children_too(folder: Path, sleeper: Daemon) -> None:
    child = child_of(folder)
    assert child.pid in sleeper.process_ids
    sleeper.kill()
    child.wait(timeout=30)
    assert not sleeper.running


def test_stop_sends_the_signal_and_waits(folder: Path) -> None:
    os.mkfifo(folder / "fifo", 0o666)
    server = start(folder, "trap 'echo good-bye; exit 0' TERM; touch ready; while :; do read _ < fifo; done")
    server.stop(signal.SIGTERM, seconds=30)
    assert not server.running
    assert "good-bye" in (folder / "log").read_text()


def test_a_server_deaf_to_stop_is_killed_and_named(folder: Path) -> None:
    server = start(folder, "trap '' TERM; touch ready; sleep 600")
    with pytest.raises(ServerError, match=r"the sleeper did not stop within 0\.1 s"):
        server.stop(signal.SIGTERM, seconds=0.1)
    assert not server.running


def test_suspended_it_stands_still_until_resumed(sleeper: Daemon) -> None:
    server = sleeper.process_ids[0]
    sleeper.suspend()
    # These return when the process has stopped, and gone on; without them the test would hang.
    assert os.waitid(os.P_PID, server, os.WSTOPPED | os.WNOWAIT) is not None
    sleeper.resume()
    assert os.waitid(os.P_PID, server, os.WCONTINUED | os.WNOWAIT) is not None
    assert sleeper.running


def test_a_server_that_is_not_running_cannot_be_suspended(folder: Path) -> None:
    with pytest.raises(ServerError, match="the sleeper is not running"):
        daemon(folder, "true").suspend()


def test_a_failed_start_shows_status_and_log(folder: Path) -> None:
    server = daemon(folder, "echo cannot find the moon; exit 3")
    server.start()
    with pytest.raises(ServerError, match=r"ended with status 3(.|\n)*cannot find the moon"):
        server.wait_ready(lambda: False, seconds=30)
    assert not server.running


def test_a_server_that_never_answers_is_killed_after_its_time(folder: Path) -> None:
    server = daemon(folder, "echo still thinking; sleep 600")
    server.start()
    with pytest.raises(ServerError, match=r"did not answer within 0\.2 s"):
        server.wait_ready(lambda: False, seconds=0.2)
    assert not server.running


def test_starting_twice_is_refused(sleeper: Daemon) -> None:
    with pytest.raises(ServerError, match="running already"):
        sleeper.start()


def test_an_orphaned_server_is_ended_and_its_folder_removed(folder: Path) -> None:
    """The test process is killed before it can clean up."""
    script = (
        "import os, signal; from pathlib import Path\n"
        "from tests.servers.self_tests import test_daemon\n"
        f"server = test_daemon.start(Path({str(folder)!r}))\n"
        "print('started', flush=True)\n"
        "signal.pause()\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as tests:
        assert tests.stdout is not None
        assert tests.stdout.readline() == "started\n"
        child = child_of(folder)
        server = child.parent()
        assert server is not None
        guards = [process for process in psutil.Process(tests.pid).children() if process.pid != server.pid]
        tests.kill()
    psutil.wait_procs([child, server, *guards], timeout=30)
    assert not child.is_running()
    assert not server.is_running()
    assert not folder.exists()
