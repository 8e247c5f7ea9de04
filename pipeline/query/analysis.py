"""How text becomes search terms: the one definition that both engines index and search by.

``token_pattern`` finds tokens, ``normalize`` makes a token a word (lower case, accents folded, designations joined),
``stem`` makes a word a term. The same in Elasticsearch: a ``pattern`` tokenizer over ``token_pattern(java=True)`` with
group 0, then the filters lowercase, asciifolding, removal of ``POSSESSIVE`` and of ``JOINERS``, ``porter_stem``.

Designations are one token: S-400 = S400 = S 400, SAMP/T = SAMP-T = SAMPT, F-35A = F35A; U.S. = US, AT&T = ATT. A hyphen
between ordinary words separates them, so that "air-defence" answers to "air defence"; years are never joined
(mid-2017, Euro-2016), nor are counts (top-10, under-21).
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from pipeline.query.porter import stem

# The words that Lucene's English analysis leaves out. They are indexed, so that phrases are exact, and dropped from
# queries where they stand outside quotes.
STOP_WORDS = frozenset(
    (
        *("a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "if", "in", "into", "is", "it", "no", "not"),
        *("of", "on", "or", "such", "that", "the", "their", "then", "there", "these", "they", "this", "to", "was"),
        *("will", "with"),
    )
)

# What holds a token together and is no part of the word: hyphens, slashes, apostrophes, ampersands, spaces, soft
# hyphens, combining accents, underscores, thousands' commas; and the dots of abbreviations, but not those of decimals.
JOINERS = r"[-\u2010\u2011\u2013/'’ʼ& \u00a0\u00ad\u0300-\u036f_,]|(?<![0-9])\."
POSSESSIVE = r"['’ʼ]s$"

_HYPHEN = r"[-\u2010\u2011\u2013]"
_SPACE = r"[ \u00a0]"
_NO_YEAR = r"(?!(?:19|20)[0-9]{2}(?![0-9]))"
# Words that stand before a number without naming a thing (top-10, under-21).
_COUNTING = (
    "mid|pre|post|sub|top|under|over|plus|minus|age|aged|non|anti|pro|ex|to|of|by|at|in|on|up|and|or|the|from|near|about|"
    "win|won|lost|beat|led|jan|feb|mar|apr|may|june|july|aug|sept|sep|oct|nov|dec|early|late|past|first|last|next"
)
_MIXED_CASE = "MiG|Mig|Su|Tu|Il|An|Ka|Mi|Yak|Mk"
_SPACED = "SA|SM|RS|MQ|RQ|PAC|Su|MiG|Mig|Tu|TB|HQ|DF|JF|AIM|AGM|KC|CH|UH|AH|G"


def token_pattern(java: bool = False) -> str:
    """The pattern of one token.

    Args:
        java: for Elasticsearch's pattern tokenizer; otherwise for Python's ``re``.
    """
    letter = r"[\p{L}\p{N}]" if java else r"[^\W_]"
    inner = r"[\p{L}\p{N}_\u00ad\u0300-\u036f]" if java else r"[\w\u00ad\u0300-\u036f]"
    end = f"(?!{inner})"
    number = rf"[0-9]{{1,4}}[A-Za-z0-9]{{0,5}}{end}"
    small = rf"(?!(?:{_COUNTING}){_HYPHEN})[a-z]{{2,5}}"
    forms = (
        rf"(?:[A-Za-z]\.){{2,8}}(?:[A-Za-z]{end})?",  # U.S., U.S.A
        rf"[A-Za-z](?:/[A-Z])?{_HYPHEN}{number}",  # S-400, f-35a, F/A-18
        rf"(?:[A-Z]{{2,5}}|{_MIXED_CASE}|{small}){_HYPHEN}{_NO_YEAR}{number}",  # PAC-3
        rf"(?:[B-HJ-Z]{_SPACE}(?=[0-9]{{2}})|(?:{_SPACED}){_SPACE}){_NO_YEAR}{number}",  # S 400; not "A 35-year-old"
        rf"(?:[A-Za-z]{{2,5}}/[A-Za-z]|[A-Z]{{2,5}}{_HYPHEN}[A-Z]|{small}{_HYPHEN}[a-z]){end}",  # SAMP/T
        rf"[A-Z]{{1,3}}&[A-Z]{{1,3}}{end}",  # AT&T
        rf"[0-9]{{1,20}}(?:[.,][0-9]{{1,20}}){{1,6}}{inner}{{0,20}}",  # 3.5, 1,000
    )
    word = rf"{letter}{inner}{{0,63}}(?:['’ʼ](?={letter}){inner}{{1,64}}){{0,3}}"
    # Most words are none of these: letters with nothing behind them that could hold a designation together. Trying that
    # first only saves time.
    ordinary = rf"[A-Za-z]?[a-z]{{3,60}}(?!{inner}|{_HYPHEN}|['’ʼ/])"
    return rf"{ordinary}|(?:{'|'.join(forms)})(?:['’ʼ][sS]{end})?|{word}"


_TOKEN = re.compile(token_pattern())
_FIRST_HALF = re.compile(rf"(?<![^\W_])(?:[B-HJ-Z]|{_SPACED})$|.{{60}}", re.DOTALL)  # long words are cut anywhere
_JOINERS = re.compile(JOINERS)
_POSSESSIVE = re.compile(POSSESSIVE)
_PLAIN = re.compile(r"[a-z0-9]+")


_NAMED_LETTER = re.compile(r"LATIN (SMALL|CAPITAL) LETTER ([A-Z]{1,2})(?: WITH .*)?")
_UNLIKE_THEIR_NAME = {
    **{ord(a): b for a, b in zip("ıəƏɛƐɔƆðÐŋŊſĸɖƉǝƎɯƜʉɄʌɅɋɊȷƦẛΣ", "iAAeEoOdDnNsqdDeEmMuUvVqQjRfσ", strict=True)},
    **{ord(a): b for a, b in {"ß": "ss", "ẞ": "SS", "þ": "th", "Þ": "TH", "œ": "oe", "Œ": "OE", "ŉ": "n"}.items()},
    **{ord(a): a for a in "ªºƣƢ"},
}


class _Folding(dict[int, str]):
    """Letters with accents -> plain letters, filled as characters are met; what has no plain form stays as it is."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        plain = "".join(c for c in unicodedata.normalize("NFKD", character) if not unicodedata.combining(c))
        if not (character.isalnum() and plain.isascii() and plain.isalnum()):
            plain = character
            if named := _NAMED_LETTER.fullmatch(unicodedata.name(character, "")):
                plain = named[2] if named[1] == "CAPITAL" else named[2].lower()
        self[code] = plain
        return plain


_FOLDING = _Folding(_UNLIKE_THEIR_NAME)


@dataclass(frozen=True, slots=True)
class Token:
    """A search term, the unstemmed word that it was, and where it stands in the text: code points, end exclusive."""

    term: str
    word: str
    start: int
    end: int


def fold(text: str) -> str:
    """Lower case without accents: Erdoğan -> erdogan."""
    return text.lower() if text.isascii() else text.translate(_FOLDING).lower()


def normalize(token: str) -> str:
    """A token as a word: folded, without possessive and joiners."""
    word = fold(token)
    return word if _PLAIN.fullmatch(word) else _JOINERS.sub("", _POSSESSIVE.sub("", word))


def tokens(text: str) -> list[Token]:
    """The tokens of a text in order; each stands one position after the one before."""
    return [
        Token(stem(word := normalize(match.group())), word, match.start(), match.end())
        for match in _TOKEN.finditer(text)
    ]


@lru_cache(maxsize=100_000)
def piece_tokens(piece: str) -> tuple[Token, ...] | None:
    """The tokens of what stands between two spaces.

    No token but a designation (S 400) spans a space. So a text is analysed piece by piece, and news repeats its pieces.

    Returns:
        The tokens with offsets into the piece; None where the piece may be the first half of a designation.
    """
    return None if _FIRST_HALF.search(piece) else tuple(tokens(piece))


def analyze(text: str) -> list[Token]:
    """The tokens of a text, as ``tokens`` gives them, but faster: the pieces that news repeats come from a cache."""
    pieces = text.split(" ")
    tokens_by_piece = list(map(piece_tokens, pieces))
    if None in tokens_by_piece:
        return tokens(text)
    starts = accumulate((len(piece) + 1 for piece in pieces), initial=0)
    return [
        Token(token.term, token.word, start + token.start, start + token.end)
        for start, piece in zip(starts, tokens_by_piece, strict=False)
        for token in piece or ()
    ]


def terms_and_words(text: str) -> tuple[list[str], list[str]]:
    """The terms of a text in order, and its normalized, unstemmed words."""
    text_tokens = _tokens_without_offsets(text)
    return [token.term for token in text_tokens], [token.word for token in text_tokens]


def terms(text: str) -> list[str]:
    """The terms of a text in order, without offsets."""
    return [token.term for token in _tokens_without_offsets(text)]


def words(text: str) -> list[str]:
    """The normalized, unstemmed words of a text in order: what wildcards and fuzzy words are compared with."""
    return [token.word for token in _tokens_without_offsets(text)]


def _tokens_without_offsets(text: str) -> list[Token]:
    """The tokens of a text in order. Their offsets count from the piece, not from the text: do not use them."""
    tokens_by_piece = list(map(piece_tokens, text.split(" ")))
    return tokens(text) if None in tokens_by_piece else [token for piece in tokens_by_piece for token in piece or ()]


@lru_cache(maxsize=50_000)
def keyword_key(value: str) -> str:
    """What keyword fields are compared by: the whole value, folded, with single spaces."""
    return " ".join(fold(value).split())


@lru_cache(maxsize=50_000)
def name_key(value: str) -> str:
    """What fields of names are compared by: the whole name, folded, letters and digits only.

    So product:S400 is product:"S-400", and person:"jens stoltenberg" is Jens Stoltenberg.
    """
    folded = fold(value)
    key = "".join(character for character in folded if character.isalnum())
    return key or keyword_key(value)
