"""Which language a text is in: the publisher's word, checked cheaply against the text itself."""

import re
from collections import Counter

from pipeline.text.stopwords import FUNCTION_WORDS

_SAMPLE = 2_000  # characters; enough to tell languages apart
_SURE = 4  # function words that must speak for a language before it overrules the publisher
_WORD = re.compile(r"[^\W\d_]+")
_VOTES: dict[str, tuple[str, ...]] = {}
for _code, _words in FUNCTION_WORDS.items():
    for _word in _words:
        _VOTES[_word] = (*_VOTES.get(_word, ()), _code)
_SCRIPTS = (
    ("ru", re.compile(r"[\u0400-\u04ff]")),
    ("el", re.compile(r"[\u0370-\u03ff]")),
    ("he", re.compile(r"[\u0590-\u05ff]")),
    ("ar", re.compile(r"[\u0600-\u06ff]")),
    ("hi", re.compile(r"[\u0900-\u097f]")),
    ("th", re.compile(r"[\u0e00-\u0e7f]")),
    ("ja", re.compile(r"[\u3040-\u30ff]")),
    ("ko", re.compile(r"[\uac00-\ud7af]")),
    ("zh", re.compile(r"[\u4e00-\u9fff]")),
)
_MARKED = {"uk": re.compile(r"[іїєґ]"), "fa": re.compile(r"[پچژگ]")}


def detect(text: str, declared: str | None) -> str | None:
    """The BCP 47 primary tag; None if nothing tells. A declared language stands unless the text plainly differs."""
    known = declared.lower().replace("_", "-").split("-")[0] if declared else None
    sample = text[:_SAMPLE]
    if not sample.isascii() and (language := _by_script(sample)):
        return known if _same_script(known, language) else _variant(language, sample)
    votes: Counter[str] = Counter()
    for word in _WORD.findall(sample.lower()):
        votes.update(_VOTES.get(word, ()))
    ranked = votes.most_common(2)
    if not ranked:
        return known
    best, count = ranked[0]
    margin = count - (ranked[1][1] if len(ranked) > 1 else 0)
    if known is None:
        return best if count >= 2 and margin > 0 else None
    return best if count >= _SURE and count > 2 * votes[known] and known in FUNCTION_WORDS and margin > 1 else known


def _by_script(sample: str) -> str | None:
    letters = sum(map(len, _WORD.findall(sample)))
    for language, script in _SCRIPTS:
        if letters and len(script.findall(sample)) > 0.4 * letters:
            return language
    return None


def _same_script(known: str | None, language: str) -> bool:
    cyrillic = {"ru", "uk", "bg", "sr", "mk", "be", "kk", "ky", "tg", "mn"}
    arabic = {"ar", "fa", "ur", "ps", "ckb", "ug"}
    chinese = {"zh", "ja"}
    return any(known in family and language in family for family in (cyrillic, arabic, chinese, {language}))


def _variant(language: str, sample: str) -> str:
    for variant, base in (("uk", "ru"), ("fa", "ar")):
        if language == base and len(_MARKED[variant].findall(sample)) > 0.01 * len(sample):
            return variant
    return language
