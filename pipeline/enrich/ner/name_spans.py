"""From what the model and the gazetteer found to one set of spans that do not overlap."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass

from pipeline.enrich.gazetteer.matcher import GazetteerMatch
from pipeline.enrich.gazetteer.records import EntryRecord
from pipeline.enrich.ner.spacy_model import ModelSpan
from pipeline.models import EntityType, Field

_TRIM_LEFT = re.compile(r"^(?:[\s\"'(\[_-]+|(?:the|The|THE|a|an)\s+)+")
_TRIM_RIGHT = re.compile(r"(?:'s?|[\s\"')\],;:_-]+|'S)+$")
_SURE_OF_MODEL = 0.7
_SURE_OF_BOTH = 0.95
_SURE_OF_GAZETTEER = 0.9
_COMPANY = 60  # characters from one weapon's name to the next


@dataclass(frozen=True, slots=True)
class NameSpan:
    """One naming in a view's text, not yet given its canonical name."""

    field: Field
    start: int
    end: int
    text: str
    type: EntityType
    by: str
    confidence: float
    entry: EntryRecord | None = None
    weak: bool = False  # the gazetteer's guess: evidence, to be weighed against the rest
    firm: bool = False  # wins over longer spans


def is_designation(span: NameSpan) -> bool:
    """Whether a span is a product that is known by its designation, so that no vote can change it."""
    return span.firm and span.type is EntityType.PRODUCT


def certain_forms(matched: Sequence[GazetteerMatch]) -> set[tuple[str, str]]:
    """(entry id, form) of what is certain somewhere in a text: it is then certain everywhere in the story. A weapon's
    ambiguous name is certain beside another weapon ("Patriots, not S-300s")."""
    certain = {(match.entry.id, match.form.text) for match in matched if match.certain}
    arms = [match.start for match in matched if match.certain and _is_arms(match)]
    for match in matched if arms else ():
        if not match.certain and _is_arms(match):
            first = bisect_left(arms, match.start - _COMPANY)
            if first < len(arms) and arms[first] <= match.end + _COMPANY:
                certain.add((match.entry.id, match.form.text))
    return certain


def _is_arms(match: GazetteerMatch) -> bool:
    return match.entry.type is EntityType.PRODUCT and bool(match.form.context.near)


def gazetteer_spans(
    field: Field,
    text: str,
    matched: Iterable[GazetteerMatch],
    modelled: Sequence[ModelSpan],
    sure: Set[tuple[str, str]],
) -> list[NameSpan]:
    """What the gazetteer is sure of."""
    by_span: dict[tuple[int, int], list[GazetteerMatch]] = {}
    for match in matched:
        if (match.entry.id, match.form.text) in sure:
            by_span.setdefault((match.start, match.end), []).append(match)
    spans = []
    starts, ends = [span.start for span in modelled], [span.end for span in modelled]
    for (start, end), meanings in by_span.items():
        first = bisect_right(ends, start)
        types = {modelled[i].type for i in range(first, bisect_left(starts, end))}
        best = max(meanings, key=lambda match: (not match.form.weak, match.form.needs_near, match.entry.type in types))
        confidence = _SURE_OF_BOTH if best.entry.type in types else _SURE_OF_GAZETTEER
        entry, weak = best.entry, best.form.weak
        # Surer than a model that runs a name together with what stands before it: a country, a number.
        firm = entry.type is EntityType.PRODUCT or (entry.type is EntityType.PERSON and " " in text[start:end])
        spans.append(
            NameSpan(field, start, end, text[start:end], entry.type, "gazetteer", confidence, entry, weak, firm)
        )
    return spans


def model_spans(field: Field, text: str, modelled: Sequence[ModelSpan]) -> list[NameSpan]:
    """What the model found, without articles, quotes and possessives around it."""
    spans = []
    for span in modelled:
        written = text[span.start : span.end]
        left, right = _TRIM_LEFT.match(written), _TRIM_RIGHT.search(written)
        start = span.start + (left.end() if left else 0)
        end = span.start + (right.start() if right else len(written))
        if start < end and any(map(str.isalpha, text[start:end])) and "\n\n" not in text[start:end]:
            spans.append(NameSpan(field, start, end, text[start:end], span.type, "model", _SURE_OF_MODEL))
    return spans
