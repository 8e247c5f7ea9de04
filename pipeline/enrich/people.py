"""Who is who in a story: "President Erdogan" and "Tayyip Erdogan" are one man; two Clintons stay two people."""

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, field
from datetime import date

from rapidfuzz.distance import DamerauLevenshtein

from pipeline.enrich.folding import fold
from pipeline.enrich.records import EntryRecord
from pipeline.enrich.spans import FoundSpan

Key = tuple[str, ...]
_LONG_ENOUGH = 6  # letters; shorter surnames one letter apart are mostly two people
_WORD = re.compile(r"[^\W\d_][\w'’.-]*")


@dataclass(slots=True, eq=False)
class Person:
    """One person of a story.

    key: folded words of the fullest name seen; entry: if the gazetteer knows them; named_at: the places, among all
    people's namings, where the story gives a full name.
    """

    key: Key
    words: list[str]
    entry: EntryRecord | None
    named_at: list[int] = field(default_factory=list)


class KnownPeople:
    """The gazetteer's people: by first name, to recognise a misspelt one; by surname, to know who held an office."""

    def __init__(self, entries: Iterable[EntryRecord]) -> None:
        self._by_given: dict[str, list[tuple[str, EntryRecord]]] = {}
        self._by_surname: dict[str, dict[str, EntryRecord]] = {}
        for entry in entries:
            for form in entry.forms:
                words = [fold(word) for word in form.text.split()]
                if len(words) > 1:
                    self._by_given.setdefault(words[0], []).append((words[-1], entry))
                    self._by_surname.setdefault(words[-1], {})[entry.id] = entry

    def in_office(self, surname: str, day: date) -> EntryRecord | None:
        """The one person of this surname who held an office that day; None for nobody or several."""
        holders = [
            entry
            for entry in self._by_surname.get(surname, {}).values()
            if any(office.since <= day and (office.until is None or day <= office.until) for office in entry.held)
        ]
        return holders[0] if len(holders) == 1 else None

    def misspelt(self, key: Key, surnames: Set[str]) -> EntryRecord | None:
        """The known person whose surname this full name misspells, if the story also spells it right."""
        for surname, entry in self._by_given.get(key[0], ()):
            if surname in surnames and is_misspelt(key[-1], surname):
                return entry
        return None


class People:
    """The people that a story names in full, and what else it calls them."""

    def __init__(
        self, spans: Sequence[FoundSpan], titles: Set[str], family_first: Set[str], known: KnownPeople
    ) -> None:
        self._titles, self._family_first = titles, family_first
        self._by_entry: dict[str, Person] = {}
        self._by_first: defaultdict[str, list[Person]] = defaultdict(list)
        self._by_last: defaultdict[str, list[Person]] = defaultdict(list)
        self._by_initial: defaultdict[str, list[Person]] = defaultdict(list)
        keyed = [(position, span, self.words(span.text)) for position, span in enumerate(spans)]
        bare = {fold(words[0]) for _, _, words in keyed if len(words) == 1}
        for position, span, words in keyed:
            if len(words) > 1 or (span.entry and words):
                key = tuple(map(fold, words))
                entry = span.entry or (known.misspelt(key, bare) if len(key) > 1 else None)
                self._admit(key, words, entry).named_at.append(position)

    def words(self, text: str) -> list[str]:
        """A person's name in words, without titles before it."""
        words = _WORD.findall(text)
        while len(words) > 1 and fold(words[0].rstrip(".")) in self._titles:
            words = words[1:]
        return [word.rstrip(".") if len(word) > 2 else word for word in words]

    def resolve(self, position: int, span: FoundSpan) -> Person | None:
        """Whom the naming at this position (among all people's namings) means; None for one never named in full."""
        key = tuple(map(fold, self.words(span.text)))
        if not key:
            return None
        if span.entry is not None:
            return self._by_entry.get(span.entry.id)
        meant = [person for person in self._namesakes(key) if self._may_be(key, person.key)]
        if not meant and len(key) == 1:
            meant = [person for person in self._by_initial[key[0][0]] if is_misspelt(key[0], person.key[-1])]
        if not meant and len(key) == 1 and len(self._by_first[key[0]]) == 1:
            meant = self._by_first[key[0]]
        if len(meant) < 2:
            return meant[0] if meant else None
        # Two of that name: the one named in full most recently, as a reader would take it.
        return max(meant, key=lambda person: _last_before(person.named_at, position))

    def name(self, person: Person) -> str:
        """The canonical name."""
        if person.entry:
            return person.entry.name
        name = " ".join(person.words)
        return name.title() if name.isupper() else name

    def _admit(self, key: Key, words: list[str], entry: EntryRecord | None) -> Person:
        person = self._by_entry.get(entry.id) if entry else None
        if person is None:
            person = next((other for other in self._namesakes(key) if _compatible(key, entry, other)), None)
        if person is None:
            person = Person(key, words, entry)
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
            (self._by_last, person.key[-1]),
            (self._by_initial, person.key[-1][0]),
        ):
            if person not in index[key]:
                index[key].append(person)

    def _namesakes(self, key: Key) -> list[Person]:
        """Who shares the last word or the first."""
        same_last = self._by_last[key[-1]]
        return [*same_last, *(person for person in self._by_first[key[0]] if person not in same_last)]

    def _may_be(self, key: Key, full: Key) -> bool:
        if len(key) > 1:
            return same_full_name(key, full) or (len(full) > len(key) and full[-len(key) :] == key)
        return key[0] == full[-1] or (key[0] == full[0] and full[0] in self._family_first)


def _compatible(key: Key, entry: EntryRecord | None, other: Person) -> bool:
    known_apart = entry is not None and other.entry is not None and entry is not other.entry
    return not known_apart and same_full_name(key, other.key)


def _last_before(positions: Sequence[int], position: int) -> int:
    """The last of these ascending positions up to ``position``; before the text if there is none."""
    before = bisect_right(positions, position)
    return positions[before - 1] if before else -1


def same_full_name(one: Key, other: Key) -> bool:
    """The same person's full name, with a middle name or initial more or less, or one letter wrong in the surname."""
    if one == other:
        return True
    short, long = sorted((one, other), key=len)
    if len(short) < 2:
        return False
    if short[-1] != long[-1] and not (short[0] == long[0] and is_misspelt(short[-1], long[-1])):
        return False
    return _sounds(short[0]) == _sounds(long[0]) or (len(long) > len(short) and short[0] in long[1:-1])


def _sounds(given: str) -> str:
    """A first name as transcriptions agree on it: Sergei and Sergey, Mohamed and Mohammed."""
    return re.sub(r"(.)\1", r"\1", given.replace("y", "i"))


def is_misspelt(word: str, name: str) -> bool:
    """One letter more, less, exchanged or transposed, but not the first, in a name of six or more."""
    return (
        len(name) >= _LONG_ENOUGH
        and word != name
        and word[0] == name[0]
        and DamerauLevenshtein.distance(word, name, score_cutoff=1) <= 1
    )
