"""Spans: namings as the model, the gazetteer or a rule proposes them, before they are linked to entities."""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass

from pipeline.enrich.gazetteer.matcher import GazetteerMatch
from pipeline.enrich.gazetteer.records import EntryRecord
from pipeline.enrich.ner.spacy_model import ModelSpan
from pipeline.models import EntityType, Field

_TRIM_LEFT = re.compile(r"^(?:[\s\"'(\[_-]+|(?:the|The|THE|a|an)\s+)+")
_AFTER_A_NAME = frozenset("\"')],;:_-")
# Confidence of a span, by who proposed it; chosen on the project's own development stories.
_SURE_OF_MODEL = 0.7
_SURE_OF_BOTH = 0.95
_SURE_OF_GAZETTEER = 0.9
_WEAPONS_APART = 60  # most characters between two weapons' names that make each other certain


@dataclass(frozen=True, slots=True)
class NameSpan:
    """One naming in a normalised text, not yet linked to an entity.

    Attributes:
        field: The field that names it.
        start: Offset of the first character in the normalised text.
        end: Offset after the last character.
        text: The words.
        type: What kind of entity it is.
        by: Who proposed it: "gazetteer", "model" or "context".
        confidence: How sure that is, 0..1.
        entry: The gazetteer's entry, None where it has none.
        weak: The gazetteer only guesses, so that this is evidence to be weighed against the rest.
        firm: It wins over longer spans.
    """

    field: Field
    start: int
    end: int
    text: str
    type: EntityType
    by: str
    confidence: float
    entry: EntryRecord | None = None
    weak: bool = False
    firm: bool = False


def is_designation(span: NameSpan) -> bool:
    """Whether a span is a product that is known by its designation, so that no vote can change it."""
    return span.firm and span.type is EntityType.PRODUCT


def certain_forms(matched: Sequence[GazetteerMatch]) -> set[tuple[str, str]]:
    """Collect the (entry id, form) pairs that are certain somewhere in a text, and so everywhere in the story.

    A weapon's ambiguous name is certain beside another weapon ("Patriots, not S-300s").
    """
    certain = {(match.entry.id, match.form.text) for match in matched if match.certain}
    arms = [match.start for match in matched if match.certain and _is_arms(match)]
    for match in matched if arms else ():
        if not match.certain and _is_arms(match):
            first = bisect_left(arms, match.start - _WEAPONS_APART)
            if first < len(arms) and arms[first] <= match.end + _WEAPONS_APART:
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
    """Make spans of the gazetteer's matches.

    Args:
        field: The field.
        text: Its normalised text.
        matched: The gazetteer's matches in it.
        modelled: The model's spans in it, which choose between several meanings of a form.
        sure: What ``certain_forms`` gives for the story. Other matches are left out.
    """
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
    """Make spans of what the model found, without the articles, quotes and possessives around it."""
    spans = []
    for span in modelled:
        written = text[span.start : span.end]
        left = _TRIM_LEFT.match(written)
        start = span.start + (left.end() if left else 0)
        end = span.start + _end_of_name(written)
        if start < end and any(map(str.isalpha, text[start:end])) and "\n\n" not in text[start:end]:
            spans.append(NameSpan(field, start, end, text[start:end], span.type, "model", _SURE_OF_MODEL))
    return spans


def _end_of_name(written: str) -> int:
    """Return where the name ends, without the marks and possessives after it: "Macron's," is "Macron".

    It is no regular expression: a repeated choice of repeated marks takes exponential time on "____".
    """
    end = len(written)
    while end:
        if written[end - 1].isspace() or written[end - 1] in _AFTER_A_NAME:
            end -= 1
        elif written.endswith(("'s", "'S"), 0, end):
            end -= 2
        else:
            break
    return end
