"""Elasticsearch makes the same terms, words and keys of every text as pipeline.query.analysis does."""

import random
import re
from collections.abc import Callable, Iterator, Sequence

import pytest

from pipeline.query.analysis import STOP_WORDS, keyword_key, name_key, terms, words
from tests.index.elastic.engines import Site
from tests.index.stories import LIBRARY, story
from tests.sample_wire.loader import load_stories

DESIGNATIONS = (
    "S-400 S400 S 400 s-400 S–400 S‑400 S-400s S-400’s S-400-s",
    "SAMP/T SAMP-T SAMPT samp/t SAMP/Ts SAMP/T's F-35A F35A F/A-18 F-16s MiG-29 Mig 29 Su-57 PAC-3 PAC 3 Patriot-3",
    "U.S. US u.s.a U.S.-led U.N.’s U.S.A's AT&T AT&T's R&D a.m. i.e. No. 10 e.g. Dr. J.R.R. Tolkien",
    "3.5 1,000 1,000,000.50 12.30pm 2017-18 mid-2017 Euro-2016 top-10 under-21 A 35-year-old K-9 B-2 T-14",
    "air-defence long-range co-operation vice-president-elect Anglo-French",
    "Turkey’s Turkey's Turkeys' O'Brien O’Brien's d'Artagnan l’État rock 'n' roll the 1990s' end ʼtwas",
    "Erdoğan İstanbul Beşiktaş Łódź Ærø straße Þór Đoković Çanakkale ÇANAKKALE naïve ñandú ŒUVRE Ǧ ǧ x² ½ ﬁne",
    "soft\u00adhyphen non\u00a0breaking S\u00a0400 com\u0301bining zero\u200bwidth snake_case __init__ under_score_",
    "北京 Παρίσι ΣΊΣΥΦΟΣ Москва Ёлка القاهرة हिन्दी ไทย 한국어 日本語 🚀 rocket 👩‍🚀",
    "", " ", "...", "--", "a", "'s", "’", "_", "\x00control\x07", "word\nnext\tand\r\nmore", "x" * 200, "9" * 90 + ".5",
)  # fmt: skip

# Lucene also writes plain what we leave alone: dashes and quotes in keywords, letters of dead alphabets; and it leaves
# alone what we write plain: the letters of formulas.
_PUNCTUATION = re.compile("[\u2010-\u2015\u00a0‘’“”«»]")
_HISTORICAL = "ƿǷǶȜȝȸȹẜẝỺỻ"

_PIECES = (
    *("S", "F", "SAMP", "PAC", "mid", "top", "x", "Su", "MiG", "turkey", "Defence", "running", "agreed", "ie", "US"),
    *("-", "/", "’", "'", "&", ".", ",", " ", " ", "\u00a0", "–", "_", "\u00ad", "\u0301", "\n", "ʼ", "(", "s", "T"),
    *("400", "3", "35A", "2017", "1,000", "é", "ğ", "İ", "ß", "Ж", "σ", "Σ", "北", "²", "ª", "ø", "0", "９"),
)


def made_up(count: int) -> Iterator[str]:
    """Always the same texts of whatever stands at the edges of tokens."""
    chance = random.Random(400)
    for _ in range(count):
        yield "".join(chance.choices(_PIECES, k=chance.randint(1, 30)))


@pytest.fixture(scope="module")
def texts() -> Sequence[str]:
    wire = [text for story in load_stories() for text in (story.headline, story.body)]
    library = [text for document in LIBRARY for text in (document.headline, document.body)]
    return [*DESIGNATIONS, *wire, *library, *made_up(1_500)]


def analyzed(site: Site, how: dict[str, str], texts: Sequence[str]) -> list[str]:
    """All tokens that the server makes, one text after the other."""
    tokens = list[str]()
    for start in range(0, len(texts), 100):
        asked = {**how, "text": list(texts[start : start + 100])}
        answer = site.call("POST", "/{}-stories-undated/_analyze", asked)
        tokens += [token["token"] for token in answer["tokens"]]
    return tokens


@pytest.mark.parametrize(
    ("how", "ours"),
    [
        pytest.param({"analyzer": "story_text"}, terms, id="terms"),
        pytest.param({"analyzer": "story_words"}, words, id="words"),
        pytest.param({"field": "body"}, terms, id="the body's terms"),
        pytest.param({"field": "headline.words"}, words, id="the headline's words"),
    ],
)
def test_texts_become_the_same_terms(
    site: Site, texts: Sequence[str], how: dict[str, str], ours: Callable[[str], list[str]]
) -> None:
    site.open().write([story(1, published_at=None)])
    for start in range(0, len(texts), 100):
        chunk = texts[start : start + 100]
        assert analyzed(site, how, chunk) == [token for text in chunk for token in ours(text)]


def test_what_readers_type_in_kibana_is_analysed_alike_but_for_common_words(site: Site, texts: Sequence[str]) -> None:
    site.open().write([story(1, published_at=None)])
    sample = texts[:200]
    kept = [
        term for text in sample for word, term in zip(words(text), terms(text), strict=True) if word not in STOP_WORDS
    ]
    assert analyzed(site, {"analyzer": "story_query"}, sample) == kept


@pytest.mark.parametrize(("normalizer", "ours"), [("name_key", name_key), ("keyword_key", keyword_key)])
def test_names_and_keywords_are_compared_by_the_same_keys(
    site: Site, texts: Sequence[str], normalizer: str, ours: Callable[[str], str]
) -> None:
    site.open().write([story(1, published_at=None)])
    names = [text[:300] for text in texts if any(character.isalnum() for character in text[:300])]
    if ours is keyword_key:
        names = [name for name in names if not _PUNCTUATION.search(name)]
    assert analyzed(site, {"normalizer": normalizer}, names) == [ours(name) for name in names]


def test_letters_lose_their_accents_alike(site: Site) -> None:
    """Every letter and digit of the scripts that news in Latin, Greek or Cyrillic letters is written in."""
    site.open().write([story(1, published_at=None)])
    letters = [chr(code) for code in (*range(0x24F + 1), *range(0x370, 0x52F + 1), *range(0x1E00, 0x2000))]
    texts = [f"x{letter}x" for letter in letters if letter.isalnum() and letter not in _HISTORICAL]
    assert analyzed(site, {"normalizer": "keyword_key"}, texts) == [keyword_key(text) for text in texts]
    assert analyzed(site, {"analyzer": "story_words"}, texts) == [word for text in texts for word in words(text)]
