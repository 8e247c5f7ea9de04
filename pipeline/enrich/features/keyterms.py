"""The terms that tell most about a story: frequent, early, in the headline, part of a name or a fixed pair."""

from collections import Counter, defaultdict
from itertools import pairwise
from math import log1p

from pipeline.text.stopwords import word_set

KEYTERMS = 12  # per story
_COMMON = word_set(
    "official government people country year month week day time state report new first last make take come go get "
    "give would could company group part number leader minister president spokesman statement news agency source "
    "million billion percent call ask show use work want need expect plan include follow hold know think see find put "
    "become begin remain continue accuse announce"
)
Token = tuple[str, int, int]


def select_keyterms(headline: list[Token], body: list[Token], text: str, named: set[str]) -> tuple[str, ...]:
    """Select the terms and two-word terms that tell most about a story.

    Args:
        headline: The headline's terms, with offsets.
        body: The body's terms, with offsets into ``text``.
        text: The body.
        named: Terms that are part of entities' names. They count more.

    Returns:
        At most ``KEYTERMS`` terms, the best first.
    """
    scores: defaultdict[str, float] = defaultdict(float)
    head = {term for term, _, _ in headline}
    telling = {term: _is_telling(term) for term in {term for term, _, _ in body}}
    for position, (term, _, _) in enumerate(body):
        if telling[term]:
            scores[term] += 1.0 / (1.0 + position / 200)
    for term in head:
        if _is_telling(term):
            scores[term] += 1.0
    for term in list(scores):
        boost = (1.5 if term in head else 1.0) * (1.5 if term in named or _is_designation(term) else 1.0)
        scores[term] = boost * log1p(scores[term])
    pairs = _count_pairs(body, text, telling)
    for (first, second), times in pairs.items():
        if times > 1 and first in scores and second in scores:
            scores[f"{first} {second}"] = (scores[first] + scores[second]) * 0.5 * log1p(times)
    return tuple(term for term, _ in sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:KEYTERMS])


def _is_telling(term: str) -> bool:
    return bool(term) and term not in _COMMON and not term[0].isdigit() and len(term) > 2


def _is_designation(term: str) -> bool:
    return not term.isalpha() and any(map(str.isdigit, term))


def _count_pairs(body: list[Token], text: str, telling: dict[str, bool]) -> Counter[tuple[str, str]]:
    """Neighbours with nothing but a space or hyphen between them."""
    pairs: Counter[tuple[str, str]] = Counter()
    for (first, _, end), (second, start, _) in pairwise(body):
        if start - end == 1 and telling[first] and telling[second] and text[end] in " -":
            pairs[first, second] += 1
    return pairs
