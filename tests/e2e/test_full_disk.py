"""A disk that is full while stories are imported."""

import json
import os
import subprocess
import sys
from pathlib import Path

from tests.e2e.command import ROOT, Command

STORY = {
    "type": "text",
    "version": "1",
    "versioncreated": "2018-03-01T10:00:00Z",
    "body_text": "HARBOUR CITY, March 1 (Post) - The harbour board approved a new ferry timetable on Thursday.",
}


def test_a_full_disk_loses_nothing(tmp_path: Path) -> None:
    """A limit on the size of files stands in for the end of the disk; given room again, the import goes on."""
    home = tmp_path / "home"
    stories = tmp_path / "many.jsonl"
    stories.write_text(
        "".join(json.dumps({**STORY, "uri": f"m:{n}", "headline": f"Ferry {n}"}) + "\n" for n in range(400))
    )
    limited = "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
    limited += "resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, 500_000)); "
    limited += "from pipeline.cli.main import main; main(sys.argv[1:])"
    environment = {**os.environ, "WIREWATCH_HOME": str(home), "WIREWATCH_PROCESSES": "1"}
    full = subprocess.run(
        [sys.executable, "-c", limited, "import", str(stories)],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert full.returncode in (1, 2), full.stderr
    assert "Traceback" not in full.stderr
    command = Command(home, {"WIREWATCH_PROCESSES": "1"})
    command.ok("import", stories)
    assert command.ok("search", "headline:ferry", "--limit", "0", "--json").json["total"] == 400
