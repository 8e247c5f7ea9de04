"""Time and memory of a command and all its children, and medians of calls measured in turn."""

import statistics
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import psutil

_SAMPLE_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Cost:
    """Wall seconds, and the largest memory of the whole process tree in MB (proportional set size)."""

    seconds: float
    megabytes: float


def run(command: Sequence[str], environment: Mapping[str, str]) -> Cost:
    """Run to the end. Raises CalledProcessError."""
    started = time.monotonic()
    process = subprocess.Popen(command, env=dict(environment), stdout=subprocess.DEVNULL)
    peak, done = [0.0], threading.Event()
    watcher = threading.Thread(target=_watch, args=(psutil.Process(process.pid), peak, done))
    watcher.start()
    status = process.wait()
    seconds = time.monotonic() - started
    done.set()
    watcher.join()
    if status:
        raise subprocess.CalledProcessError(status, command)
    return Cost(seconds, peak[0])


def _watch(process: psutil.Process, peak: list[float], done: threading.Event) -> None:
    while not done.wait(_SAMPLE_SECONDS):
        try:
            tree = [process, *process.children(recursive=True)]
            peak[0] = max(peak[0], sum(_memory(process) for process in tree) / 2**20)
        except psutil.NoSuchProcess:
            return


def _memory(process: psutil.Process) -> float:
    try:
        return float(process.memory_full_info().pss)
    except psutil.Error:
        return 0.0


def medians_in_turn(
    calls: Mapping[str, Sequence[Callable[[], object]]], clock: Callable[[], float] = time.perf_counter
) -> dict[str, float]:
    """Median milliseconds of each kind of call, the kinds taking turns call by call, after one warm-up round."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for number in range(max(map(len, calls.values()))):
        for name, durations in calls.items():
            call = durations[number % len(durations)]
            if number == 0:
                call()
            started = clock()
            call()
            times[name].append((clock() - started) * 1000)
    return {name: statistics.median(values) for name, values in times.items()}
