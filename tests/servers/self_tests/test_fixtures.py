"""Tests that need an Elasticsearch run in one worker of pytest-xdist, so that each kind of node starts once."""

import os
import subprocess
import sys
from pathlib import Path

# The servers are stood in for: where the tests run is what matters here.
CONFTEST = """
import os, pathlib, pytest

@pytest.fixture(params=range(3))
def noted(request):
    with (pathlib.Path(__file__).parent / request.node.originalname).open("a") as workers:
        workers.write(os.environ["PYTEST_XDIST_WORKER"] + "\\n")

@pytest.fixture
def elasticsearch_server(): ...

@pytest.fixture
def percolator_server(): ...
"""
TESTS = """
def test_searches(noted, elasticsearch_server): ...
def test_percolates(noted, percolator_server): ...
def test_elsewhere(noted): ...
"""


def test_those_that_need_an_elasticsearch_share_a_worker(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_sample.py").write_text(TESTS)
    plugins = ["-p", "xdist", "-p", "tests.servers.fixtures"]
    command = [sys.executable, "-m", "pytest", "-q", *plugins, "-n", "2", "--dist", "loadgroup"]
    done = subprocess.run(
        [*command, "--rootdir", str(tmp_path), "-c", "/dev/null", str(tmp_path)],
        cwd=Path(__file__).parents[3],
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    searching = (tmp_path / "test_searches").read_text().split()
    percolating = (tmp_path / "test_percolates").read_text().split()
    assert len(searching) == len(percolating) == 3
    # pytest 9.2 and pytest-xdist 3.8 together ignore groups without a word.
    assert len({*searching, *percolating}) == 1, "the tests were spread over several workers"
