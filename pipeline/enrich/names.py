"""Canonical names within a story: one entity under one name, however the story writes it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from rapidfuzz.distance import DamerauLevenshtein

from pipeline.enrich.folding import fold, slug
from pipeline.enrich.language import word_set
from pipeline.enrich.spans import FoundSpan
from pipeline.models import EntityType, Field

_TITLE_WORDS = word_set(
    "president prime minister premier chancellor king queen prince princess sheikh sheik emir sultan pope general gen "
    "lieutenant lt colonel col major maj captain capt admiral adm marshal sergeant sgt secretary senator sen "
    "representative rep congressman congresswoman governor gov mayor ambassador judge justice professor prof dr mr mrs "
    "ms miss sir lord lady dame rev reverend father bishop archbishop cardinal imam ayatollah foreign defence defense "
    "finance interior vice deputy former chief chairman ceo spokesman spokeswoman st"
)
_SMALL = word_set("of the and for in on de la du des et da do e del della y und der von a an to at")
_ACRONYM = re.compile(r"^[\s]*\(\s?[\"']?([A-Z][A-Za-z&.-]{1,11})[\"']?\s?\)")


@dataclass(frozen=True, slots=True)
class NamedSpan:
    """A span with its entity."""

    span: FoundSpan
    name: str
    entity_id: str


def name_all(spans: Sequence[FoundSpan], texts: Mapping[Field, str]) -> list[NamedSpan]:
    """Give every span its canonical name and entity id. ``texts``: field -> the view's text."""
    acronyms = _acronyms(spans, texts)
    people = _People(span for span in spans if span.type is EntityType.PERSON)
    named = []
    for span in spans:
        if span.entry is not None:
            named.append(NamedSpan(span, span.entry.name, f"gaz:{span.entry.id}"))
            continue
        if span.type is EntityType.PERSON:
            known = people.resolve(span)
            if known.entry is not None:
                settled = replace(span, entry=known.entry, by="context", type=known.entry.type)
                named.append(NamedSpan(settled, known.entry.name, f"gaz:{known.entry.id}"))
                continue
            name = people.canonical(known)
        else:
            name = acronyms.get(span.text, _cased(span.text))
        named.append(NamedSpan(span, name, f"{span.type.value}:{slug(name)}"))
    return named


def _cased(name: str) -> str:
    words = " ".join(name.split())
    return words.title() if words.isupper() and len(words) > 5 and " " in words else words


def _acronyms(spans: Iterable[FoundSpan], texts: Mapping[Field, str]) -> dict[str, str]:
    """Acronym -> the full name that the text itself gives it: "North Atlantic Treaty Organization (NATO)"."""
    found = {}
    for span in spans:
        if span.type is EntityType.PERSON:
            continue
        match = _ACRONYM.match(texts[span.field][span.end : span.end + 20])
        if match and _abbreviates(match.group(1), span.text):
            found[match.group(1)] = span.entry.name if span.entry else _cased(span.text)
    return found


def _abbreviates(short: str, full: str) -> bool:
    words = re.findall(r"\w+", full)
    initials = "".join(word[0] for word in words).lower()
    big = "".join(word[0] for word in words if word.lower() not in _SMALL).lower()
    letters = re.sub(r"\W", "", short).lower()
    return len(words) > 1 and (letters in (initials, big) or (len(letters) > 2 and _in_order(letters, full.lower())))


def _in_order(letters: str, text: str) -> bool:
    rest = iter(text)
    return letters[0] == text[0] and all(letter in rest for letter in letters)


class _People:
    """The people of a story, by full name."""

    def __init__(self, spans: Iterable[FoundSpan]) -> None:
        self._full: dict[tuple[str, ...], FoundSpan] = {}
        self._order: list[tuple[int, tuple[str, ...]]] = []
        self._settled: dict[int, FoundSpan] = {}
        for position, span in enumerate(spans):
            words = name_words(span.text)
            if len(words) > 1 or span.entry:
                key = tuple(map(fold, words))
                self._full.setdefault(key, span)
                self._order.append((position, key))

    def resolve(self, span: FoundSpan) -> FoundSpan:
        """The span that gives this person's full name; the span itself where there is none."""
        key = tuple(map(fold, name_words(span.text)))
        if not key:
            return span
        holders = [other for other in self._full if _same_person(key, other)]
        if not holders and len(key) == 1 and len(key[0]) > 5:
            holders = [other for other in self._full if _misspelt(key[0], other[-1])]
            holders = holders if len(holders) == 1 else []
        if not holders:
            return span
        longest = max(holders, key=lambda other: (self._full[other].entry is not None, len(other)))
        return self._full[longest]

    def canonical(self, span: FoundSpan) -> str:
        """A person's name without title."""
        words = name_words(span.text)
        return _cased(" ".join(words)) if words else _cased(span.text)


def name_words(text: str) -> list[str]:
    """A person's name in words, without titles before it."""
    words = re.findall(r"[^\W\d_][\w'’.-]*", text)
    while len(words) > 1 and words[0].rstrip(".").lower() in _TITLE_WORDS:
        words = words[1:]
    return [word.rstrip(".") if len(word) > 2 else word for word in words]


def _same_person(short: tuple[str, ...], full: tuple[str, ...]) -> bool:
    """A surname of a full name, or a full name with a middle name or initial more or less."""
    if short == full:
        return True
    if len(short) == 1:
        return short[0] == full[-1]
    return short[-1] == full[-1] and (short[0] == full[0] or short[0] in full[:-1] or full[0] in short[:-1])


def _misspelt(word: str, name: str) -> bool:
    return word[0] == name[0] and len(name) > 5 and DamerauLevenshtein.distance(word, name, score_cutoff=1) <= 1
