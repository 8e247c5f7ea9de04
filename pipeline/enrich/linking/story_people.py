"""Who is who in a story: "President Erdogan" and "Tayyip Erdogan" are one man; two Clintons stay two people."""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from pipeline.enrich.gazetteer.known_people import KnownPeople
from pipeline.enrich.gazetteer.lexicon import Lexicon
from pipeline.enrich.gazetteer.records import EntryRecord
from pipeline.enrich.linking.full_names import FullNames, Key, key_of
from pipeline.enrich.ner.name_spans import NameSpan
from pipeline.enrich.text.spelling import is_misspelt, transcribed
from pipeline.text.fold import fold

_WORD = re.compile(r"[^\W\d_][\w'’.-]*")


@dataclass(slots=True, eq=False)
class Person:
    """One person of a story.

    Attributes:
        key: Folded words of the fullest name so far.
        words: The same words as they are written.
        entry: The gazetteer's entry, None where it has none.
        generation: "jr" of Oakes Jr., else "".
        named_at: Positions of the full names among all namings of people.
    """

    key: Key
    words: list[str]
    entry: EntryRecord | None
    generation: str = ""
    named_at: list[int] = field(default_factory=list)


class StoryPeople:
    """The people that a story names in full, and what else it calls them."""

    def __init__(self, spans: Sequence[NameSpan], lexicon: Lexicon, names: FullNames, known: KnownPeople) -> None:
        self._titles, self._family_first, self._names = lexicon.titles, lexicon.family_first, names
        self._by_entry: dict[str, Person] = {}
        self._by_first: defaultdict[str, list[Person]] = defaultdict(list)
        self._by_last: defaultdict[str, list[Person]] = defaultdict(list)
        self._by_initial: defaultdict[str, list[Person]] = defaultdict(list)
        keyed = [(position, span, self.words(span.text)) for position, span in enumerate(spans)]
        bare = {fold(words[0]) for _, _, words in keyed if len(words) == 1}
        for position, span, words in keyed:
            if len(words) > 1 or (span.entry and words):
                key, generation = key_of(words)
                entry = span.entry or (known.misspelt(key, bare) if len(key) > 1 else None)
                self._admit(key, generation, words, entry).named_at.append(position)

    def words(self, text: str) -> list[str]:
        """A person's name in words, without titles before it."""
        words = _WORD.findall(text)
        while len(words) > 1 and fold(words[0].rstrip(".")) in self._titles:
            words = words[1:]
        return [word.rstrip(".") if len(word) > 2 else word for word in words]

    def resolve(self, position: int, span: NameSpan) -> Person | None:
        """Whom the naming at this position (among all people's namings) means; None for one never named in full."""
        key, generation = key_of(self.words(span.text))
        if not key:
            return None
        if span.entry is not None:
            return self._by_entry.get(span.entry.id)
        candidates = [
            person
            for person in self._namesakes(key)
            if self._may_be(key, person.key) and _may_share(generation, person.generation)
        ]
        if not candidates and len(key) == 1:
            candidates = [person for person in self._by_initial[key[0][0]] if is_misspelt(key[0], person.key[-1])]
        if not candidates and len(key) == 1 and len(self._by_first[key[0]]) == 1:
            candidates = self._by_first[key[0]]
        if len(candidates) < 2:
            return candidates[0] if candidates else None
        # Two of that name: the one named in full most recently, as a reader would take it.
        return max(candidates, key=lambda person: _last_before(person.named_at, position))

    def name(self, person: Person) -> str:
        """The canonical name."""
        if person.entry:
            return person.entry.name
        name = " ".join(person.words)
        return name.title() if name.isupper() else name

    def _admit(self, key: Key, generation: str, words: list[str], entry: EntryRecord | None) -> Person:
        person = self._by_entry.get(entry.id) if entry else None
        if person is None:
            alike = (other for other in self._namesakes(key) if self._compatible(key, entry, other))
            person = next((other for other in alike if _may_share(generation, other.generation)), None)
        if person is None:
            person = Person(key, words, entry, generation)
            self._enter(person)
        elif len(key) > len(person.key):
            person.key, person.words = key, words
            self._enter(person)
        if entry is not None:
            person.entry = person.entry or entry
            self._by_entry[entry.id] = person
        return person

    def _enter(self, person: Person) -> None:
        for index, key in (
            (self._by_first, person.key[0]),
            (self._by_last, transcribed(person.key[-1])),
            (self._by_initial, person.key[-1][0]),
        ):
            if person not in index[key]:
                index[key].append(person)

    def _namesakes(self, key: Key) -> list[Person]:
        """Who shares the last word or the first."""
        same_last = self._by_last[transcribed(key[-1])]
        return [*same_last, *(person for person in self._by_first[key[0]] if person not in same_last)]

    def _compatible(self, key: Key, entry: EntryRecord | None, other: Person) -> bool:
        known_apart = entry is not None and other.entry is not None and entry is not other.entry
        return not known_apart and self._names.same(key, other.key)

    def _may_be(self, key: Key, full: Key) -> bool:
        if len(key) > 1:
            return self._names.same(key, full) or (len(full) > len(key) and full[-len(key) :] == key)
        return transcribed(key[0]) == transcribed(full[-1]) or (key[0] == full[0] and full[0] in self._family_first)


def _may_share(generation: str, other: str) -> bool:
    """Whether two generations may be one person: a father and a son differ where both are marked."""
    return not generation or not other or generation == other


def _last_before(positions: Sequence[int], position: int) -> int:
    """The last of these ascending positions up to ``position``; before the text if there is none."""
    before = bisect_right(positions, position)
    return positions[before - 1] if before else -1
