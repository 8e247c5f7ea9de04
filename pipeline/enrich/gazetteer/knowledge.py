"""Everything a tagger knows besides its model: gazetteer, lexicon, countries and cities."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from pipeline.enrich.gazetteer.files import read_gazetteer
from pipeline.enrich.gazetteer.known_people import KnownPeople
from pipeline.enrich.gazetteer.lexicon import Lexicon, load_lexicon
from pipeline.enrich.gazetteer.matcher import Gazetteer
from pipeline.enrich.gazetteer.places import Places, library_entries, load_places
from pipeline.enrich.gazetteer.records import EntryRecord
from pipeline.models import EntityType


@dataclass(frozen=True, slots=True)
class Knowledge:
    """What a tagger knows.

    Attributes:
        gazetteer: All entries, ready to be matched.
        lexicon: Word lists.
        places: Countries and cities.
        adjectives: "Turkish" or "Turks" -> the entry of Turkey, which is meant without being named.
        people: The entries of people.
        digest: Digest of all the files.
    """

    gazetteer: Gazetteer
    lexicon: Lexicon
    places: Places
    adjectives: dict[str, EntryRecord]
    people: KnownPeople
    digest: str


def load_knowledge(folder: Path | None) -> Knowledge:
    """Read the shipped gazetteer, and the user's folder over it.

    Args:
        folder: The user's folder; None where there is none.

    Raises:
        SettingsError: There are mistakes. The message names file and line of each.
    """
    places = load_places()
    lexicon, words = load_lexicon(folder)
    entries, content = read_gazetteer(folder, library_entries(places, lexicon.given_names))
    adjectives = {word: entry for entry in entries for word in entry.adjectives}
    digest = hashlib.blake2b(content + words, digest_size=8).hexdigest()
    people = KnownPeople(entry for entry in entries if entry.type is EntityType.PERSON)
    return Knowledge(Gazetteer(entries), lexicon, places, adjectives, people, digest)
