"""What a story costs in a store that holds many: adding, filing its signature, finding and deciding copies, grouping.

    python -m tests.benchmarks.copies_cost                       a store of 2,000 beside one of 20,000
    python -m tests.benchmarks.copies_cost SMALL LARGE           adds 5,000 stories to each of two homes, in turns

Processor time is compared, the stores taking turns batch by batch, so that other work on the machine weighs on both.
The stores' stories are spread at random over five years, so that every stretch of time fills as a store grows; one in
twenty is a copy of one of the thousand before it. What is compared is a wire, each story later than the last, and an
archive whose stories come in no order and touch pages all over the store. For a million: fill two homes with
``python -m tests.benchmarks.grown HOME COUNT``.
"""

import sys
import tempfile
import time
from pathlib import Path

from tests.benchmarks.grown import BATCH, fill, find_copies, open_grown, stored, stories, tag

MEASURED = 5_000


def compare(small: Path, large: Path, count: int = MEASURED) -> None:
    """Add so many stories of each kind to both homes' stores in turns; print the ratio of their processor time."""
    for live, name in ((True, "a wire"), (False, "an archive")):
        print(f"  {name}:", flush=True)
        _compare(small, large, count, live)


def _compare(small: Path, large: Path, count: int, live: bool) -> None:
    stores = [open_grown(small), open_grown(large)]
    try:
        sizes = [stored(store) for store in stores]
        spent, pairs = [0.0, 0.0], [0, 0]
        for step in range(0, count, BATCH):
            for number, store in enumerate(stores):
                batch = stories(sizes[number] + step, BATCH, live)
                started = time.process_time()
                pairs[number] += find_copies(store, tag(store, batch))
                spent[number] += time.process_time() - started
    finally:
        for store in stores:
            store.close()
    for size, seconds, copies in zip(sizes, spent, pairs, strict=True):
        print(
            f"  with {size} stories stored: {1000 * seconds / count:.2f} ms a story, {copies} copies found", flush=True
        )
    print(f"    {spent[1] / spent[0]:.2f} x the time with {sizes[1] / sizes[0]:.0f} x the stories", flush=True)


def main(arguments: list[str]) -> None:
    """Compare the homes given, or two small ones of its own."""
    if arguments:
        small, large = map(Path, arguments)
        compare(small, large)
        return
    with tempfile.TemporaryDirectory(prefix="wirewatch-bench-") as folder:
        small, large = Path(folder) / "small", Path(folder) / "large"
        fill(small, 2_000)
        fill(large, 20_000)
        compare(small, large)


if __name__ == "__main__":
    main(sys.argv[1:])
