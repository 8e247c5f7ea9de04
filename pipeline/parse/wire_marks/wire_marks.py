"""Wire conventions in a story's own words: take line, editor's note, dateline, trailer.

headline, slug line  ->  take kind and number
body                 ->  note  dateline  ...text...  trailer      (spans; the body itself is never touched)
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime

from pipeline.models import Span, TakeKind
from pipeline.parse.wire_marks.dateline import Dateline, dateline_at
from pipeline.parse.wire_marks.editors_note import note_end, read_note
from pipeline.wire.slugline import read_slugline
from pipeline.wire.take_line import FIRST, TakeRole, read_take_line

__all__ = ["Dateline", "WireMarks", "find_dateline", "find_trailer", "read_wire"]

_PREAMBLE_LINES = 12
_PREAMBLE = 3000
_TAIL = 2500

_BYLINE = re.compile(r"(?:by|von|par|por|di)\s[^\W\d_].{0,120}$", re.I)
_BULLET = re.compile(r"[*•·▪►-]\s")
_COPYRIGHT_OPENER = re.compile(r"(?:©|\(c\)|copyright)\s", re.I)
_HINTS = ("(", "/", " -", "--", "–", "—", "―", " _")

_CREDITS = (
    r"(?:additional\s)?(?:reporting|writing|editing|compiled|edited|written|reported|translat(?:ion|ed)|graphics?|photos?|"
    r"production|research)(?:\s(?:and|by)\s(?:editing|writing)?)?\s?by\b|(?:reporting|writing|editing):\s"
)
_TRAILER = re.compile(
    r"\s{0,8}(?:"
    r"\(\s?(?:" + _CREDITS + r")|(?:" + _CREDITS + r")"
    r"|\(?this\s(?:[\w.,]{1,12}\s){0,4}(?:story|version|item|article|copy)\s(?:has\sbeen\s|was\s|is\s)?"
    r"(?:correct|refil|repeat|updat|clarif|re-?filed)"
    r"|\(?this\sreport\sby\s(?:the\s)?[\w\s]{2,30}\swas\sfirst\spublished\b"
    r"|our\sstandards:|keywords:\s|for\s(?:more|further)\sinformation\b|see\smore\son\b"
    r"|(?:the\s)?(?:associated\spress|ap|reuters|afp)\s(?:writers?|correspondents?|reporters?|journalists?)\s.{1,300}contribut"
    r"|_{2,}\s*$|-30-\s*$|\(?ends?\)?\s*$|###\s*$|\((?:[a-z]{2,5}[-/]){0,4}[a-z]{2,5}\)\s*$"
    r"|(?:bur-|[a-z]{2,4}[-/])(?:[a-z]{1,4}[-/]){0,4}[a-z]{2,4}\s*$"
    r"|(?:aap|afp|ap|dpa|pa|upi|xinhua)(?:\s[a-z]{2,4}){1,4}\s*$"
    r"|(?:/(?:ritzau|tt|ntb|stt|apa|sda|ats|ansa)/|={2}\s?kyodo|\((?:ansa|efe|apa|ntb|businessdesk|end)\)\.?)\s*$"
    r"|\(?(?:©|\(c\)|copyright)\s"
    r")",
    re.I,
)
_NAMED = re.compile(r"[a-z\s]{1,40}?\sby\s+(\S)", re.I)
_INLINE_TRAILER = re.compile(r"\(\s?(?:" + _CREDITS + r")", re.I)


@dataclass(frozen=True, slots=True)
class WireMarks:
    """What a story's text says about itself. note: the editor's note, in the text as ``TakeRole.note`` too."""

    take: TakeRole = FIRST
    dateline: Dateline | None = None
    trailer: Span | None = None


def read_wire(
    headline: str,
    slugline: str | None,
    body: str,
    fetched_at: datetime,
    *,
    note: str | None = None,
    said: TakeRole = FIRST,
) -> WireMarks:
    """Everything above from one story. note: an editor's note that came beside the text; said: what the publisher says
    of the take outside its text. The headline's take line outranks that, that the slug's, that the note's."""
    dateline, inner_note = _head(body, fetched_at)
    trailer = find_trailer(body)
    take = read_take_line(headline)[0] if headline else FIRST
    if said is not FIRST:
        take = said if take is FIRST else replace(take, corrected=take.corrected or said.corrected)
    if slugline and (slug := read_slugline(slugline)) is not FIRST:
        take = slug if take is FIRST else replace(take, number=take.number or slug.number)
    if inner_note is None and trailer is not None:
        inner_note = _trailing_note(body, trailer)
    for written in (note, inner_note):
        if written is not None:
            take = _noted(take, written)
    return WireMarks(take, dateline, trailer)


def _noted(take: TakeRole, note: str) -> TakeRole:
    said = read_note(note)
    kind = said.kind if take.kind is TakeKind.FIRST or said.kind is TakeKind.KILL else take.kind
    return replace(take, kind=kind, corrected=take.corrected or said.corrected, note=take.note or note)


def find_dateline(body: str, fetched_at: datetime) -> Dateline | None:
    """The dateline at the head of a body, after at most a headline, notes, bullets and a byline; or None."""
    return _head(body, fetched_at)[0]


def _head(body: str, fetched_at: datetime) -> tuple[Dateline | None, str | None]:
    """The dateline and the editor's note of a body."""
    opening = body[:200]
    if not any(hint in opening for hint in _HINTS) and "\n" not in opening:
        return None, None
    note: str | None = None
    only_notes = True
    for start, end in _opening_lines(body):
        end_of_note = note_end(body, start)
        if end_of_note is not None:
            note = note or body[start:end_of_note]
            start = _after_spaces(body, end_of_note)
            if start >= end:
                continue
        dateline = dateline_at(body, start, fetched_at, first=only_notes)
        if dateline is not None:
            after = _after_spaces(body, dateline.span.end)
            end_of_note = note_end(body, after) if note is None else None
            return dateline, body[after:end_of_note] if end_of_note else note
        only_notes = only_notes and _is_preamble(body[start:end])
    return None, note


def _opening_lines(body: str) -> list[tuple[int, int]]:
    """Start (after its indentation) and end of the first lines that are not empty."""
    lines: list[tuple[int, int]] = []
    at = 0
    limit = min(len(body), _PREAMBLE)
    while at < limit and len(lines) < _PREAMBLE_LINES:
        end = body.find("\n", at, limit)
        end = limit if end < 0 else end
        start = _after_spaces(body, at, end)
        if start < end:
            lines.append((start, end))
        at = end + 1
    return lines


def _after_spaces(text: str, start: int, end: int | None = None) -> int:
    end = len(text) if end is None else end
    while start < end and text[start].isspace():
        start += 1
    return start


def _is_preamble(line: str) -> bool:
    """A byline, bullet or copyright line that may stand before a dateline."""
    return bool(_BYLINE.match(line) or _BULLET.match(line) or _COPYRIGHT_OPENER.match(line))


def find_trailer(body: str) -> Span | None:
    """The editors' credits, initials and notices after a story's text, or None."""
    end = len(body.rstrip())
    floor = max(0, end - _TAIL)
    found: int | None = None
    for start, stop in _closing_blocks(body, floor, end):
        block = body[start:stop]
        if _TRAILER.match(block) and _closes(block):
            found = start
            continue
        inline = _last_credit(block)
        if inline is not None:
            found = start + inline
        break
    return None if found is None or found == 0 else Span(found, end)


def _closing_blocks(body: str, floor: int, end: int) -> list[tuple[int, int]]:
    """The body's last lines, last first; a line goes on until an empty one or a trailer's opener."""
    blocks: list[tuple[int, int]] = []
    stop = end
    while stop > floor and len(blocks) < 8:
        start = _block_start(body, floor, stop)
        if start is None:
            break
        begin = _after_spaces(body, start, stop)
        if begin < stop:
            blocks.append((begin, stop))
        stop = _before_spaces(body, floor, start)
    return blocks


def _block_start(body: str, floor: int, stop: int) -> int | None:
    """Where the last block before ``stop`` begins; None if it reaches over the window's edge."""
    at = stop
    while True:
        newline = body.rfind("\n", floor, at)
        if newline < 0:
            return 0 if floor == 0 else None
        line_start = newline + 1
        if (
            _TRAILER.match(body, line_start, stop)
            or body[line_start : line_start + 1] in "\t "
            or not body[floor:newline]
        ):
            return line_start
        previous = body.rfind("\n", floor, newline)
        if not body[previous + 1 : newline].strip():
            return line_start
        at = newline


def _before_spaces(text: str, floor: int, end: int) -> int:
    while end > floor and text[end - 1].isspace():
        end -= 1
    return end


def _closes(block: str) -> bool:
    """Credits in brackets must close them; others name somebody and are short, else they are prose."""
    if block.startswith("(") and not _COPYRIGHT_OPENER.match(block):
        return block.rstrip(" .\n").endswith(")")
    named = _NAMED.match(block)
    return named is None or (named[1].isupper() and (";" in block or len(block) <= 90))


def _last_credit(block: str) -> int | None:
    """Where credits in brackets begin that close a paragraph: "... sources said. (Reporting by A; Editing by B)"."""
    if not block.rstrip().endswith(")"):
        return None
    offset = max(0, len(block) - 800)
    found = _INLINE_TRAILER.search(block, offset)
    return None if found is None else found.start()


def _trailing_note(body: str, trailer: Span) -> str | None:
    """An editor's note among the credits: "(This story has been refiled to fix a typo in the headline)"."""
    at = body.find("(", trailer.start, trailer.end)
    while at >= 0:
        end = note_end(body, at)
        if end is not None and read_note(body[at:end]) is not FIRST:
            return body[at:end]
        at = body.find("(", at + 1, trailer.end)
    return None
