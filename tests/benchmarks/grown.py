"""A store grown to any size by stories of our own making, tagged without a model: for what costs must not grow with.

    python -m tests.benchmarks.grown HOME COUNT        fills a home's store; goes on where it was left

Affairs begin at random over five years and go on for months: twenty stories that share rare words, names and a
direction of the vector, among words that are as common as words are (Zipf: rank times frequency is constant). One story
in twenty is a copy of one of the thousand before it. The same numbers always give the same stories.
"""

import random
import sys
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from pipeline.enrich.features.minhash import compute_signature
from pipeline.errors import NotFoundError
from pipeline.models import (
    CopyEdge,
    Enrichment,
    Entity,
    EntityType,
    Origin,
    Relations,
    Stage,
    StoredTake,
    Story,
    WriteOutcome,
    WriteState,
)
from pipeline.ports import Store
from pipeline.relate.copies import copy_similarity
from pipeline.store import open_store
from tests.store.opened_stores import SetClock

BATCH = 500
WORDS = 60  # a story
NOW = datetime(2019, 6, 1, tzinfo=UTC)

_START = datetime(2014, 1, 1, tzinfo=UTC)
_SPAN = timedelta(days=5 * 365)
_BETWEEN = timedelta(days=1) / 5_000  # two stories of a wire
_LEASE = timedelta(hours=1)
_WINDOW = timedelta(days=7)
_SYLLABLES = [
    f"{a}{b}{c}" for a in "bdgklmnprst" for b in "aeiou" for c in ("rn", "st", "l", "m", "nt", "sk", "v", "th")
]
_VOCABULARY = len(_SYLLABLES) ** 2
_COMMONEST = 50  # the rank of the first word that is no stop word
_NAMES = 50_000
_NATIONS = ("us", "gb", "fr", "de", "cn", "ru", "tr", "in", "br", "jp", "it", "es", "eg", "ng", "mx", "pl", "se", "kr")
_AFFAIR = 20  # stories
_BLOCK = 10 * _AFFAIR  # stories among which those of ten affairs are spread


def stories(first: int, count: int, live: bool = False) -> list[Story]:
    """Stories number ``first`` and on. live: each published after the last, behind all that are spread over years."""
    return [_story(number, live) for number in range(first, first + count)]


def _story(number: int, live: bool) -> Story:
    original = _original(number)
    body = " ".join(_told(original))
    at = _START + _SPAN + number * _BETWEEN if live else _published(original) + timedelta(minutes=number - original)
    return Story(
        uri=f"grown:{number}",
        headline=body[:50],
        body=body,
        source=f"Paper {number % 97}",
        published_at=at,
        updated_at=at,
        language="en",
    )


def _original(number: int) -> int:
    """The number of the story that this one copies: its own for most."""
    chance = random.Random(number)
    return number - chance.randint(1, 1000) if number > 1000 and chance.random() < 0.05 else number


def _affair(number: int) -> random.Random:
    """What is the same for all stories of an affair comes from this, in the same order each time."""
    block, position = divmod(number, _BLOCK)
    return random.Random(f"affair {block} {position % (_BLOCK // _AFFAIR)}")


def _published(number: int) -> datetime:
    began = _SPAN * _affair(number).random()
    return _START + began + timedelta(days=random.Random(f"lag {number}").expovariate(1 / 60))


def _told(number: int) -> list[str]:
    """The story's words: a fifth of them its affair's."""
    own, affair = random.Random(f"text {number}"), _affair(number)
    affair.random()
    rare = [_word(affair.randrange(_VOCABULARY)) for _ in range(10)]
    words = [_word(_rank(own, _COMMONEST, _VOCABULARY)) for _ in range(WORDS - WORDS // 5)]
    words += own.choices(rare, k=WORDS // 5)
    own.shuffle(words)
    return words


def _rank(chance: random.Random, first: int, last: int) -> int:
    """A rank by Zipf's law: its logarithm is spread evenly."""
    return int(first * (last / first) ** chance.random())


def _word(rank: int) -> str:
    return _SYLLABLES[rank % len(_SYLLABLES)] + _SYLLABLES[rank // len(_SYLLABLES)]


# --------------------------------------------------------------------------- tagged, related


def enrichment(take: StoredTake) -> Enrichment:
    """What tagging would add: every word a term, the affair's names and some that are in the news, a vector."""
    number = _original(int(take.story.uri.rpartition(":")[2]))
    return Enrichment(
        version_id=take.version_id,
        revision="grown",
        language="en",
        terms=dict(Counter(take.story.body.split())),
        headline_terms=dict(Counter(take.story.headline.split()[:-1])),
        entities=_entities(number),
        vector=_vector(number),
        signature=compute_signature(take.story.body),
    )


def _entities(number: int) -> tuple[Entity, ...]:
    own, affair = random.Random(f"names {number}"), _affair(number)
    for _ in range(11):
        affair.random()
    ids = {f"org:{affair.randrange(_NAMES)}": 1.0 for _ in range(3)}
    ids |= {f"gaz:country-{affair.choice(_NATIONS)}": 0.6, f"gaz:country-{own.choice(_NATIONS)}": 0.3}
    ids |= {f"org:{_rank(own, 1, _NAMES)}": 0.3 for _ in range(2)}
    return tuple(
        Entity(entity_id, EntityType.ORGANIZATION, entity_id, salience, 1) for entity_id, salience in ids.items()
    )


def _vector(number: int) -> bytes:
    affair = _affair(number)
    centre = np.random.default_rng(int(affair.random() * 2**32)).standard_normal(256, dtype=np.float32)
    vector = centre + np.random.default_rng(number).standard_normal(256, dtype=np.float32)
    return (vector / np.linalg.norm(vector)).astype("<f2").tobytes()


def tag(store: Store, stories: Sequence[Story]) -> list[int]:
    """Add stories and record what tagging finds; claims them for relating. Their versions' ids."""
    store.stories.add(stories, Origin("benchmark", "", NOW, backfill=True))
    ids = store.work.claim(Stage.ENRICH, "benchmark", NOW, _LEASE, len(stories))
    store.work.record_enriched([enrichment(take) for take in store.stories.takes(ids)])
    return list(store.work.claim(Stage.RELATE, "benchmark", NOW, _LEASE, len(stories)))


def find_copies(store: Store, version_ids: Sequence[int]) -> int:
    """Find, decide and record the copies of these; how many."""
    similar = store.relations.copy_candidates(version_ids, _WINDOW)
    relations = []
    for take in store.stories.takes(version_ids):
        alike = ((other, copy_similarity(take, other)) for other in similar[take.version_id])
        edges = tuple(
            CopyEdge(take.version_id, other.version_id, similarity)
            for other, similarity in alike
            if similarity is not None
        )
        relations.append(Relations(lineage=take.lineage, version_id=take.version_id, copies=edges))
    store.work.record_related(relations)
    return sum(len(relation.copies) for relation in relations)


# --------------------------------------------------------------------------- stores


def open_grown(home: Path) -> Store:
    """The store in this home, as the walk would find it."""
    home.mkdir(parents=True, exist_ok=True)
    return open_store(f"sqlite:///{home / 'wirewatch.db'}", SetClock(NOW))


def fill(home: Path, count: int) -> None:
    """Grow a home's store up to ``count`` stories, ready for ``wirewatch reindex``; goes on where it was left."""
    store = open_grown(home)
    try:
        done = stored(store)
        while done < count:
            find_copies(store, tag(store, stories(done, min(BATCH, count - done))))
            _offer(store)
            done += min(BATCH, count - done)
            if done % (100 * BATCH) == 0:
                print(f"  {home.name}: {done} of {count}", flush=True)
    finally:
        store.close()


def _offer(store: Store) -> None:
    """Say of what changed that it was indexed: a rebuild writes it all at once."""
    while ids := store.work.claim(Stage.INDEX, "benchmark", NOW, _LEASE, BATCH):
        records = store.stories.records(ids)
        store.work.record_indexed([WriteOutcome(r.lineage, r.revision, WriteState.WRITTEN) for r in records], NOW)


def stored(store: Store) -> int:
    """How many stories an earlier run left: they are numbered from 0."""
    low, high = 0, 1
    while _holds(store, high - 1):
        low, high = high, high * 2
    while low < high:
        middle = (low + high) // 2
        if _holds(store, middle):
            low = middle + 1
        else:
            high = middle
    return low


def _holds(store: Store, number: int) -> bool:
    try:
        store.stories.resolve(f"grown:{number}")
    except NotFoundError:
        return False
    return True


if __name__ == "__main__":
    fill(Path(sys.argv[1]), int(sys.argv[2]))
