"""The gazetteer's people by first name and by surname."""

from collections.abc import Iterable, Sequence, Set
from datetime import date

from pipeline.enrich.gazetteer.records import EntryRecord
from pipeline.enrich.text.spelling import is_misspelt
from pipeline.text.fold import fold


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
        """The one person of this folded surname who held an office that day; None for nobody or several."""
        holders = [
            entry
            for entry in self._by_surname.get(surname, {}).values()
            if any(office.since <= day and (office.until is None or day <= office.until) for office in entry.offices)
        ]
        return holders[0] if len(holders) == 1 else None

    def misspelt(self, name: Sequence[str], surnames: Set[str]) -> EntryRecord | None:
        """Find the known person whose surname a full name misspells, if the story also spells it right.

        Args:
            name: The folded words of the full name.
            surnames: The folded bare surnames that the story uses.
        """
        for surname, entry in self._by_given.get(name[0], ()):
            if surname in surnames and is_misspelt(name[-1], surname):
                return entry
        return None
