"""Which language a text is in: the publisher's word, checked against what the text itself shows.

The text is judged by py3langid, a naive Bayes classifier over byte n-grams, among the languages that news is written
in. It gives each language a share of the probability. Languages that are hard to tell apart in a headline (Croatian
and Serbian) are judged together.

The constants were set on every other line of ``tests/data/languages.tsv`` (652 headlines, leads and lists of names of
the project's own, in 36 languages) and measured on the rest:

- undeclared headlines: 93.0 % right, 0.5 % wrong, 6.5 % unknown. Undeclared leads: 100 % right.
- undeclared headlines of names alone: 70 % unknown, 25 % right, 5 % wrong.
- a right declaration is never overruled. Of foreign texts that are declared English, 70 % of the headlines and all
  leads are corrected, none of them to a third language.
"""

from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from pipeline.text.stopwords import word_set

SAMPLE = 1_000  # characters that are judged: more cost time and change no answer
_SURE = 0.5  # least share of the best language and its siblings; below it the language is unknown
_PLAIN = 0.95  # a text overrules its publisher from this share on,
_DENIED = 0.02  # if the declared language and its siblings have no more than this,
_LEAST_BYTES = 32  # and if it has so much UTF-8: an English story may consist of a Polish name

# The classifier's other languages are left out, since small ones draw off headlines that are full of names.
# "zxx" means no language. It draws off numbers and codes.
_CANDIDATES = word_set(
    "en fr de it es pt nl ca gl eu ro pl cs sk sl hu hr sr bg mk sq el ru uk be et lv lt fi sv da no nn is ga mt "
    "cy tr az uz kk ky tk tg mn ka hy ar fa ps ku he ur hi bn ta te ml mr gu kn pa ne si my km lo th vi id tl zh ja "
    "ko am so sw ha af zxx"
)
_NO_LANGUAGE = "zxx"
_SAYS_NOTHING = frozenset(["und", "mul", _NO_LANGUAGE])  # declarations that name no language
_SIBLINGS = (frozenset(["hr", "sr"]), frozenset(["no", "nn", "da"]), frozenset(["cs", "sk"]))

# Declared codes that the classifier knows by another one: former codes, variants, and close relatives.
_CLASSIFIER_CODES = {
    "nb": "no",
    "iw": "he",
    "in": "id",
    "ms": "id",
    "sh": "sr",
    "bs": "hr",
    "cnr": "sr",
    "mo": "ro",
    "fil": "tl",
    "yue": "zh",
}


def detect_language(text: str, declared: str | None = None) -> str | None:
    """Identify the language of a text.

    Args:
        text: Headline and body. The first ``SAMPLE`` characters count.
        declared: The publisher's BCP 47 tag; None where there is none.

    Returns:
        The primary tag, such as "en". The declared one stands unless the text is plainly in another language. None
        where nothing is declared and the text does not tell.
    """
    shares = dict(_classifier().rank(text[:SAMPLE]))  # the best language first
    best = next(iter(shares))
    siblings = _siblings(best)
    share = 0.0 if best == _NO_LANGUAGE else sum(shares[language] for language in siblings)
    publisher_tag = _primary_tag(declared)
    if publisher_tag is None:
        return best if share >= _SURE else None
    code = _CLASSIFIER_CODES.get(publisher_tag, publisher_tag)
    if code not in shares or code in siblings or len(text[:SAMPLE].encode(errors="replace")) < _LEAST_BYTES:
        return publisher_tag
    declared_share = sum(shares[language] for language in _siblings(code))
    return best if share >= _PLAIN and declared_share <= _DENIED else publisher_tag


def _primary_tag(declared: str | None) -> str | None:
    """The language of a BCP 47 tag: "pt" of "pt-BR". None for a tag that names none."""
    tag = (declared or "").lower().replace("_", "-").split("-")[0]
    return tag if tag and tag not in _SAYS_NOTHING else None


def _siblings(language: str) -> frozenset[str]:
    """The languages that do not overrule this one, and itself."""
    return next((siblings for siblings in _SIBLINGS if language in siblings), frozenset([language]))


@cache
def _classifier() -> LanguageIdentifier:
    """The classifier with shares that sum up to 1. Loading it takes about half a second."""
    classifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    classifier.set_languages(_CANDIDATES)
    return classifier
