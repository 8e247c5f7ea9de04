"""Why a story follows up another, in words, and what it adds. Every part of the score is told; the weights add up."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

import numpy as np
import numpy.typing as npt

from pipeline.models import Reason, StoryOutline
from pipeline.relate.features import Bag, StoryFeatures, is_later
from pipeline.relate.scoring import Scored

NAMED = 5  # shared labels told one by one, of each kind; the rest are counted
NEW = 6

_REACTION_WORDS = (
    "react reaction respond response condemn criticize criticise denounce slam welcome praise warn warning urge reject "
    "deny dismiss protest object regret vow threaten retaliate demand oppose hail defend insist dispute rebuke"
)
_REACTIONS = frozenset(_REACTION_WORDS.split())
_REACTION_DAYS = 14.0
_SCALES = ((10**12, "trillion"), (10**9, "billion"), (10**6, "million"))
_HOURS = 24


@dataclass(frozen=True, slots=True)
class Explanation:
    """reasons: heaviest first, their weights add up to the score. new: what the later of the two stories adds."""

    reasons: tuple[Reason, ...]
    new: tuple[str, ...]


def explain(query: StoryFeatures, scored: Scored) -> Explanation:
    """Tell the score of one candidate of ``query``."""
    other, parts = scored.story, scored.parts
    reasons = [
        *_shared("term", parts["term"], query.terms, scored.terms, {}),
        *_shared("entity", parts["entity"], query.entities, scored.entities, _names(query.outline)),
        *_shared("place", parts["place"], query.nations, scored.nations, _places(query.outline, other.outline)),
        Reason("wording", "alike in what they are about", parts["wording"]),
        Reason("time", time_between(query, other), parts["time"]),
        Reason("step", step(query, other), parts["step"]),
        Reason("thread", _by_way_of(scored.between), parts["thread"]),
        Reason("prior", "any story that shares words with this one", scored.prior),
    ]
    ordered = sorted(reasons, key=lambda reason: (-abs(reason.weight), reason.kind, reason.value))
    later, earlier = (other, query) if is_later(other, query) else (query, other)
    return Explanation(tuple(ordered), new_in(later, earlier))


def _shared(
    kind: str, part: float, own: Bag, found: npt.NDArray[np.intp], names: Mapping[str, str]
) -> Iterable[Reason]:
    """One reason a shared label, the part split by squared rarity; the least of them together."""
    if not len(found):
        return [Reason(kind, "none shared", part)]
    worth = own.rarities[found].astype(np.float64) ** 2
    shares = part * worth / worth.sum()
    order = np.argsort(-worth, kind="stable")
    told = [own.labels[found[place]] for place in order[:NAMED]]
    reasons = [Reason(kind, names.get(label, label), float(shares[i])) for label, i in zip(told, order, strict=False)]
    if len(order) > NAMED:
        rest = order[NAMED:]
        reasons.append(Reason(kind, f"{len(rest)} more", float(shares[rest].sum())))
    return reasons


def _names(outline: StoryOutline) -> dict[str, str]:
    return {one.entity_id: one.name for one in outline.enrichment.entities}


def _places(*outlines: StoryOutline) -> dict[str, str]:
    """Nation code -> name, where the gazetteer named it in either story."""
    return {
        one.entity_id.removeprefix("gaz:country-").upper(): one.name
        for outline in outlines
        for one in outline.enrichment.entities
        if one.entity_id.startswith("gaz:country-")
    }


def time_between(query: StoryFeatures, other: StoryFeatures) -> str:
    """The time from the story to the other: "58 days later", "5 hours earlier", "at the same time"."""
    if query.day is None or other.day is None:
        return "no date"
    days = other.day - query.day
    direction = "later" if days > 0 else "earlier"
    hours = round(abs(days) * _HOURS)
    if hours == 0:
        return "at the same time"
    if hours < 2 * _HOURS:
        return f"{hours} hour{'s' if hours > 1 else ''} {direction}"
    return f"{round(abs(days))} days {direction}"


def step(query: StoryFeatures, other: StoryFeatures) -> str:
    """The kind of step from the story to the other: background, reaction, next event, or more of the same event."""
    if not is_later(other, query):
        return "background"
    found = other.outline.enrichment
    lead = found.headline_terms or found.terms
    soon = query.day is not None and other.day is not None and other.day - query.day <= _REACTION_DAYS
    if soon and any(term in _REACTIONS for term in lead) and other.event_type != query.event_type:
        return "reaction"
    if other.event_type is not None and other.event_type == query.event_type:
        return f"further {other.event_type}"
    return f"next event: {other.event_type}" if other.event_type else "next event"


def _by_way_of(between: StoryFeatures | None) -> str:
    if between is None:
        return "among the other stories found"
    return f"by way of {between.outline.headline or f'story {between.lineage}'}"


def new_in(later: StoryFeatures, earlier: StoryFeatures) -> tuple[str, ...]:
    """Names, amounts and key terms of the later story that the earlier one has not, most telling first."""
    known_ids = set(earlier.entities.labels)
    known_words = {*earlier.terms.labels, *_words(one.name for one in earlier.outline.enrichment.entities)}
    rare = dict(zip(later.entities.labels, later.entities.rarities.tolist(), strict=True))
    names = [
        (one.salience * rare[one.entity_id], one.name)
        for one in later.outline.enrichment.entities
        if one.entity_id not in known_ids and not _words([one.name]) <= known_words
    ]
    known_amounts = set(earlier.outline.enrichment.amounts)
    amounts = [amount_text(one) for one in later.outline.enrichment.amounts if one not in known_amounts]
    told = [name for _, name in sorted(names, key=lambda item: (-item[0], item[1]))]
    told_words = _words(told) | known_words
    terms = [term for term in later.outline.enrichment.keyterms if " " in term and not _words([term]) <= told_words]
    return tuple(dict.fromkeys([*told[: NEW - 2], *amounts[:2], *told[NEW - 2 :], *terms]))[:NEW]


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
