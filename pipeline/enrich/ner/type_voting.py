"""One sense a document: what a name is, decided over all its namings at once, then given to every one of them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from pipeline.enrich.gazetteer.lexicon import Lexicon
from pipeline.enrich.gazetteer.places import Places
from pipeline.enrich.linking.full_names import is_misspelt
from pipeline.enrich.ner.acronyms import initials
from pipeline.enrich.ner.spans import FoundSpan
from pipeline.enrich.text.terms import is_common_word
from pipeline.enrich.text.tokens import Reading
from pipeline.models import EntityType, Field
from pipeline.text.fold import fold

# Votes: what each piece of evidence weighs. Set on the news stories of the development set.
_BY_MODEL = 1.0
_BY_CONTEXT = 1.6
_BY_GAZETTEER = 5.0
_BY_WEAK_FORM = 1.5
_SURNAME = 3.0
_TITLE = 2.0
_SPEAKS = 1.0
_CAPITALS_SPEAK = 0.4  # so do governments, under the names of cities
_CITY = 0.9
_LARGE_CITY = 0.6
_SEVERAL_WORDS = 1.5  # few people are called Nizhny Novgorod
_IN = 0.8
_TOWN_OF = 2.0
_GIVEN_NAME = 0.6
_LARGE = 200_000  # inhabitants
_PROPAGATED = 0.65

_FIRM_HEADS = frozenset(["industries", "group", "holdings", "technologies", "bank", "airlines", "airways", "motors"])
_TIES = (  # which of two equally supported readings is taken: the later one
    EntityType.NAMED_EVENT,
    EntityType.PRODUCT,
    EntityType.PLACE,
    EntityType.ORGANIZATION,
    EntityType.PERSON,
)

Votes = defaultdict[str, defaultdict[EntityType, float]]


def name_key(text: str) -> str:
    """How namings of the same name are brought together."""
    return " ".join(fold(text).split())


class Senses:
    """Decides over the readings of one story."""

    def __init__(self, readings: Mapping[Field, Reading], lexicon: Lexicon, places: Places) -> None:
        self._readings, self._lexicon, self._places = readings, lexicon, places

    def settle(self, spans: Sequence[FoundSpan]) -> list[FoundSpan]:
        """The spans with the type that the whole story supports."""
        votes: Votes = defaultdict(lambda: defaultdict(float))
        for span in spans:
            key = name_key(span.text)
            votes[key][span.type] += _weight(span)
            if span.entry is None:
                self._cues(span, votes[key])
        surnames = self._surnames(spans, votes)
        firms = self._short_firms(spans, votes) - surnames
        settled = []
        for span in spans:
            key = name_key(span.text)
            kinds = dict(votes[key])
            if key in surnames:
                # The model errs on bare surnames, mostly in the same way each time: its repetition is no evidence.
                rivals = 0.0 if self._places.population(key) else sum(kinds.values())
                kinds[EntityType.PERSON] = kinds.get(EntityType.PERSON, 0.0) + _SURNAME + rivals
            if key in firms:
                kinds[EntityType.ORGANIZATION] = kinds.get(EntityType.ORGANIZATION, 0.0) + sum(kinds.values()) + 1.0
            certain = (span.entry and not span.weak) or _designates(span)
            settled.append(span if certain else _voted(span, kinds))
        return settled

    def _surnames(self, spans: Iterable[FoundSpan], votes: Votes) -> set[str]:
        """Surnames of the people whom the story names in full."""
        found: set[str] = set()
        for span in spans:
            words = span.text.split()
            kinds = votes[name_key(span.text)]
            if len(words) > 1 and max(kinds, key=lambda kind: kinds[kind]) is EntityType.PERSON:
                found |= set(self._surname_keys(words))
        return found

    def _short_firms(self, spans: Iterable[FoundSpan], votes: Votes) -> set[str]:
        """What the story's organizations are called for short."""
        found: set[str] = set()
        for span in spans:
            kinds = votes[name_key(span.text)]
            if " " in span.text and max(kinds, key=lambda kind: kinds[kind]) is EntityType.ORGANIZATION:
                found |= set(self._firm_keys(span.text))
        return found

    def _firm_keys(self, text: str) -> Iterator[str]:
        """ "sundberg" of Sundberg Industries (no place, first name or word); "tanaka robotics" of Tanaka Robotics Co"""
        words = name_key(text.replace(",", "")).split()
        first = words[0]
        known = first in self._lexicon.generic_first or first in self._lexicon.given_names
        firm = words[-1].rstrip(".") in self._lexicon.company_suffixes or words[-1] in _FIRM_HEADS
        known = known or bool(self._places.population(first)) or (not firm and is_common_word(first))
        if len(first) > 3 and first.isalpha() and not known:
            yield first
        if len(words) > 2 and words[-1].rstrip(".") in self._lexicon.company_suffixes:
            yield " ".join(words[:-1])

    def _surname_keys(self, words: Sequence[str]) -> Iterator[str]:
        """What a person of this full name is called by surname: "ponte", "del ponte"; "xi" of Xi Jinping."""
        folded = [fold(word) for word in words]
        if len(folded[-1]) > 1:
            yield folded[-1]
        for first in range(len(folded) - 2, 0, -1):  # of "Jan van der Meer": "der Meer", "van der Meer"
            if not words[first].islower():
                break
            yield " ".join(folded[first:])
        if folded[0] in self._lexicon.family_first:
            yield folded[0]

    def _spreadable(self, spans: Iterable[FoundSpan]) -> dict[tuple[str, ...], FoundSpan]:
        """Word keys -> a span of that name: full names, surnames of people, acronyms, names of two words or more."""
        known: dict[tuple[str, ...], FoundSpan] = {}
        for span in spans:
            person = span.type is EntityType.PERSON
            if (span.entry is not None and not person) or span.type is EntityType.NAMED_EVENT:
                continue
            words = span.text.split()
            short = span.text.isupper() and 2 < len(span.text) < 7
            if len(words) > 1 or person or short or _designates(span):
                known.setdefault(tuple(fold(word) for word in words), span)
            if span.type is EntityType.ORGANIZATION and words[-1].lower() in _FIRM_HEADS:
                for firm in self._firm_keys(span.text):
                    known.setdefault((firm,), span)
            if person and len(words) > 1:
                for surname in self._surname_keys(words):
                    known.setdefault(tuple(surname.split()), span)
        return known

    def _cues(self, span: FoundSpan, kinds: defaultdict[EntityType, float]) -> None:
        read = self._readings[span.field]
        first, last = read.range_of(span.start, span.end)
        before = read.keys[first - 1] if first else ""
        after = read.keys[last] if last < len(read.keys) else ""
        people = self._places.population(name_key(span.text))
        if after in self._lexicon.speaking or (before in ("said", "says") and after in (",", ".", '"', "")):
            kinds[EntityType.PERSON] += _SPEAKS if people < _LARGE else _CAPITALS_SPEAK
        if before in self._lexicon.titles and read.capital[first - 1]:
            kinds[EntityType.PERSON] += _TITLE
        if before in self._lexicon.place_cues:
            kinds[EntityType.PLACE] += _IN
        if before == "of" and first > 1 and read.keys[first - 2] in self._lexicon.place_nouns:
            kinds[EntityType.PLACE] += _TOWN_OF
        if last - first == 1 and read.keys[first] in self._lexicon.given_names:
            kinds[EntityType.PERSON] += _GIVEN_NAME
        if people:
            several = _SEVERAL_WORDS if last - first > 1 else 0.0
            kinds[EntityType.PLACE] += _CITY + several + (_LARGE_CITY if people > _LARGE else 0.0)

    def spread(self, spans: Sequence[FoundSpan]) -> list[FoundSpan]:
        """Namings that nobody saw, of names that the story has made known."""
        known, acronyms = self._spreadable(spans), _acronyms(spans)
        if not known and not acronyms:
            return []
        by_first: defaultdict[str, list[tuple[tuple[str, ...], FoundSpan]]] = defaultdict(list)
        for keys, span in known.items():
            by_first[keys[0]].append((keys, span))
        for listed in by_first.values():
            listed.sort(key=lambda item: -len(item[0]))
        found: list[FoundSpan] = []
        for field, read in self._readings.items():
            covered = bytearray(len(read.text) + 1)
            for span in spans:
                if span.field is field:
                    covered[span.start : span.end] = b"\1" * (span.end - span.start)
            found += self._unseen(field, read, by_first, acronyms, covered)
        return found

    def _unseen(
        self,
        field: Field,
        read: Reading,
        by_first: Mapping[str, list[tuple[tuple[str, ...], FoundSpan]]],
        acronyms: Mapping[str, FoundSpan],
        covered: bytearray,
    ) -> Iterator[FoundSpan]:
        index = 0
        while index < len(read.words):
            step = 1
            if (full := acronyms.get(read.words[index])) and not read.shouting:
                start, end = read.starts[index], read.ends[index]
                if covered.find(1, start, end) < 0:
                    yield replace(
                        full, field=field, start=start, end=end, text=read.words[index], by="context",
                        confidence=_PROPAGATED,
                    )  # fmt: skip
            for keys, span in by_first.get(read.keys[index], ()):
                last = index + len(keys)
                if tuple(read.keys[index:last]) != keys or not (
                    read.capital[index] or keys[0] in self._lexicon.particles
                ):
                    continue
                first = index
                if not self._stands_alone(read, index, last):
                    if not self._named_before(read, index, last, span):
                        continue
                    first = index - 1
                start, end = read.starts[first], read.ends[last - 1]
                if covered.find(1, start, end) >= 0:
                    continue
                yield replace(
                    span,
                    field=field,
                    start=start,
                    end=end,
                    text=read.text[start:end],
                    by="context",
                    confidence=_PROPAGATED,
                )
                step = len(keys)
                break
            else:
                if self._misspelt(read, index, by_first) and covered.find(1, read.starts[index], read.ends[index]) < 0:
                    yield FoundSpan(
                        field,
                        read.starts[index],
                        read.ends[index],
                        read.words[index],
                        EntityType.PERSON,
                        "context",
                        _PROPAGATED,
                    )
            index += step

    def _named_before(self, read: Reading, index: int, last: int, span: FoundSpan) -> bool:
        """Whether a known surname has an unknown first name before it: "Anneliese Bruckner", of Dr. Bruckner."""
        if span.type is not EntityType.PERSON or span.entry is not None or index == 0 or last - index != 1:
            return False
        key, words = read.keys[index - 1], self._lexicon
        named = read.joined[index] and read.capital[index - 1] and read.words[index - 1].isalpha()
        plain = key in words.openers or key in words.calendar or key in words.titles or key in words.organization_heads
        alone = index < 2 or read.opens[index - 1] or not read.capital[index - 2] or not read.joined[index - 1]
        follows = last < len(read.words) and read.joined[last] and read.capital[last]
        return named and not plain and alone and not follows and read.words[index - 1].istitle()

    def _misspelt(self, read: Reading, index: int, known: Mapping[str, object]) -> bool:
        """Whether someone speaks here whose surname is one letter off from a known one: Wolters said, of Walters."""
        if not read.capital[index] or index + 1 >= len(read.keys) or read.keys[index + 1] not in self._lexicon.speaking:
            return False
        return any(is_misspelt(read.keys[index], name) for name in known)

    def _stands_alone(self, read: Reading, first: int, last: int) -> bool:
        """Whether a naming is not a part of some other capitalised name ("Ali" in "Ali Baba Street")."""
        if read.shouting or read.titled:
            return True
        left = first > 0 and read.joined[first] and read.capital[first - 1] and not read.opens[first - 1]
        left = left and read.keys[first - 1] not in self._lexicon.titles
        right = last < len(read.words) and read.joined[last] and read.capital[last] and read.words[last][0].isalpha()
        return not left and not right


def _acronyms(spans: Iterable[FoundSpan]) -> dict[str, FoundSpan]:
    """Initials -> the known organization of several words whose they are."""
    return {
        short.upper(): span
        for span in spans
        if span.type is EntityType.ORGANIZATION and span.entry is not None and " " in span.text
        for short in initials(span.text)
    }


def _designates(span: FoundSpan) -> bool:
    return span.firm and span.type is EntityType.PRODUCT


def _weight(span: FoundSpan) -> float:
    if span.entry is not None:
        return _BY_WEAK_FORM if span.weak else _BY_GAZETTEER
    return _BY_CONTEXT if span.by == "context" else _BY_MODEL


def _voted(span: FoundSpan, kinds: Mapping[EntityType, float]) -> FoundSpan:
    best = max(kinds, key=lambda kind: (kinds[kind], _TIES.index(kind)))
    return span if best is span.type else replace(span, type=best, by="context", entry=None)
