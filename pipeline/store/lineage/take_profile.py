"""What of a take decides whether it and another one, without a publisher's link, are takes of one story. Pure.

Takes find each other by keys: hashes of publisher, stretch of time and a word of the headline or the slug line.
``take_matching`` then compares their profiles and texts.
"""

import re
from dataclasses import dataclass
from hashlib import blake2b

from pipeline.models import Story, TakeKind
from pipeline.text.shingles import folded_words
from pipeline.text.stopwords import HEADLINE_STOP_WORDS
from pipeline.wire.slugline import plain_slugline
from pipeline.wire.take_line import headline_span

WINDOW = 72 * 3600 * 1_000_000  # microseconds; the takes of one story come within three days
_KEY_WORDS = 6  # of a headline, the longest; chosen on the project's own development stories

_IN_BRACKETS = re.compile(r"\([^()]*\)")


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeProfile:
    """What a take shows of itself to find the other takes of its story.

    Attributes:
        version_id: The take; 0 before it is placed.
        uri: Its uri.
        agency: Its agency's name in small letters and single spaces, "" without one.
        source: Its source's name, likewise.
        language: Its language, None if unknown.
        kind: What its take line says.
        number: The number in its take line.
        sent_at: When it was sent, else when it came in; microseconds since 1970.
        slug: Its slug line without what changes from take to take, "" without one.
        headline: The telling words of its headline, without the take line.
        content: Hash of what readers see of it.
    """

    version_id: int
    uri: str
    agency: str
    source: str
    language: str | None
    kind: TakeKind
    number: int | None
    sent_at: int
    slug: str
    headline: frozenset[str]
    content: bytes

    @property
    def has_take_line(self) -> bool:
        """Whether a take line says that this is not the first take."""
        return self.kind is not TakeKind.FIRST or self.number is not None


def profile_of(version_id: int, story: Story, sent_at: int, content: bytes) -> TakeProfile:
    """Make a take's profile.

    Args:
        version_id: The take; 0 before it is placed.
        story: Its story. The body is not read.
        sent_at: When it was sent, else when it came in; microseconds since 1970.
        content: Hash of what readers see of it.
    """
    return TakeProfile(
        version_id=version_id,
        uri=story.uri,
        agency=_fold_name(story.agency),
        source=_fold_name(story.source),
        language=story.language,
        kind=story.take,
        number=story.take_number,
        sent_at=sent_at,
        slug=plain_slugline(story.slugline or ""),
        headline=_headline_words(story.headline),
        content=content,
    )


def _fold_name(name: str | None) -> str:
    return " ".join(folded_words(name or ""))


def _headline_words(headline: str) -> frozenset[str]:
    span = headline_span(headline)
    words = folded_words(_IN_BRACKETS.sub(" ", headline[span.start : span.end]))
    return frozenset(_without_plural(word) for word in words if word not in HEADLINE_STOP_WORDS)


def _without_plural(word: str) -> str:
    return word[:-1] if len(word) > 4 and word.endswith("s") and not word.endswith("ss") else word


# --------------------------------------------------------------------------- where takes find each other


def own_keys(take: TakeProfile) -> list[int]:
    """The keys under which a take is filed: its slug and its headline's longest words, in its stretch of time."""
    stretch = take.sent_at // WINDOW
    handles = _handles(take)
    keys = [_hash(f"any|{stretch}|{handle}") for handle in handles]
    return keys + [_hash(f"marked|{stretch}|{handle}") for handle in handles] if take.has_take_line else keys


def wanted_keys(take: TakeProfile) -> list[int]:
    """The keys under which the story's other takes can be filed.

    A take without a take line looks only for takes with one.
    """
    stretch = take.sent_at // WINDOW
    space = "any" if take.has_take_line else "marked"
    near = (stretch - 1, stretch, stretch + 1)
    return [_hash(f"{space}|{number}|{handle}") for handle in _handles(take) for number in near]


def _handles(take: TakeProfile) -> list[str]:
    if not (take.agency or take.source) or take.kind is TakeKind.ADVISORY:
        return []
    publisher = take.agency or take.source
    words = sorted((word for word in take.headline if len(word) > 3), key=lambda word: (-len(word), word))
    handles = [f"{publisher}|w|{word}" for word in words[:_KEY_WORDS]]
    return [*handles, f"{publisher}|s|{take.slug}"] if take.slug else handles


def _hash(handle: str) -> int:
    return int.from_bytes(blake2b(handle.encode(), digest_size=8).digest(), "big", signed=True)
