"""Starting, watching, suspending and killing a server that is a program of its own."""

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

POLL_SECONDS = 0.05
LOG_TAIL_LINES = 40

# Ends the server and removes its folder when the test process is gone, however it went: its standard input is a pipe
# whose other end only the test process holds.
_GUARD = 'cat >/dev/null; kill -s KILL -- "-$1"; rm -rf -- "$2"'


class ServerError(RuntimeError):
    """A test server could not be found, started, reached or stopped; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Account:
    """The user that a server runs as: PostgreSQL and Elasticsearch refuse to run as root."""

    name: str
    uid: int
    gid: int


def unprivileged_account(*names: str) -> Account | None:
    """The first of the accounts ``names`` that exists, or None where this process is not root and needs none.

    Raises:
        ServerError: this process is root and no such account exists.
    """
    if os.geteuid() != 0:
        return None
    for name in names:
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(name, entry.pw_uid, entry.pw_gid)
    raise ServerError(f"a server may not run as root and there is no user {' or '.join(names)}; add one with useradd")


def private_folder(purpose: str, account: Account | None) -> Path:
    """A new temporary folder that belongs to ``account`` (or to the caller) and that nobody else may enter.

    pytest's own temporary folders will not do: they lie under one that only root may enter.

    Raises:
        ServerError: the account cannot reach the folder.
    """
    folder = Path(tempfile.mkdtemp(prefix=f"wirewatch-{purpose}-"))
    if account is None:
        return folder
    os.chown(folder, account.uid, account.gid)
    reachable = subprocess.run(
        ["test", "-w", str(folder)], user=account.uid, group=account.gid, extra_groups=[], cwd="/", check=False
    )
    if reachable.returncode != 0:
        shutil.rmtree(folder)
        raise ServerError(
            f"user {account.name} cannot enter {folder}; set TMPDIR to a folder that every user may enter"
        )
    return folder


def hand_over(folder: Path, account: Account | None) -> None:
    """Give ``folder`` and everything in it to ``account``."""
    if account is None:
        return
    for path in (folder, *folder.rglob("*")):
        os.chown(path, account.uid, account.gid)


class Daemon:
    """One server process with its children, its log and a guard that ends it if the test process dies.

    Args:
        name: what the server is called in errors.
        command: the program and its arguments; it must stay in the foreground.
        folder: working folder; removed by the guard, and by nothing else here.
        log: file that gets standard output and standard error.
        account: the user to run as, or None for the caller's.
        environment: added to PATH, LANG and HOME, the only variables passed on.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        *,
        folder: Path,
        log: Path,
        account: Account | None,
        environment: Mapping[str, str],
    ) -> None:
        self._name = name
        self._command = list(command)
        self._folder = folder
        self._log = log
        self._account = account
        self._environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", "HOME": str(folder), **environment}
        self._process: subprocess.Popen[bytes] | None = None
        self._guard: subprocess.Popen[bytes] | None = None

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def process_ids(self) -> list[int]:
        """The process and all its descendants, parents first; empty when it is not running."""
        if self._process is None or not self.running:
            return []
        return [self._process.pid, *_descendants(self._process.pid)]

    def start(self) -> None:
        """Start the program; returns at once. Use ``wait_ready`` to know when it serves.

        Raises:
            ServerError: it is running already.
        """
        if self.running:
            raise ServerError(f"{self._name} is running already")
        account = self._account
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self._folder,
                env=self._environment,
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=[] if account else None,
                start_new_session=True,
            )
        self._guard = subprocess.Popen(
            ["sh", "-c", _GUARD, "guard", str(self._process.pid), str(self._folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )

    def wait_ready(self, ready: Callable[[], bool], *, seconds: float) -> None:
        """Ask ``ready`` until it says yes.

        Raises:
            ServerError: the program ended, or ``seconds`` went by and it was killed; the end of its log is told.
        """
        process = self._process
        if process is None:
            raise ServerError(f"{self._name} was not started")
        deadline = time.monotonic() + seconds
        while not ready():
            if time.monotonic() > deadline:
                self.kill()
                raise ServerError(f"{self._name} did not answer within {seconds:g} s{self.log_tail()}")
            with contextlib.suppress(subprocess.TimeoutExpired):
                status = process.wait(timeout=POLL_SECONDS)
                self.kill()
                raise ServerError(f"{self._name} ended with status {status} instead of serving{self.log_tail()}")

    def stop(self, how: signal.Signals, *, seconds: float) -> None:
        """Ask the program to end in order, by the signal ``how``, and wait until it has.

        Raises:
            ServerError: it still ran after ``seconds``; it is killed then.
        """
        if self._process is None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(timeout=seconds)
        except subprocess.TimeoutExpired:
            raise ServerError(f"{self._name} did not stop within {seconds:g} s{self.log_tail()}") from None
        finally:
            self.kill()

    def kill(self) -> None:
        """End the program and its children at once, as a power cut would; nothing happens if it is not running."""
        if self._process is None:
            return
        # Children first, so that none has the time to say goodbye to its clients. Then the group: children whose parent
        # ended before them are nobody's descendants any more.
        for child in self.process_ids[1:]:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        self._process = None
        self._retire_guard()

    def suspend(self) -> None:
        """Stop the program and its children in their tracks: connections stay open and nothing is answered."""
        self._signal_all(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a suspended program go on."""
        self._signal_all(signal.SIGCONT)

    def log_tail(self) -> str:
        """The last lines of the log, headed by where it is, to be appended to an error message.

        Java's stack frames are left out: forty of them can follow the one line that says what is wrong.
        """
        if not self._log.exists():
            return ""
        lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
        telling = [line for line in lines if not line.startswith("\tat ")]
        return "\n".join([f"; the end of its log {self._log}:", *telling[-LOG_TAIL_LINES:]])

    def _signal_all(self, how: signal.Signals) -> None:
        process_ids = self.process_ids
        if not process_ids:
            raise ServerError(f"{self._name} is not running, so it cannot be sent {how.name}")
        for process_id in process_ids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(process_id, how)

    def _retire_guard(self) -> None:
        if self._guard is None:
            return
        # Killed before its pipe closes, or it would do its work.
        self._guard.kill()
        self._guard.communicate()
        self._guard = None


def _descendants(process_id: int) -> list[int]:
    """All descendants of a process, from /proc: PostgreSQL's children lead sessions of their own, outside its group.

    Empty on systems without /proc, where a server's children end by themselves when they lose their parent.
    """
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            # The command name before the last parenthesis may hold blanks.
            fields = entry.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
            children.setdefault(int(fields[1]), []).append(int(entry.parent.name))
    pids: list[int] = []
    waiting = [process_id]
    while waiting:
        young = children.get(waiting.pop(0), [])
        pids.extend(young)
        waiting.extend(young)
    return pids
