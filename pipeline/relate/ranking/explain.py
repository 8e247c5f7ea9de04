"""Why a story follows up another, in words, and what it adds. Every part of the score is told; the weights add up."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal, InvalidOperation

import numpy as np
import numpy.typing as npt

from pipeline.models import Reason, StoryOutline
from pipeline.relate.ranking.features import Bag, StoryFeatures, is_later
from pipeline.relate.ranking.nations import nation_name
from pipeline.relate.ranking.score import Scored

NAMED = 5  # shared labels told one by one, of each kind; the rest are counted
NEW = 6
SAME_EVENT = "another account of the same event"

_REACTION_WORDS = (
    "react reaction respond response condemn criticize criticise denounce slam welcome praise warn warning urge reject "
    "deny dismiss protest object regret vow threaten retaliate demand oppose hail defend insist dispute rebuke"
)
_REACTIONS = frozenset(_REACTION_WORDS.split())
_REACTION_TIME = timedelta(days=14)
_SCALES = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"))
_HOURS = 24
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Explanation:
    """reasons: heaviest first, their weights add up to the score. new: what the later of the two stories adds."""

    reasons: tuple[Reason, ...]
    new: tuple[str, ...]


class Explainer:
    """Tells the scores of one story's candidates.

    from_earlier: time and step are told from the earlier of two stories, whichever the query is: "58 days later".
    """

    def __init__(self, query: StoryFeatures, from_earlier: bool = False) -> None:
        self._query = query
        self._from_earlier = from_earlier
        self._names = {one.entity_id: one.name for one in query.outline.enrichment.entities}
        self._nations = {code: nation_name(code) for code in query.nations.labels} | _places(query.outline)
        self._worths = {bag: _worths(bag) for bag in (query.terms, query.entities, query.nations)}

    def explain(
        self,
        scored: Scored,
        other: StoryOutline,
        between: StoryOutline | None = None,
        rarities: Mapping[str, float] | None = None,
    ) -> Explanation:
        """Tell the score of the candidate ``other``. rarities: of entities, where known, by id."""
        query, parts = self._query, scored.parts
        own = query.outline
        earlier, later = (own, other) if is_later(other, own) else (other, own)
        here, there = (earlier, later) if self._from_earlier else (own, other)
        reasons = [
            *self._shared("term", parts["term"], query.terms, scored.terms, {}, _language_apart(own, other)),
            *self._shared("entity", parts["entity"], query.entities, scored.entities, self._names),
            *self._shared("place", parts["place"], query.nations, scored.nations, self._nations),
            Reason("wording", "alike in what they are about", parts["wording"]),
            Reason("time", time_between(here, there), parts["time"]),
            Reason("step", SAME_EVENT if scored.same_event else step(here, there), parts["step"]),
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
        found: npt.NDArray[np.intp],
        names: Mapping[str, str],
        otherwise: str = "none shared",
    ) -> Iterable[Reason]:
        """One reason a shared label, the part split by squared rarity; the least of them together.

        otherwise: what is told where none is shared.
        """
        worths = self._worths[bag]
        ordered = sorted(found.tolist(), key=worths.__getitem__, reverse=True)
        if not ordered:
            return [Reason(kind, otherwise, part)]
        unit = part / sum(worths[place] for place in ordered)
        reasons = [
            Reason(kind, names.get(bag.labels[place], bag.labels[place]), unit * worths[place])
            for place in ordered[:NAMED]
        ]
        rest = ordered[NAMED:]
        if rest:
            reasons.append(Reason(kind, f"{len(rest)} more", unit * sum(worths[place] for place in rest)))
        return reasons


def _language_apart(own: StoryOutline, other: StoryOutline) -> str:
    languages = {own.enrichment.language, other.enrichment.language} - {None}
    return "told in another language: its names count for its words" if len(languages) > 1 else "none shared"


def _worths(bag: Bag) -> list[float]:
    worths: list[float] = (bag.rarities.astype(np.float64) ** 2).tolist()
    return worths


def _places(outline: StoryOutline) -> dict[str, str]:
    """Nation code -> name, where the gazetteer named it in the story."""
    return {
        one.entity_id.removeprefix("gaz:country-").upper(): one.name
        for one in outline.enrichment.entities
        if one.entity_id.startswith("gaz:country-")
    }


def time_between(query: StoryOutline, other: StoryOutline) -> str:
    """The time from the story to the other: "58 days later", "5 hours earlier", "at the same time"."""
    if query.published_at is None or other.published_at is None:
        return "no date"
    days = (other.published_at - query.published_at) / _DAY
    direction = "later" if days > 0 else "earlier"
    hours = round(abs(days) * _HOURS)
    if hours == 0:
        return "at the same time"
    if hours < 2 * _HOURS:
        return f"{hours} hour{'s' if hours > 1 else ''} {direction}"
    return f"{round(abs(days))} days {direction}"


def step(query: StoryOutline, other: StoryOutline) -> str:
    """The kind of step from the story to the other: background, reaction, or next event."""
    if not is_later(other, query):
        return "background"
    found = other.enrichment
    lead = found.headline_terms or found.terms
    before, after = query.published_at, other.published_at
    soon = before is not None and after is not None and after - before <= _REACTION_TIME
    own_type = query.enrichment.event_type
    if soon and found.event_type != own_type and not _REACTIONS.isdisjoint(lead):
        return "reaction"
    if found.event_type is not None and found.event_type == own_type:
        return f"further {found.event_type}"
    return f"next event: {found.event_type}" if found.event_type else "next event"


def _by_way_of(lineage: int | None, between: StoryOutline | None) -> str:
    if lineage is None:
        return "among the other stories found"
    return f"by way of {between.title if between and between.title else f'story {lineage}'}"


def new_in(later: StoryOutline, earlier: StoryOutline, rarities: Mapping[str, float]) -> tuple[str, ...]:
    """Names, amounts and key terms of the later story that the earlier one has not, most telling first.

    rarities: of entities, where known, by id.
    """
    told, known = later.enrichment, earlier.enrichment
    known_ids = {one.entity_id for one in known.entities}
    known_words = {*known.terms, *known.headline_terms, *_words(one.name for one in known.entities)}
    names = [
        (one.salience * rarities.get(one.entity_id, 1.0), one.name)
        for one in told.entities
        if one.entity_id not in known_ids and not _words([one.name]) <= known_words
    ]
    amounts = [amount_text(one) for one in told.amounts if one not in known.amounts]
    new_names = [name for _, name in sorted(names, key=lambda item: (-item[0], item[1]))]
    said = _words(new_names) | known_words
    # In another language every word would be new, and none of them would tell the reader anything.
    same_tongue = len({told.language, known.language} - {None}) < 2
    terms = [term for term in told.keyterms if same_tongue and " " in term and not _words([term]) <= said]
    return tuple(dict.fromkeys([*new_names[: NEW - 2], *amounts[:2], *new_names[NEW - 2 :], *terms]))[:NEW]


def _words(names: Iterable[str]) -> set[str]:
    return {word for name in names for word in name.lower().split()}


def amount_text(amount: str) -> str:
    """An amount as a reader would write it: "USD 2500000000" -> "USD 2.5 billion"."""
    code, _, number = amount.partition(" ")
    try:
        value = Decimal(number)
    except InvalidOperation:
        return amount
    for size, name in _SCALES:
        if value >= size:
            return f"{code} {(value / size).normalize():f} {name}"
    return f"{code} {value:,f}"
