"""Terms: lower-case lemmas, and designations as one token each."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import lru_cache

from pipeline.text.designations import DESIGNATION, join_designation
from pipeline.text.stopwords import STOP_WORDS, function_words

# Order matters: a designation before the word that it begins with.
_TOKEN = re.compile(
    rf"(?P<designation>{DESIGNATION})"
    r"|(?P<number>\d[\d.,]*)"
    r"|(?P<word>[^\W\d_]+(?:['’](?!s\b)[^\W\d_]+)?)"
)
_DICTIONARIES = {"no": "nb", "hr": "hbs", "sr": "hbs", "bs": "hbs"}  # languages that simplemma has under another code
_REMEMBERED = 200_000  # words: bounds memory over millions of stories


class Lemmas:
    """Lower-case lemmas in one language, remembered. Words of a language without a dictionary stay as they are."""

    def __init__(self, language: str | None) -> None:
        self._stop = STOP_WORDS if language in (None, "en") else function_words(language or "")
        self._look_up = _dictionary(language or "en")
        self._known: dict[str, str] = {}

    def of(self, word: str) -> str:
        """The lemma; the empty string for a stop word."""
        lemma = self._known.get(word)
        if lemma is None:
            lower = word.lower().replace("’", "'")
            # Capitals matter to the dictionary: "United" is no form of "unite".
            known = lower if word.isupper() else word
            lemma = "" if lower in self._stop or len(lower) < 2 else self._look_up(known).lower()
            lemma = "" if lemma in self._stop else lemma
            if len(self._known) < _REMEMBERED:
                self._known[word] = lemma
        return lemma


@lru_cache(maxsize=50_000)
def is_common_word(word: str) -> bool:
    """Whether an English dictionary has the word in lower case."""
    import simplemma

    return bool(simplemma.is_known(word.lower(), lang="en"))


def _dictionary(language: str) -> Callable[[str], str]:
    import simplemma

    code = _DICTIONARIES.get(language, language)
    try:
        simplemma.lemmatize("a", lang=code)
    except ValueError:  # no dictionary for this language
        return str
    return lambda word: simplemma.lemmatize(word, lang=code)


def read_terms(text: str, lemmas: Lemmas) -> Iterator[tuple[str, int, int]]:
    """Yield (term, start, end) in order. The term is empty for stop words."""
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        if kind == "word":
            term = lemmas.of(match.group())
        elif kind == "designation":
            term = join_designation(match.group())
        else:
            number = match.group().rstrip(".,").replace(",", "")
            term = number if len(number) > 1 else ""
        yield term, match.start(), match.end()


def count_terms(tokens: list[tuple[str, int, int]]) -> dict[str, int]:
    """Count the terms of tokens, without the empty ones."""
    return dict(Counter(term for term, _, _ in tokens if term))
