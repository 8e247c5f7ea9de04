"""A text as words: which are neighbours, which are capitalised, which open a sentence."""

import re
from bisect import bisect_left, bisect_right

from pipeline.text.fold import fold
from pipeline.text.stopwords import word_set

# "Beijing-based", "Iran-backed": the name ends before the hyphen; "Moon Jae-in" goes on after it.
_TAILS = r"[a-z]*(?:ed|ing|born|run|made|wide|style|era|led|held|bound|like|free|long|only|owned|old|wing)"
_WORD = re.compile(
    r"(?:[A-Z]\.){2,}|'s\b|[^\W_]+(?:(?:'(?!s\b)|[.&]|-(?=[A-Z\d])|-(?=[a-z]+)(?!(?:" + _TAILS + r")\b))[^\W_]+)*|\S"
)
_ABBREVIATED = word_set(
    "mr mrs ms dr prof gen lt col maj capt sgt adm sen rep gov rev st jr sr inc corp co ltd no vs u.s u.n cmdr brig "
    "pvt cpl ft mt"
)
# Least number of words, and share of capitalised ones. A body may hold a list of names, so it needs more.
_TITLED_HEADLINE, _TITLED_BODY = (3, 0.8), (10, 0.95)
_ENDS = frozenset(".!?")
_OPENING = frozenset("\"'`“‘(:;–—")


class TokenTable:
    """The words of a text in parallel lists.

    Attributes:
        text: The text.
        words: The words.
        keys: The folded words.
        starts: Offset of each word's first character.
        ends: Offset after each word's last character.
        capital: Whether the word begins with a capital.
        opens: Whether the word is the first of a sentence or quotation.
        joined: Whether at most one space stands between the word and the one before it.
        shouting: Whether the text is written mostly in capitals.
        titled: Whether nearly every word is capitalised, so that capitals tell nothing.
    """

    def __init__(self, text: str, headline: bool = False) -> None:
        self.text = text
        matches = list(_WORD.finditer(text))
        self.words = [match.group() for match in matches]
        self.keys = [fold(word) for word in self.words]
        self.starts = [match.start() for match in matches]
        self.ends = [match.end() for match in matches]
        self.capital = [word[0].isupper() for word in self.words]
        self.opens = [self._opens_sentence(index) for index in range(len(self.words))]
        self.joined = [False] + [
            self.starts[i] - self.ends[i - 1] <= 1 and text[self.ends[i - 1] : self.starts[i]] in ("", " ")
            for i in range(1, len(self.words))
        ]
        letters = [word for word in self.words if word[0].isalpha()]
        self.shouting = len(letters) > 1 and sum(map(str.isupper, letters)) > 0.6 * len(letters)
        long = [word for word in letters if len(word) > 3]
        least, most = _TITLED_HEADLINE if headline else _TITLED_BODY
        self.titled = len(long) >= least and sum(word[0].isupper() for word in long) > most * len(long)

    def _opens_sentence(self, index: int) -> bool:
        if index == 0:
            return True
        before = self.words[index - 1]
        if before in _OPENING or "\n" in self.text[self.ends[index - 1] : self.starts[index]]:
            return True
        if before not in _ENDS:
            return False
        previous = self.words[index - 2] if index > 1 else ""
        abbreviated = before == "." and (
            previous.lower() in _ABBREVIATED or (len(previous) == 1 and previous.isupper())
        )
        return not abbreviated

    def range_of(self, start: int, end: int) -> tuple[int, int]:
        """The first word that the characters ``start`` to ``end`` touch, and the word after the last one."""
        return bisect_right(self.ends, start), bisect_left(self.starts, end)

    def between(self, first: int, last: int) -> str:
        """The text from word ``first`` up to and without word ``last``."""
        return self.text[self.starts[first] : self.ends[last - 1]]

    def is_name_word(self, index: int) -> bool:
        """Whether there is a word at this index and it is capitalised."""
        return 0 <= index < len(self.words) and self.capital[index]

    def initial(self, index: int) -> bool:
        """Whether the word is a single capital letter and a full stop follows, as in "J. Smith"."""
        return (
            0 <= index < len(self.words) - 1
            and len(self.words[index]) == 1
            and self.capital[index]
            and self.words[index + 1] == "."
            and self.joined[index + 1]
        )
