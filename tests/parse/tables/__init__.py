"""Datelines and take lines in the shapes that agencies write them, as tables.

Rules were made on the odd rows. The even rows were first read when that was done: 75 of 88 datelines and 56 of 56 take
lines were right (68 and 36 before). Six of the datelines were mended afterwards, so that they are reported no longer.

    python -m tests.parse.tables      prints both shares, and what fails of the development rows
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pipeline.parse.wire_marks.wire_marks import find_dateline, without_take_line
from pipeline.wire.take_line import read_take_line
from tests.parse.documents import ARRIVED

_FOLDER = Path(__file__).parent
_BREAK = "¶"  # a line's end, in the tables


@dataclass(frozen=True, slots=True)
class DatelineRow:
    """text: the dateline with what follows it; written: the dateline alone, empty where the text has none."""

    text: str
    written: str
    place: str | None
    agency: str | None
    day: date | None

    def read(self) -> bool:
        """Whether the dateline found is the one that the row asks for."""
        found = find_dateline(self.text, ARRIVED)
        if found is None or not self.written:
            return found is None and not self.written
        end = self.text.index(self.written) + len(self.written)
        same_day = self.day is None or found.day == self.day
        return found.span.end == end and (found.place, found.agency) == (self.place, self.agency) and same_day


@dataclass(frozen=True, slots=True)
class TakeRow:
    """text: a headline; rest: the same without its take line."""

    text: str
    kind: str
    number: int | None
    corrected: bool
    rest: str

    def read(self) -> bool:
        """Whether the take line found is the one that the row asks for."""
        take, _ = read_take_line(self.text)
        said = (take.kind.value, take.number, take.corrected)
        return said == (self.kind, self.number, self.corrected) and without_take_line(self.text) == self.rest


def _rows(name: str) -> list[list[str]]:
    lines = (_FOLDER / name).read_text(encoding="utf-8").splitlines()
    return [line.replace(_BREAK, "\n").split("\t") for line in lines]


def _dateline(written: str, rest: str, place: str, agency: str, day: str) -> DatelineRow:
    text = f"{written} {rest}".lstrip()
    own_line = written.rsplit("\n", 1)[-1].strip()
    return DatelineRow(text, own_line, place or None, agency or None, date.fromisoformat(day) if day else None)


def _take(text: str, kind: str, number: str, corrected: str, rest: str) -> TakeRow:
    return TakeRow(text, kind, int(number) if number else None, corrected == "yes", rest)


DATELINES = [_dateline(*row) for row in _rows("datelines.tsv")]
TAKE_LINES = [_take(*row) for row in _rows("takelines.tsv")]


def development(rows: Sequence[DatelineRow] | Sequence[TakeRow]) -> Sequence[DatelineRow] | Sequence[TakeRow]:
    """The rows that rules were made on."""
    return rows[::2]


def reported(rows: Sequence[DatelineRow] | Sequence[TakeRow]) -> Sequence[DatelineRow] | Sequence[TakeRow]:
    """The rows that rules were measured on."""
    return rows[1::2]
