"""Whether two takes carry the same text: shingles first, then facts.

Signatures find pairs that may be copies; here the texts themselves decide. Jaccard similarity of word shingles (Broder
1997) tells a copy with small edits or a cut end from another story. Templated stories (results, quakes, matches) share
nearly all their words and are told apart by their facts: a copy keeps its numbers and names.
"""

import re

from pipeline.models import StoredTake, Story

SHINGLE = 3  # words: a single changed word breaks three shingles, not five
LEAST_WORDS = 30
LEAST_JACCARD = 0.5
LEAST_CONTAINED = 0.8  # of the shorter text's shingles, where the longer one was cut
LEAST_CUT = 0.4  # of the longer text that a cut copy must keep
LEAST_FACTS = 0.8  # of the facts of the text that has fewer
_FEW_FACTS = 3  # with fewer the words decide alone

_WORD = re.compile(r"\w+(?:[.,]\d+)*")
_SENTENCE_START = re.compile(r"(?:^|[.!?][\"”’)]*\s+|\n\s*)[\"“‘(]*(\w+)")


def copy_similarity(take: StoredTake, other: StoredTake) -> float | None:
    """The Jaccard similarity of the two texts' shingles if one is a copy of the other, else None.

    Takes of one publisher are versions or other stories of its own, never copies.
    """
    if take.lineage == other.lineage or _same_publisher(take.story, other.story):
        return None
    return same_text(_text(take.story), _text(other.story))


def same_text(first: str, second: str) -> float | None:
    """The shingles' Jaccard similarity if the texts are the same but for small edits or a cut end, else None."""
    left, right = _shingles(first), _shingles(second)
    short, long = sorted((len(left), len(right)))
    if short < LEAST_WORDS - SHINGLE + 1:
        return None
    common = len(left & right)
    jaccard = common / (short + long - common)
    cut = common >= LEAST_CONTAINED * short and short >= LEAST_CUT * long
    if jaccard < LEAST_JACCARD and not cut:
        return None
    return jaccard if _same_facts(first, second) else None


def _same_publisher(story: Story, other: Story) -> bool:
    return story.source is not None and story.source == other.source


def _text(story: Story) -> str:
    start = story.dateline.end if story.dateline else 0
    return story.body[start : story.trailer.start if story.trailer else None]


def _shingles(text: str) -> frozenset[tuple[str, ...]]:
    words = _WORD.findall(text.casefold())
    return frozenset(zip(*(words[place:] for place in range(SHINGLE)), strict=False))


def _same_facts(first: str, second: str) -> bool:
    mine, theirs = _facts(first), _facts(second)
    fewer = min(len(mine), len(theirs))
    return fewer < _FEW_FACTS or len(mine & theirs) >= LEAST_FACTS * fewer


def _facts(text: str) -> frozenset[str]:
    """Numbers and capitalised words, those that only begin a sentence left out."""
    starts = {match.start(1) for match in _SENTENCE_START.finditer(text)}
    return frozenset(
        word.casefold()
        for match in _WORD.finditer(text)
        if (word := match.group())[0].isdigit() or (word[0].isupper() and match.start() not in starts)
    )
