"""Which language a text is in: the publisher's word, checked cheaply against the text itself."""

import re
from collections import Counter

_SAMPLE = 2_000  # characters; enough to tell languages apart
_SURE = 4  # function words that must speak for a language before it overrules the publisher
_WORD = re.compile(r"[^\W\d_]+")
_FUNCTION_WORDS = {
    "en": "the of and to in a is that for it was on with as by at from be this are has have had not but they which who",
    "fr": "le la les des du et en un une que qui dans pour sur est pas plus par au aux avec ce sont ses cette",
    "de": "der die das und in den von zu mit ist des im nicht ein eine auf für sich dem auch als es an werden aus",
    "es": "el la los las de que y en un una del se por con para al es su no lo como más pero sus ha",
    "it": "il lo la gli le di che e in un una del della per con non è si da al dei nel sono ha anche alla",
    "pt": "o a os as de que e em um uma do da para com não por dos das no na ao é foi mais como se",
    "nl": "de het een van en in is dat op te zijn voor met die niet aan er om ook als door naar bij",
    "tr": "ve bir bu da de için ile olarak olan daha çok gibi kadar sonra en ise ancak dedi göre ettiği",
    "pl": "w i na z do nie się że jest to o od za przez dla po jak ale co są był oraz przy",
    "sv": "och i att det som en på är av för med till den har de inte om ett han men var från",
    "ro": "și în de la cu a pe care nu din este pentru un o că mai sunt fost au prin după",
    "id": "yang dan di dengan untuk dari ini pada tidak itu dalam akan ke oleh adalah juga telah",
}
_VOTES: dict[str, tuple[str, ...]] = {}
for _code, _words in _FUNCTION_WORDS.items():
    for _word in _words.split():
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


def word_set(words: str) -> frozenset[str]:
    """A list of words as a set."""
    return frozenset(words.split())


def function_words(language: str) -> frozenset[str]:
    """The commonest words of a language; empty for one that we do not know."""
    return word_set(_FUNCTION_WORDS.get(language, ""))


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
    return best if count >= _SURE and count > 2 * votes[known] and known in _FUNCTION_WORDS and margin > 1 else known


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
