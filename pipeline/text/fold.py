"""Text without case and accents: how names are compared.

The query language folds by a table of its own (``query.analysis``): there Elasticsearch's filter is the contract.
"""

import re
import unicodedata

_UNFOLDABLE = str.maketrans(
    {"ı": "i", "ø": "o", "ł": "l", "đ": "d", "ß": "ss", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th"}
)


def fold(text: str) -> str:
    """Return text in lower case without diacritics; scripts other than Latin keep their letters."""
    lower = text.casefold()
    if lower.isascii():
        return lower
    plain = unicodedata.normalize("NFKD", lower.translate(_UNFOLDABLE))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def slug(name: str) -> str:
    """Return folded words joined by hyphens, for ids; names in other scripts keep their letters."""
    return "-".join(re.findall(r"\w+", unicodedata.normalize("NFKC", fold(name)))) or "unnamed"
