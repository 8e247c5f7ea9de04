"""Whether two takes are takes of one story although no publisher's link joins them. Pure.

Agency, take line, slug line and text decide. The relation is decided between two takes alone, so it does not matter
which of them arrives first. It is strict, since a wrong merge hides a story: one of the two must carry a take line,
both come from one publisher within 72 hours, in an order that the take lines allow, and the texts must overlap. Two
stories from one template (the daily market report) overlap in their wording but not in their facts: their overlap falls
when numbers and days are compared too.

The shares of common words below (0 to 1) were chosen on the project's own development stories.
"""

import re

from pipeline.models import TakeKind
from pipeline.store.lineage.take_profile import WINDOW, TakeProfile
from pipeline.text.months import MONTHS
from pipeline.text.shingles import folded_words, shingles

_TOLERANCE = 3600 * 1_000_000  # of clocks and hand-typed times: a first take may be dated so much after its update

_SHINGLE = 4  # words
_FACT = re.compile(rf"\d|^(?:mon|tues|wednes|thurs|fri|satur|sun)day$|^(?:{'|'.join(MONTHS).lower()})$")


# --------------------------------------------------------------------------- who may be one publisher


def same_publisher(first: TakeProfile, second: TakeProfile) -> bool:
    """Whether both takes certainly come from one publisher.

    A paper that runs an agency's copy is not the agency. An agency's several feeds are titled after it.
    """
    if not (first.agency or first.source) or not (second.agency or second.source):
        return False
    if first.agency and second.agency:
        own_feeds = _is_own_feed(first) and _is_own_feed(second)
        return first.agency == second.agency and (own_feeds or first.source == second.source)
    return first.source == second.source != ""


def _is_own_feed(take: TakeProfile) -> bool:
    return not take.source or take.source == take.agency or take.source.startswith(take.agency + " ")


def may_link(first: TakeProfile, second: TakeProfile) -> bool:
    """Whether a publisher's link between two takes may be trusted: not where their publishers are known to differ."""
    names, other_names = {first.agency, first.source} - {""}, {second.agency, second.source} - {""}
    if not names or not other_names or same_publisher(first, second):
        return True
    return not (first.agency and second.agency) and not names.isdisjoint(other_names)


# --------------------------------------------------------------------------- is it the same story?


def is_plausible(first: TakeProfile, second: TakeProfile) -> bool:
    """Whether two takes can be of one story as far as their profiles say. ``is_same_story`` then reads the texts."""
    if first.uri == second.uri or not (first.has_take_line or second.has_take_line):
        return False
    if TakeKind.ADVISORY in (first.kind, second.kind) or not same_publisher(first, second):
        return False
    if first.language and second.language and first.language != second.language:
        return False
    if abs(first.sent_at - second.sent_at) > WINDOW or not (_may_follow(first, second) and _may_follow(second, first)):
        return False
    return _have_one_slug(first, second) or _share_of_common(first.headline, second.headline) >= 0.34


def is_same_story(first: TakeProfile, second: TakeProfile, first_body: str, second_body: str) -> bool:
    """Whether two takes are takes of one story. The bodies are compared without regard to case."""
    if not is_plausible(first, second):
        return False
    first_words, second_words = folded_words(first_body), folded_words(second_body)
    overlap = _overlap(first_words, second_words)
    headlines = _share_of_common(first.headline, second.headline)
    slugs = _have_one_slug(first, second)
    if TakeKind.KILL in (first.kind, second.kind):
        return headlines >= 0.6 or (slugs and headlines >= 0.34) or overlap >= 0.5
    if _are_from_template(first_words, second_words, overlap):
        return False
    if first.kind is second.kind and first.number == second.number and first.content != second.content:
        return overlap >= 0.8
    if {first.kind, second.kind} & {TakeKind.CORRECTION, TakeKind.REFILE, TakeKind.REPEAT}:
        return overlap >= 0.5 or (headlines >= 0.8 and not (first_words and second_words))
    return (overlap >= 0.25 and (headlines >= 0.5 or slugs)) or (slugs and headlines >= 0.6 and overlap >= 0.1)


def _have_one_slug(first: TakeProfile, second: TakeProfile) -> bool:
    return first.slug != "" and first.slug == second.slug


def _may_follow(take: TakeProfile, other: TakeProfile) -> bool:
    """Whether the take lines allow that ``take`` comes after ``other``, if it does."""
    later_by = take.sent_at - other.sent_at
    if not take.has_take_line and later_by > _TOLERANCE:
        return False  # a first take long after its own update
    if other.kind is TakeKind.KILL and take.kind is not TakeKind.KILL and later_by > _TOLERANCE:
        return False  # what comes after a kill is a substitute, unless its publisher links it
    numbered = take.kind is other.kind and take.number is not None and other.number is not None
    return not (numbered and (take.number or 0) < (other.number or 0) and later_by > _TOLERANCE)


def _share_of_common(first: frozenset[str], second: frozenset[str]) -> float:
    """Dice's coefficient of two sets of words."""
    return 2 * len(first & second) / (len(first) + len(second)) if first and second else 0.0


def _overlap(first: list[str], second: list[str]) -> float:
    """The share of the shorter text's shingles that the other text has."""
    left, right = set(shingles(first, _SHINGLE)), set(shingles(second, _SHINGLE))
    return len(left & right) / min(len(left), len(right)) if left and right else 0.0


def _are_from_template(first: list[str], second: list[str], overlap: float) -> bool:
    """Whether the texts agree once their numbers and days are masked, but not in these."""
    masked = _overlap(_mask_facts(first), _mask_facts(second))
    return masked - overlap >= 0.2 and overlap < 0.7 * masked


def _mask_facts(words: list[str]) -> list[str]:
    return ["#" if _FACT.search(word) else word for word in words]
