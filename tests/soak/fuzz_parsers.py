"""Fuzzing of the parsers: no exception but our own, no hang, bounded memory.

    python -m tests.soak.fuzz_parsers [COUNT] [--seed N] [--guided COUNT]

COUNT mutations of the golden files by our own rules, then ``--guided`` inputs that atheris (libFuzzer) finds by which
code they reach. The first input that breaks a promise is printed with its seed, or kept by libFuzzer in a file that it
names; the status is then not 0.
"""

import argparse
import importlib.util
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import FrameType

from tests.parse.fuzzing import NAMES, check, mutated
from tests.parse.golden import inputs

LONGEST = 20  # seconds for one input; the slowest takes a few hundredths
LARGEST = 4 * 2**30  # bytes of address space
GROWTH = 256 * 2**20  # bytes of resident memory by which a run may grow once it is warm
_WARM = 2_000
_LARGEST_INPUT = 64 * 1024


class Hang(BaseException):
    """An input took too long; not an Exception, so that no parser can catch it."""


def mutations(count: int, seed: int) -> None:
    """Check so many mutated golden files. Raises AssertionError with the seed of the one that breaks a promise."""
    goldens = [(path.name, path.read_bytes()) for path in inputs()]
    signal.signal(signal.SIGALRM, _hangs)
    resource.setrlimit(resource.RLIMIT_AS, (LARGEST, LARGEST))
    warm = _resident()
    for number in range(seed, seed + count):
        name, golden = goldens[number % len(goldens)]
        signal.setitimer(signal.ITIMER_REAL, LONGEST)
        try:
            check(mutated(golden, number), name if number % 3 else NAMES[number % len(NAMES)])
        except (Exception, Hang) as error:
            raise AssertionError(f"the mutation {number} of {name} breaks a promise: {error!r}") from error
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        if number - seed == _WARM:
            warm = _resident()
    grown = _resident() - warm
    assert count <= _WARM or grown <= GROWTH, f"{count} inputs left {grown / 2**20:.0f} MB behind"


def _hangs(number: int, frame: FrameType | None) -> None:
    raise Hang(f"longer than {LONGEST} s")


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def guided(count: int) -> int:
    """Let atheris find so many inputs; its exit status."""
    with tempfile.TemporaryDirectory(prefix="wirewatch-fuzz-") as folder:
        for path in inputs():
            shutil.copy(path, folder)
        options = [
            f"-runs={count}",
            f"-timeout={LONGEST}",
            "-rss_limit_mb=3000",
            f"-max_len={_LARGEST_INPUT}",
            "-verbosity=0",
        ]
        return subprocess.run([sys.executable, "-m", "tests.soak.guided", *options, folder]).returncode


def main(arguments: list[str]) -> int:
    """Run both; the exit status."""
    parser = argparse.ArgumentParser(prog="fuzz_parsers")
    parser.add_argument("count", type=int, nargs="?", default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--guided", type=int, default=0)
    chosen = parser.parse_args(arguments)
    started = time.process_time()
    mutations(chosen.count, chosen.seed)
    spent = time.process_time() - started
    print(f"{chosen.count} mutations: {spent:.0f} s of processor time, none breaks a promise", flush=True)
    if chosen.guided and importlib.util.find_spec("atheris"):
        return guided(chosen.guided)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
