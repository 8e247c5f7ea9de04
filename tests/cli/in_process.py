"""The ``wirewatch`` command in this process: the models are loaded once for many commands."""

import io
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path

from pipeline.cli.main import main
from tests.e2e.command import Answer

# Gazetteer alone: for tests that are not about tagging.
BLANK = {"WIREWATCH_SPACY_MODEL": "blank", "COLUMNS": "300"}


@dataclass(frozen=True, slots=True)
class InProcess:
    """Runs commands in one home, as ``tests.e2e.command.Command`` does in processes of their own."""

    home: Path
    environment: Mapping[str, str] = field(default_factory=dict)

    def run(self, *arguments: str | Path) -> Answer:
        """Run to the end, whatever the status."""
        out, err = io.StringIO(), io.StringIO()
        with self._environment(), redirect_stdout(out), redirect_stderr(err):
            try:
                main([str(argument) for argument in arguments])
                status = 0
            except SystemExit as ended:
                status = int(ended.code or 0)
        return Answer(status, out.getvalue(), err.getvalue())

    def ok(self, *arguments: str | Path) -> Answer:
        """Run; fails the test unless the status is 0."""
        answer = self.run(*arguments)
        assert answer.status == 0, f"wirewatch {arguments}: {answer.status}\n{answer.err}"
        return answer

    @contextmanager
    def _environment(self) -> Iterator[None]:
        ours = {"WIREWATCH_HOME": str(self.home), "WIREWATCH_TIMEZONE": "UTC", "WIREWATCH_PROCESSES": "1"}
        before = dict(os.environ)
        try:
            for name in [name for name in before if name.startswith("WIREWATCH_")]:
                del os.environ[name]
            os.environ.update({**ours, **self.environment})
            yield
        finally:
            os.environ.clear()
            os.environ.update(before)
