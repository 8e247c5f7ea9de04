"""From the typed query to luqum's syntax tree, with errors that say where.

What Lucene accepts and luqum's grammar does not is put into its terms first, remembering where each character came
from: ``&&``, ``||`` and ``!``, and the curly quotes that are copied out of stories.
"""

import re
from dataclasses import dataclass
from typing import Any

from pipeline.errors import QueryError

MAX_LENGTH = 10_000
MAX_DEPTH = 50

_OPERATOR = re.compile(r"(?<![^\s(])(?:(&&|\|\|)(?=[\s(])|!(?=[^\s=]))")
_REWRITTEN = {"&&": "AND", "||": "OR", "!": "NOT "}
_POSITION = re.compile(r"at position (\d+)")
_UNEXPECTED = re.compile(r"unexpected  '(.*)' at", re.DOTALL)
_CLOSERS = {"(": ")", "[": "]}", "{": "]}"}
_PLAIN = re.compile(r"[^\W_]+(?: [^\W_]+)*")
_WORD = re.compile(r"[^\W_]+")
_RESERVED = {"AND", "OR", "NOT", "TO"}
_QUOTES = str.maketrans("“”„", '"""')


@dataclass(frozen=True, slots=True)
class PlainWord:
    """A word of a query, as luqum's ``Word``: also one that stands for several of the typed words."""

    value: str
    pos: int | None
    children: tuple[()] = ()


@dataclass(frozen=True, slots=True)
class PlainWords:
    """Words beside each other, as luqum's ``UnknownOperation``."""

    children: tuple[PlainWord, ...]
    pos: int = 0


class Source:
    """A query as typed and as luqum reads it. ``at`` turns a position in the latter into one in the former."""

    def __init__(self, query: str) -> None:
        self.query = query
        self._check_size()
        self._origins: list[int] | None = None
        self.plain = _PLAIN.fullmatch(query) is not None and _RESERVED.isdisjoint(query.split(" "))
        if self.plain:
            self.text = query
            return
        text = query.translate(_QUOTES)
        quoted = self._check_balance(text)
        self.text, self._origins = _for_luqum(text, quoted)

    def at(self, position: int | None) -> int | None:
        """The typed position."""
        if position is None or self._origins is None:
            return position
        return self._origins[position] if position < len(self._origins) else len(self.query)

    def error(self, reason: str, position: int | None = None) -> QueryError:
        """An error at a position of luqum's text."""
        return QueryError(reason, self.query, self.at(position))

    def parse(self) -> Any:
        """The syntax tree in luqum's terms; a query of words alone needs no luqum. Raises QueryError."""
        if self.plain:
            words = [PlainWord(match.group(), match.start()) for match in _WORD.finditer(self.query)]
            return words[0] if len(words) == 1 else PlainWords(tuple(words))
        # Loaded when first needed: luqum builds its tables then.
        from luqum.exceptions import ParseError
        from luqum.thread import parse

        try:
            return parse(self.text)
        except ParseError as error:
            raise self._explained(str(error)) from None

    def _explained(self, message: str) -> QueryError:
        position = _POSITION.search(message)
        if position is None:
            return self.error("something is missing after this", len(self.text))
        unexpected = _UNEXPECTED.search(message)
        what = repr(unexpected[1]) if unexpected and unexpected[1].strip() else "this"
        return self.error(f"{what} was not expected here; quote it if it is meant as text", int(position[1]))

    def _check_size(self) -> None:
        if not self.query.strip():
            raise QueryError("the query is empty; write *:* for every story", self.query, 0)
        if len(self.query) > MAX_LENGTH:
            reason = f"it has {len(self.query)} characters, and {MAX_LENGTH} is the most"
            raise QueryError(reason, self.query[:80] + "...", MAX_LENGTH)

    def _check_balance(self, text: str) -> list[bool]:
        """Whether each character stands inside quotes. Raises QueryError for a quote or bracket without its partner."""
        quoted, opened, quote, position = [False] * len(text), list[int](), None, 0
        while position < len(text):
            character = text[position]
            quoted[position] = quote is not None
            if character == "\\":
                position += 1
                if position < len(text):
                    quoted[position] = quote is not None
            elif character == '"':
                quote = position if quote is None else None
            elif quote is None and character in _CLOSERS:
                opened.append(position)
                if len(opened) > MAX_DEPTH:
                    raise QueryError(f"more than {MAX_DEPTH} brackets within each other", self.query, position)
            elif quote is None and character in ")]}" and (not opened or character not in _CLOSERS[text[opened.pop()]]):
                raise QueryError(f"{character!r} closes nothing that is open", self.query, position)
            position += 1
        if quote is not None:
            raise QueryError("the quote that opens here is never closed", self.query, quote)
        if opened:
            raise QueryError(f"{text[opened[-1]]!r} is never closed", self.query, opened[-1])
        return quoted


def _for_luqum(text: str, quoted: list[bool]) -> tuple[str, list[int] | None]:
    """The text with Lucene's other operators spelt out, and where each character came from (None: all in place)."""
    operators = [match for match in _OPERATOR.finditer(text) if not quoted[match.start()]]
    if not operators:
        return text, None
    pieces, origins, done = list[str](), list[int](), 0
    for match in operators:
        spelt = _REWRITTEN[match.group()]
        pieces += [text[done : match.start()], spelt]
        origins += [*range(done, match.start()), *[match.start()] * len(spelt)]
        done = match.end()
    return "".join((*pieces, text[done:])), [*origins, *range(done, len(text))]
