"""The ``wirewatch`` command as a user runs it: a process of its own, in a home of its own."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent


@dataclass(frozen=True, slots=True)
class Answer:
    """How a command ended and what it wrote."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The single JSON document on stdout."""
        return json.loads(self.out)

    @property
    def lines(self) -> list[Any]:
        """The JSON lines on stdout."""
        return [json.loads(line) for line in self.out.splitlines()]


@dataclass(frozen=True, slots=True)
class Command:
    """Runs commands in one home. environment: further settings."""

    home: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    def run(self, *arguments: str | Path) -> Answer:
        """Run to the end, whatever the status."""
        done = subprocess.run(self._line(arguments), env=self._environment(), cwd=ROOT, capture_output=True, text=True)
        return Answer(done.returncode, done.stdout, done.stderr)

    def ok(self, *arguments: str | Path) -> Answer:
        """Run; fails the test unless the status is 0."""
        answer = self.run(*arguments)
        assert answer.status == 0, f"wirewatch {arguments}: {answer.status}\n{answer.err}"
        return answer

    def killed_after(self, seconds: float, *arguments: str | Path) -> bool:
        """Start, and kill the whole process group without warning after ``seconds``; whether it was still running."""
        with subprocess.Popen(
            self._line(arguments),
            env=self._environment(),
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        ) as process:
            try:
                process.wait(seconds)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                return True
            return False

    def _line(self, arguments: tuple[str | Path, ...]) -> list[str]:
        return [sys.executable, "-m", "pipeline.cli", *map(str, arguments)]

    def _environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("WIREWATCH_")}
        ours = {"WIREWATCH_HOME": str(self.home), "WIREWATCH_TIMEZONE": "UTC", "COLUMNS": "300"}  # no cell is folded
        return {**inherited, **ours, **self.environment}
