"""Terms: what a story's words are counted as. Lower-case lemmas, and designations as one token each."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import lru_cache

from pipeline.enrich.text.language import function_words, word_set

# Order matters: a designation before the word that it begins with.
_TOKEN = re.compile(
    r"(?P<designation>"
    r"(?<![\w-])(?:"
    r"[A-Z][A-Za-z]{0,4}[-‑–]\d{1,4}(?:[A-Z]{1,2}\d?)?(?=s?(?!\w))"  # S-400, Su-57, F-35A, COVID-19
    r"|[A-Z]{1,4}\d{1,4}[A-Z]{0,2}(?=s?(?!\w))"  # S400, A400M, G20
    r"|[A-Z] \d{2,4}(?=s?(?![\w%.,]\d|\w))"  # S 400
    r"|[A-Z]{2,6}[/-][A-Z]{1,2}(?!\w)"  # SAMP/T, SAMP-T
    r"))"
    r"|(?P<number>\d[\d.,]*)"
    r"|(?P<word>[^\W\d_]+(?:['’](?!s\b)[^\W\d_]+)?)"
)
_REMEMBERED = 200_000  # words: bounds memory over millions of stories
_STOP = word_set(
    "a an the this that these those and or but nor so yet if then else than as at by for from in into of off on onto "
    "out over to up with about above after again against all also am any are aren't be because been before being "
    "below between both can can't cannot could couldn't did didn't do does doesn't doing don't down during each few "
    "further had hadn't has hasn't have haven't having he her here hers herself him himself his how i i'm i've i'd it "
    "it's its itself just let's me more most mustn't my myself no not now once only other ought our ours ourselves "
    "own same shan't she should shouldn't some such their theirs them themselves there they they're they've through "
    "too under until us very was wasn't we we're we've were weren't what when where which while who whom why will "
    "with won't would wouldn't you you're your yours yourself yourselves may might must shall upon within without "
    "among amid per via vs mr mrs ms dr say said says tell told add added according one two three like well still "
    "even since however although though many much every another around across along already whether either neither "
    "monday tuesday wednesday thursday friday saturday sunday january february april june july august september "
    "october november december "
)


class Lemmas:
    """Lower-case base forms for one language, remembered. Words of a language without a dictionary stay as they are."""

    def __init__(self, language: str | None) -> None:
        self._stop = _STOP if language in (None, "en") else function_words(language or "")
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

    try:
        simplemma.lemmatize("a", lang=language)
    except ValueError:  # no dictionary for this language
        return str
    return lambda word: simplemma.lemmatize(word, lang=language)


def designation(text: str) -> str:
    """The one token that every spelling of a designation folds to: "S-400", "S 400" -> "s400"; "SAMP/T" -> "sampt"."""
    return re.sub(r"[^\w]+", "", text).lower()


def tokens(text: str, lemmas: Lemmas) -> Iterator[tuple[str, int, int]]:
    """(term, start, end) in order; the term is empty for stop words."""
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        if kind == "word":
            term = lemmas.of(match.group())
        elif kind == "designation":
            term = designation(match.group())
        else:
            number = match.group().rstrip(".,").replace(",", "")
            term = number if len(number) > 1 else ""
        yield term, match.start(), match.end()


def count(found: list[tuple[str, int, int]]) -> dict[str, int]:
    """Term -> how often."""
    return dict(Counter(term for term, _, _ in found if term))
