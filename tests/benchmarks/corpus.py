"""Stories by the thousand, made from the sample wire's own sentences: the same seed gives the same stories."""

import json
import random
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.sample_wire.loader import load_stories

_SENTENCE = re.compile(r"(?<=[a-z0-9\"]\.)\s+(?=[A-Z])")
_START = datetime(2012, 1, 1, tzinfo=UTC)
_CITIES = ("Lagos", "Lima", "Oslo", "Quito", "Hanoi", "Perth", "Tunis", "Turin", "Kyoto", "Gdansk", "Accra", "Basel")


def sentences() -> list[str]:
    """The sentences of the sample wire's English stories, datelines and trailers left out."""
    sentences = []
    for story in load_stories():
        if story.language == "en":
            for paragraph in story.paragraphs:
                text = paragraph.rpartition(") - ")[2]
                sentences += [part.strip() for part in _SENTENCE.split(text) if 6 <= len(part.split()) <= 60]
    return sorted(set(sentences))


def stories(count: int, words: int, seed: int = 0) -> Iterator[dict[str, str]]:
    """``count`` ninjs objects of about ``words`` words, spread over five years, each with a number of its own."""
    rng = random.Random(seed)
    pool = sentences()
    for number in range(count):
        parts: list[str] = []
        while sum(len(part.split()) for part in parts) < words - 10:
            parts.append(rng.choice(pool))
        opening = f"Officials in {rng.choice(_CITIES)} filed report {rng.randrange(10**6)} for district {number}."
        yield {
            "uri": f"bench:{seed}:{number}",
            "type": "text",
            "version": "1",
            "versioncreated": (_START + timedelta(minutes=number * 2_628_000 / count)).isoformat(),
            "language": "en",
            "body_text": " ".join([opening, *parts]),
        }


def write(path: Path, count: int, words: int, seed: int = 0) -> None:
    """The same as a ninjs file, one object a line."""
    with path.open("w", encoding="utf-8") as file:
        for story in stories(count, words, seed):
            file.write(json.dumps(story, ensure_ascii=False) + "\n")
