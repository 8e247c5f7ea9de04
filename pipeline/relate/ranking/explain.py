"""Why a story follows up another, in words, and what it adds. Every part of the score is named; the parts add up."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal, InvalidOperation

import numpy as np

from pipeline.models import Reason, StoryOutline
from pipeline.relate.arrays import Indices
from pipeline.relate.ranking.features import Bag, StoryFeatures, is_later
from pipeline.relate.ranking.nations import nation_name
from pipeline.relate.ranking.score import ScoredCandidate

MAX_NAMED = 5  # shared labels of each kind that are named; the rest are counted
MAX_NEW = 6
SAME_EVENT = "another account of the same event"

_REACTION_WORDS = (
    "react reaction respond response condemn criticize criticise denounce slam welcome praise warn warning urge reject "
    "deny dismiss protest object regret vow threaten retaliate demand oppose hail defend insist dispute rebuke"
)
_REACTIONS = frozenset(_REACTION_WORDS.split())
_REACTION_TIME = timedelta(days=14)
_SCALES = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"))
_HOURS_PER_DAY = 24
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Explanation:
    """A score in words.

    Attributes:
        reasons: Heaviest first; their weights add up to the score.
        new: What the later of the two stories adds.
    """

    reasons: tuple[Reason, ...]
    new: tuple[str, ...]


class Explainer:
    """Explains the scores of one story's candidates."""

    def __init__(self, query: StoryFeatures, from_earlier: bool = False) -> None:
        """Prepare the explanations.

        Args:
            query: The story that was asked about.
            from_earlier: Say time and step from the earlier of two stories, whichever the query is: "58 days later".
        """
        self._query = query
        self._from_earlier = from_earlier
        self._entity_names = {entity.entity_id: entity.name for entity in query.outline.enrichment.entities}
        self._nation_names = {code: nation_name(code) for code in query.nations.labels} | _named_nations(query.outline)
        self._label_weights = {bag: _label_weights(bag) for bag in (query.terms, query.entities, query.nations)}

    def explain(
        self,
        scored: ScoredCandidate,
        other: StoryOutline,
        between: StoryOutline | None = None,
        rarities: Mapping[str, float] | None = None,
    ) -> Explanation:
        """Explain the score of one candidate.

        Args:
            scored: The candidate.
            other: Its outline.
            between: The outline of ``scored.between``, if it has one.
            rarities: Entity id -> rarity, where known.
        """
        query, parts = self._query, scored.parts
        own = query.outline
        earlier, later = (own, other) if is_later(other, own) else (other, own)
        start, end = (earlier, later) if self._from_earlier else (own, other)
        reasons = [
            *self._shared("term", parts["term"], query.terms, scored.terms, {}, _without_shared_terms(own, other)),
            *self._shared("entity", parts["entity"], query.entities, scored.entities, self._entity_names),
            *self._shared("place", parts["place"], query.nations, scored.nations, self._nation_names),
            Reason("wording", "alike in what they are about", parts["wording"]),
            Reason("time", time_between(start, end), parts["time"]),
            Reason("step", SAME_EVENT if scored.same_event else step_kind(start, end), parts["step"]),
            Reason("thread", _by_way_of(scored.between, between), parts["thread"]),
            Reason("prior", "any story that shares words with this one", scored.prior),
        ]
        reasons.sort(key=lambda reason: (-abs(reason.weight), reason.kind, reason.value))
        return Explanation(tuple(reasons), new_in(later, earlier, rarities or {}))

    def _shared(
        self,
        kind: str,
        part: float,
        bag: Bag,
        positions: Indices,
        names: Mapping[str, str],
        without: str = "none shared",
    ) -> Iterable[Reason]:
        """Return one reason per shared label, the least of them together.

        Args:
            kind: Kind of the reasons.
            part: What the labels add to the score; it is split by squared rarity.
            bag: The story's own labels.
            positions: Those of them that are shared.
            names: Label -> how a reader writes it.
            without: What the reason says where none is shared.
        """
        weights = self._label_weights[bag]
        ordered = sorted(positions.tolist(), key=weights.__getitem__, reverse=True)
        if not ordered:
            return [Reason(kind, without, part)]
        unit = part / sum(weights[position] for position in ordered)
        reasons = [
            Reason(kind, names.get(bag.labels[position], bag.labels[position]), unit * weights[position])
            for position in ordered[:MAX_NAMED]
        ]
        rest = ordered[MAX_NAMED:]
        if rest:
            reasons.append(Reason(kind, f"{len(rest)} more", unit * sum(weights[position] for position in rest)))
        return reasons


def _without_shared_terms(own: StoryOutline, other: StoryOutline) -> str:
    languages = {own.enrichment.language, other.enrichment.language} - {None}
    return "told in another language: its names count for its words" if len(languages) > 1 else "none shared"


def _label_weights(bag: Bag) -> list[float]:
    weights: list[float] = (bag.rarities.astype(np.float64) ** 2).tolist()
    return weights


def _named_nations(outline: StoryOutline) -> dict[str, str]:
    """Return nation code -> name, where the gazetteer found the nation's name in the story."""
    return {
        entity.entity_id.removeprefix("gaz:country-").upper(): entity.name
        for entity in outline.enrichment.entities
        if entity.entity_id.startswith("gaz:country-")
    }


def time_between(query: StoryOutline, other: StoryOutline) -> str:
    """Return the time from the story to the other: "58 days later", "5 hours earlier", "at the same time"."""
    if query.published_at is None or other.published_at is None:
        return "no date"
    days = (other.published_at - query.published_at) / _DAY
    direction = "later" if days > 0 else "earlier"
    hours = round(abs(days) * _HOURS_PER_DAY)
    if hours == 0:
        return "at the same time"
    if hours < 2 * _HOURS_PER_DAY:
        return f"{hours} hour{'s' if hours > 1 else ''} {direction}"
    return f"{round(abs(days))} days {direction}"


def step_kind(query: StoryOutline, other: StoryOutline) -> str:
    """Return the kind of step from the story to the other: background, reaction, or next event."""
    if not is_later(other, query):
        return "background"
    enrichment = other.enrichment
    lead = enrichment.headline_terms or enrichment.terms
    before, after = query.published_at, other.published_at
    soon = before is not None and after is not None and after - before <= _REACTION_TIME
    own_type = query.enrichment.event_type
    if soon and enrichment.event_type != own_type and not _REACTIONS.isdisjoint(lead):
        return "reaction"
    if enrichment.event_type is not None and enrichment.event_type == own_type:
        return f"further {enrichment.event_type}"
    return f"next event: {enrichment.event_type}" if enrichment.event_type else "next event"


def _by_way_of(lineage: int | None, between: StoryOutline | None) -> str:
    if lineage is None:
        return "among the other stories found"
    return f"by way of {between.title if between and between.title else f'story {lineage}'}"


def new_in(later: StoryOutline, earlier: StoryOutline, rarities: Mapping[str, float]) -> tuple[str, ...]:
    """Return names, amounts and key terms of the later story that the earlier one lacks, most telling first.

    Args:
        later: The later story.
        earlier: The earlier story.
        rarities: Entity id -> rarity, where known.
    """
    after, before = later.enrichment, earlier.enrichment
    known_ids = {entity.entity_id for entity in before.entities}
    known_words = {*before.terms, *before.headline_terms, *_words_of(entity.name for entity in before.entities)}
    names = [
        (entity.salience * rarities.get(entity.entity_id, 1.0), entity.name)
        for entity in after.entities
        if entity.entity_id not in known_ids and not _words_of([entity.name]) <= known_words
    ]
    amounts = [amount_text(amount) for amount in after.amounts if amount not in before.amounts]
    new_names = [name for _, name in sorted(names, key=lambda item: (-item[0], item[1]))]
    known_or_named = _words_of(new_names) | known_words
    # In another language every word would be new, and none of them would tell the reader anything.
    same_language = len({after.language, before.language} - {None}) < 2
    terms = [
        term for term in after.keyterms if same_language and " " in term and not _words_of([term]) <= known_or_named
    ]
    return tuple(dict.fromkeys([*new_names[: MAX_NEW - 2], *amounts[:2], *new_names[MAX_NEW - 2 :], *terms]))[:MAX_NEW]


def _words_of(names: Iterable[str]) -> set[str]:
    return {word for name in names for word in name.lower().split()}


def amount_text(amount: str) -> str:
    """Return an amount as a reader would write it: "USD 2500000000" -> "USD 2.5 billion"."""
    code, _, number = amount.partition(" ")
    try:
        value = Decimal(number)
    except InvalidOperation:
        return amount
    for size, name in _SCALES:
        if value >= size:
            return f"{code} {(value / size).normalize():f} {name}"
    return f"{code} {value:,f}"
