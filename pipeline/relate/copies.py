"""Whether two takes carry the same text: wording first, then facts.

Signatures find pairs that may be copies; here the texts themselves decide. Jaccard similarity of word shingles (Broder
1997) tells a copy with small edits or a cut end from another story; where a sub-editor changed words throughout, few
shingles survive, but most words still stand in the same order (longest common subsequence). Templated stories (results,
quakes, matches) share nearly all their words and differ in their facts: a copy keeps its numbers and names.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from rapidfuzz.distance import LCSseq

from pipeline.models import StoredTake, Story
from pipeline.text.designations import join_designations
from pipeline.text.shingles import shingles
from pipeline.wire.body import body_text

SHINGLE = 3  # words: a single changed word breaks three shingles, not five

# All below were chosen on the project's own development stories.
LEAST_WORDS = 30
LEAST_JACCARD = 0.5
LEAST_CONTAINED = 0.8  # of the shorter text's shingles, where the longer one was cut
LEAST_CUT = 0.4  # of the longer text that a cut copy must keep
LEAST_FACTS = 0.8  # of the facts of the text that has fewer
LEAST_IN_ORDER = 0.6  # of the shorter text's words, where both keep the same facts; two reports of one event have half
LEAST_FACTS_REWORDED = 0.9
_FEW_FACTS = 3  # with fewer the words decide alone, and nothing is taken for reworded
_MAX_WORDS_IN_ORDER = 5000  # of longer texts the beginnings are compared

_CACHED_TEXTS = 200  # kept as words and shingles, since each is compared with up to fifty ...
_LONG = 10_000  # ... unless longer than so many characters

_WORD = re.compile(r"\w+(?:[.,]\d+)*")
_INITIALS = re.compile(r"\b(?:[A-Z]\.){2,}")  # "U.S." is "US"
_NUMERALS = {
    "two": "2", "three": "3", "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
    "ten": "10", "eleven": "11", "twelve": "12", "twenty": "20", "thirty": "30", "forty": "40", "fifty": "50",
}  # fmt: skip
_SENTENCE_START = re.compile(r"(?:^|[.!?][\"”’)]*\s+|\n\s*)[\"“‘(]*(\w+)")

_WordsAndShingles = tuple[Sequence[str], frozenset[tuple[str, ...]]]


def copy_similarity(take: StoredTake, other: StoredTake) -> float | None:
    """Return the Jaccard similarity of the two texts' shingles if one is a copy of the other, else None.

    Takes of one publisher are versions or other stories of its own. They are copies only word for word: sent twice, or
    on two of its sites.
    """
    if take.lineage == other.lineage:
        return None
    similarity = same_text(body_text(take.story), body_text(other.story))
    if similarity is not None and similarity < 1 and _same_publisher(take.story, other.story):
        return None
    return similarity


def same_text(first: str, second: str) -> float | None:
    """Return the shingles' Jaccard similarity if the texts are the same but for edits or a cut end, else None."""
    first, second = _one_spelling(first), _one_spelling(second)
    (first_words, first_shingles), (second_words, second_shingles) = _tokenize(first), _tokenize(second)
    short, long = sorted((len(first_shingles), len(second_shingles)))
    if short < LEAST_WORDS - SHINGLE + 1:
        return None
    common = len(first_shingles & second_shingles)
    jaccard = common / (short + long - common)
    cut = common >= LEAST_CONTAINED * short and short >= LEAST_CUT * long
    if jaccard >= LEAST_JACCARD or cut:
        return jaccard if _same_facts(first, second, LEAST_FACTS, if_few=True) else None
    if short < LEAST_CUT * long or not _same_facts(first, second, LEAST_FACTS_REWORDED, if_few=False):
        return None
    return jaccard if _share_in_order(first_words, second_words) >= LEAST_IN_ORDER else None


def _same_publisher(story: Story, other: Story) -> bool:
    return story.source is not None and story.source == other.source


def _one_spelling(text: str) -> str:
    """Return the text with designations and initials in one way of writing."""
    return join_designations(_INITIALS.sub(lambda match: match[0].replace(".", ""), text))


def _tokenize(text: str) -> _WordsAndShingles:
    return _words_and_shingles(text) if len(text) <= _LONG else _words_and_shingles.__wrapped__(text)


@lru_cache(maxsize=_CACHED_TEXTS)
def _words_and_shingles(text: str) -> _WordsAndShingles:
    words = [_NUMERALS.get(word, word) for word in _WORD.findall(text.casefold())]
    return words, frozenset(shingles(words, SHINGLE))


def _share_in_order(words: Sequence[str], others: Sequence[str]) -> float:
    """Return the share of the shorter text's words that the other one has in the same order."""
    words, others = words[:_MAX_WORDS_IN_ORDER], others[:_MAX_WORDS_IN_ORDER]
    return LCSseq.similarity(words, others) / max(1, min(len(words), len(others)))


def _same_facts(first: str, second: str, least: float, *, if_few: bool) -> bool:
    """Return whether two texts have the same facts.

    Args:
        first: A text.
        second: Another text.
        least: Share of the facts of the text with fewer that the other one must have.
        if_few: The answer where one of them has hardly any facts.
    """
    facts, other_facts = _facts(first), _facts(second)
    fewer = min(len(facts), len(other_facts))
    return if_few if fewer < _FEW_FACTS else len(facts & other_facts) >= least * fewer


@lru_cache(maxsize=_CACHED_TEXTS)
def _facts(text: str) -> frozenset[str]:
    """Return numbers, also those in words, and capitalised words, without those that only begin a sentence."""
    starts = {match.start(1) for match in _SENTENCE_START.finditer(text)}
    facts = set()
    for match in _WORD.finditer(text):
        word = match.group()
        numeral = _NUMERALS.get(word.casefold())
        if numeral is not None:
            facts.add(numeral)
        elif word[0].isdigit() or (word[0].isupper() and match.start() not in starts):
            facts.add(word.casefold())
    return frozenset(facts)
