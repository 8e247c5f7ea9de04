"""Copies made from our own texts as papers make them, and stories that only look like copies; a seed gives one set.

Made copies: words replaced, sentences dropped or moved, the end cut off, another spelling of the same language, numbers
written otherwise, a dateline and headline of the paper's own, lines of boilerplate added, several of these at once.
Lookalikes: market reports, weather, match results, quakes and company figures from one template with other facts, run
by different papers; takes of one agency's story under uris that nothing links.
"""

import random
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from pipeline.models import Story
from tests.benchmarks.corpus import sentences
from tests.quality import lookalike_templates
from tests.quality.spellings import BRITISH, NUMERALS, SYNONYMS
from tests.sample_wire.loader import load_stories

_START = datetime(2018, 3, 5, 6, tzinfo=UTC)
_PAPERS = [f"{area} {kind}" for area in ("Harbour", "Valley", "Northern", "Lake", "Border", "Plains", "Coast", "Hill")
           for kind in ("Courier", "Gazette", "Herald", "Mirror", "Dispatch")]  # fmt: skip
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-Z\"“])")
_WORD = re.compile(r"[A-Za-z]+")
_BOILERPLATE = (
    "Sign up for our morning newsletter and have the day's most important stories in your inbox before breakfast.",
    "Read more: our reporters on the ground answer your questions about the story in this week's podcast.",
    "This article was produced by a partner agency and has not been edited by our newsroom.",
    "Advertisement. The story continues below.",
    "Follow us on all channels and never miss an update from our correspondents around the world.",
    "Have you seen something that others should know? Write to our news desk at any hour of the day or night.",
)


@dataclass(frozen=True, slots=True)
class CopySet:
    """stories in order of publication; gold: pairs of uris that are copies. All other pairs are not."""

    stories: tuple[Story, ...]
    gold: frozenset[tuple[str, str]]


# --------------------------------------------------------------------------- what papers do to a text


def _reworded(text: str, rng: random.Random, share: float) -> str:
    def synonym(match: re.Match[str]) -> str:
        other = SYNONYMS.get(match[0])
        return other if other and rng.random() < share else match[0]

    return _WORD.sub(synonym, text)


def reworded(text: str, rng: random.Random) -> str:
    """A sub-editor's words for the agency's, and one sentence in eight dropped."""
    kept = [part for part in _SENTENCE.split(_reworded(text, rng, 0.7)) if rng.random() > 0.125]
    return " ".join(kept or _SENTENCE.split(text))


def truncated(text: str, rng: random.Random) -> str:
    """The first 50 to 90 % of the sentences."""
    parts = _SENTENCE.split(text)
    return " ".join(parts[: max(2, round(len(parts) * rng.uniform(0.5, 0.9)))])


def _replacement(table: Mapping[str, str], word: re.Match[str]) -> str:
    return table.get(word[0], word[0])


def respelled(text: str, rng: random.Random) -> str:
    """British spelling, numbers in words or figures, other quotation marks and designations."""
    for table in (BRITISH, NUMERALS):
        text = _WORD.sub(partial(_replacement, table), text)
    text = (
        text.replace("percent", "per cent").replace("U.S.", "US").replace("S-400", "S400").replace("SAMP/T", "SAMP-T")
    )
    return text.replace('"', "'").replace("'", "’") if rng.random() < 0.5 else text


def boilerplated(text: str, rng: random.Random) -> str:
    """Lines of the paper's own before, within and after the text."""
    parts = _SENTENCE.split(text)
    for line in rng.sample(_BOILERPLATE, rng.randint(1, 2)):
        parts.insert(rng.choice((0, len(parts) // 2, len(parts))), f"\n\n{line}\n\n")
    return " ".join(parts)


def rearranged(text: str, rng: random.Random) -> str:
    """One sentence moved further down."""
    parts = _SENTENCE.split(text)
    if len(parts) > 3:
        moved = parts.pop(rng.randrange(1, len(parts) - 1))
        parts.insert(rng.randrange(2, len(parts) + 1), moved)
    return " ".join(parts)


def localised(text: str, rng: random.Random) -> str:
    """A sentence of the paper's own about the story, after the second one."""
    parts = _SENTENCE.split(text)
    town = rng.choice(_PAPERS).split()[0]
    own = f"The news was met with concern in {town}, where many families have ties to the region."
    return " ".join([*parts[:2], own, *parts[2:]])


EDITS: dict[str, Callable[[str, random.Random], str]] = {
    "reworded": reworded,
    "truncated": truncated,
    "respelled": respelled,
    "boilerplate": boilerplated,
    "rearranged": rearranged,
    "localised": localised,
}


def _edited(text: str, rng: random.Random) -> str:
    """One edit, or two that papers make together."""
    names = rng.choice(
        [(name,) for name in EDITS]
        + [("respelled", "truncated"), ("reworded", "boilerplate"), ("respelled", "localised")]
    )
    for name in names:
        text = EDITS[name](text, rng)
    return text


# --------------------------------------------------------------------------- the set


def build(half: int, seed: int = 7) -> CopySet:
    """One half of the set: 0 to develop on, 1 to report. The halves share no text and no facts."""
    rng = random.Random(f"{seed} {half}")
    stories: list[Story] = []
    gold: set[tuple[str, str]] = set()
    for number, text in enumerate(_texts(half, rng)):
        at = _START + timedelta(hours=number * 3)
        papers = rng.sample(_PAPERS, 4)
        uris = [f"copy:{half}:{number}:{copy}" for copy in range(rng.randint(1, 4))]
        for copy, uri in enumerate(uris):
            body = text if copy == 0 else _edited(text, rng)
            headline = (
                f"{' '.join(text.split()[:6])}" if copy == 0 else f"{papers[copy]}: {' '.join(text.split()[3:9])}"
            )
            stories.append(_story(uri, papers[copy], headline, body, at + timedelta(minutes=37 * copy)))
        gold.update((a, b) for index, a in enumerate(uris) for b in uris[index + 1 :])
    stories += _lookalikes(half, rng)
    stories += _takes(half, rng)
    stories.sort(key=lambda story: (story.updated_at, story.uri))
    return CopySet(tuple(stories), frozenset(tuple(sorted(pair)) for pair in gold))  # type: ignore[misc]


def _story(uri: str, source: str, headline: str, body: str, at: datetime) -> Story:
    return Story(uri=uri, source=source, headline=headline, body=body, language="en", published_at=at, updated_at=at)


def _texts(half: int, rng: random.Random) -> Iterator[str]:
    """Stories of the sample wire that are nobody's later take, and longer ones made of its sentences."""
    chosen = {
        story.key.split("-update")[0]: " ".join(story.body.split())
        for story in load_stories()
        if story.language == "en" and story.template is None and story.previous is None and story.version == 1
        and not any(mark in story.key for mark in ("copy", "update", "correct", "kill", "aft-senate", "lead-"))
        and len(story.body.split()) >= 80
    }  # fmt: skip
    yield from [text for position, (_, text) in enumerate(sorted(chosen.items())) if position % 2 == half]
    pool = sentences()[half::2]
    for _ in range(120):
        yield " ".join(rng.sample(pool, rng.randint(8, 18)))


def _lookalikes(half: int, rng: random.Random) -> list[Story]:
    stories = []
    for kind, fill in lookalike_templates.KINDS.items():
        for number in range(60):
            at = _START + timedelta(hours=number * 6 + rng.randint(0, 3))
            paper = rng.choice(_PAPERS)
            headline, body = fill(rng, at)
            stories.append(_story(f"like:{half}:{kind}:{number}", paper, headline, body, at))
    return stories


def _takes(half: int, rng: random.Random) -> list[Story]:
    """Takes of one agency's stories under uris of their own."""
    stories: list[Story] = []
    pool = sentences()[half::2]
    for number in range(40):
        text = rng.sample(pool, 9)
        at = _START + timedelta(hours=number * 5)
        for take in range(3):
            body = " ".join([*text[:3], *rng.sample(pool, take), *text[3 : 9 - take]])
            story = _story(f"take:{half}:{number}:{take}", "Bosphorus", text[0][:60], body, at + timedelta(hours=take))
            stories.append(story)
    return stories


def scores(
    gold: frozenset[tuple[str, str]], groups: Sequence[Sequence[str]]
) -> tuple[float, float, list[tuple[str, str]]]:
    """Precision and recall over pairs, and the pairs that are wrong: missed or invented."""
    pairs = {tuple(sorted((a, b))) for group in groups for index, a in enumerate(group) for b in group[index + 1 :]}
    right = len(gold & pairs)
    wrong = sorted((gold - pairs) | (pairs - gold))
    return right / max(1, len(pairs)), right / max(1, len(gold)), wrong  # type: ignore[return-value]
