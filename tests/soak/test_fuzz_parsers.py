"""Fuzzing of the parsers: a few thousand inputs with every test run, a million with make soak."""

import subprocess
import sys

import pytest

from tests.e2e.command import ROOT


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(["3000"], id="a few"),
        pytest.param(["800000", "--seed", "1000000", "--guided", "200000"], id="a million", marks=pytest.mark.soak),
    ],
)
def test_no_input_breaks_a_parser(arguments: list[str]) -> None:
    line = [sys.executable, "-m", "tests.soak.fuzz_parsers", *arguments]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-4000:]}"
