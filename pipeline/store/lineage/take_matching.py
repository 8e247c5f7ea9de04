"""Takes of one story that no publisher's link joins: found by agency, take line, slug and text. Pure.

The relation is decided between two takes alone, so that it does not matter which arrives first. It is strict, since a
wrong join hides a story: one of the two must carry a take line, both come from one publisher within 72 hours, in an
order that the take lines allow, and the texts must overlap. Two stories from one template (the daily market report)
overlap in their wording but not in their facts: their overlap falls when numbers and days are compared too.
"""

import re
from dataclasses import dataclass
from hashlib import blake2b

from pipeline.models import Story, TakeKind
from pipeline.text.shingles import folded_words, shingles
from pipeline.text.stopwords import HEADLINE_STOP_WORDS
from pipeline.wire.slugline import plain_slugline
from pipeline.wire.take_line import headline_span

WINDOW = 72 * 3600 * 1_000_000
_SLACK = 3600 * 1_000_000  # clocks and hand-typed times: a first take may be dated this much after its update
_KEY_TOKENS = 6
_SHINGLE = 4  # words

_NOTE = re.compile(r"\([^()]*\)")
_FACT = re.compile(
    r"\d|^(?:mon|tues|wednes|thurs|fri|satur|sun)day$|^(?:january|february|march|april|may|june|july|august|"
    r"september|october|november|december)$"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeProfile:
    """What a take shows of itself for finding its story. at: microseconds, UTC."""

    version_id: int
    uri: str
    agency: str
    source: str
    language: str | None
    kind: TakeKind
    number: int | None
    at: int
    slug: str
    headline: frozenset[str]
    content: bytes

    @property
    def marked(self) -> bool:
        """Whether a take line says that this is not the first take."""
        return self.kind is not TakeKind.FIRST or self.number is not None


def profile_of(version_id: int, story: Story, at: int, content: bytes) -> TakeProfile:
    """The face of one take."""
    return TakeProfile(
        version_id=version_id,
        uri=story.uri,
        agency=_name(story.agency),
        source=_name(story.source),
        language=story.language,
        kind=story.take,
        number=story.take_number,
        at=at,
        slug=plain_slugline(story.slugline or ""),
        headline=_headline(story.headline),
        content=content,
    )


def _name(value: str | None) -> str:
    return " ".join(folded_words(value or ""))


def _stem(word: str) -> str:
    return word[:-1] if len(word) > 4 and word.endswith("s") and not word.endswith("ss") else word


def _headline(value: str) -> frozenset[str]:
    span = headline_span(value)
    words = folded_words(_NOTE.sub(" ", value[span.start : span.end]))
    return frozenset(_stem(word) for word in words if word not in HEADLINE_STOP_WORDS)


# --------------------------------------------------------------------------- who may be one publisher


def same_publisher(a: TakeProfile, b: TakeProfile) -> bool:
    """Whether both takes certainly come from one publisher.

    A paper that runs an agency's copy is not the agency; an agency's several feeds are titled after it.
    """
    if not (a.agency or a.source) or not (b.agency or b.source):
        return False
    if a.agency and b.agency:
        return a.agency == b.agency and ((_own_feed(a) and _own_feed(b)) or a.source == b.source)
    return a.source == b.source != ""


def _own_feed(take: TakeProfile) -> bool:
    return not take.source or take.source == take.agency or take.source.startswith(take.agency + " ")


def may_link(a: TakeProfile, b: TakeProfile) -> bool:
    """Whether a publisher's link between these two may be trusted: not where they are known to be different ones."""
    names_a, names_b = {a.agency, a.source} - {""}, {b.agency, b.source} - {""}
    if not names_a or not names_b or same_publisher(a, b):
        return True
    return not (a.agency and b.agency) and not names_a.isdisjoint(names_b)


# --------------------------------------------------------------------------- where takes find each other


def _hash(value: str) -> int:
    return int.from_bytes(blake2b(value.encode(), digest_size=8).digest(), "big", signed=True)


def _handles(take: TakeProfile) -> list[str]:
    if not (take.agency or take.source) or take.kind is TakeKind.ADVISORY:
        return []
    publisher = take.agency or take.source
    tokens = sorted((word for word in take.headline if len(word) > 3), key=lambda word: (-len(word), word))
    handles = [f"{publisher}|w|{word}" for word in tokens[:_KEY_TOKENS]]
    return [*handles, f"{publisher}|s|{take.slug}"] if take.slug else handles


def own_keys(take: TakeProfile) -> list[int]:
    """The keys under which a take is filed: its slug and its headline's longest words, in its stretch of 72 hours."""
    bucket = take.at // WINDOW
    handles = _handles(take)
    keys = [_hash(f"any|{bucket}|{handle}") for handle in handles]
    return keys + [_hash(f"marked|{bucket}|{handle}") for handle in handles] if take.marked else keys


def wanted_keys(take: TakeProfile) -> list[int]:
    """The keys under which its other takes can be filed: a take without a take line looks for takes with one only."""
    bucket = take.at // WINDOW
    space = "any" if take.marked else "marked"
    return [_hash(f"{space}|{near}|{handle}") for handle in _handles(take) for near in (bucket - 1, bucket, bucket + 1)]


# --------------------------------------------------------------------------- is it the same story?


def _alike(a: frozenset[str], b: frozenset[str]) -> float:
    return 2 * len(a & b) / (len(a) + len(b)) if a and b else 0.0


def plausible(a: TakeProfile, b: TakeProfile) -> bool:
    """Whether the two can be takes of one story as far as their faces say; ``same_story`` then reads the texts."""
    if a.uri == b.uri or not (a.marked or b.marked) or TakeKind.ADVISORY in (a.kind, b.kind):
        return False
    if not same_publisher(a, b) or (a.language and b.language and a.language != b.language):
        return False
    if abs(a.at - b.at) > WINDOW or not (_in_order(a, b) and _in_order(b, a)):
        return False
    return (a.slug != "" and a.slug == b.slug) or _alike(a.headline, b.headline) >= 0.34


def _in_order(a: TakeProfile, b: TakeProfile) -> bool:
    later_by = a.at - b.at
    if not a.marked and later_by > _SLACK:
        return False  # a first take long after its own update
    if b.kind is TakeKind.KILL and a.kind is not TakeKind.KILL and later_by > _SLACK:
        return False  # what comes after a kill is a substitute, unless its publisher links it
    numbered = a.kind is b.kind and a.number is not None and b.number is not None
    return not (numbered and (a.number or 0) < (b.number or 0) and later_by > _SLACK)


def _overlap(a: list[str], b: list[str]) -> float:
    left, right = set(shingles(a, _SHINGLE)), set(shingles(b, _SHINGLE))
    return len(left & right) / min(len(left), len(right)) if left and right else 0.0


def same_story(a: TakeProfile, b: TakeProfile, body_a: str, body_b: str) -> bool:
    """Whether two takes are takes of one story. The bodies are read without regard to case."""
    if not plausible(a, b):
        return False
    words_a, words_b = folded_words(body_a), folded_words(body_b)
    overlap = _overlap(words_a, words_b)
    headlines = _alike(a.headline, b.headline)
    slugs = a.slug != "" and a.slug == b.slug
    if TakeKind.KILL in (a.kind, b.kind):
        return headlines >= 0.6 or (slugs and headlines >= 0.34) or overlap >= 0.5
    if _templated(words_a, words_b, overlap):
        return False
    if a.kind is b.kind and a.number == b.number and a.content != b.content:
        return overlap >= 0.8
    if {a.kind, b.kind} & {TakeKind.CORRECTION, TakeKind.REFILE, TakeKind.REPEAT}:
        return overlap >= 0.5 or (headlines >= 0.8 and not (words_a and words_b))
    return (overlap >= 0.25 and (headlines >= 0.5 or slugs)) or (slugs and headlines >= 0.6 and overlap >= 0.1)


def _templated(a: list[str], b: list[str], overlap: float) -> bool:
    """Whether the texts agree once their numbers and days are masked, but not in these."""
    masked = _overlap(_masked(a), _masked(b))
    return masked - overlap >= 0.2 and overlap < 0.7 * masked


def _masked(words: list[str]) -> list[str]:
    return ["#" if _FACT.search(word) else word for word in words]
