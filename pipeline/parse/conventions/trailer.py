"""The trailer of a body: credits of reporters and editors, initials, notices, after the last sentence."""

import re

from pipeline.models import Span
from pipeline.parse.conventions.editors_note import note_end, read_note
from pipeline.parse.io.decode import skip_spaces
from pipeline.wire.take_line import FIRST

_TAIL = 2500  # characters at a body's end in which a trailer is looked for
_COPYRIGHT_OPENER = re.compile(r"(?:©|\(c\)|copyright)\s", re.I)
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


def find_trailer(body: str) -> Span | None:
    """Find the editors' credits, initials and notices after a story's text; None if there are none."""
    end = len(body.rstrip())
    floor = max(0, end - _TAIL)
    trailer_start: int | None = None
    for start, stop in _closing_blocks(body, floor, end):
        block = body[start:stop]
        if _TRAILER.match(block) and _closes(block):
            trailer_start = start
            continue
        inline = _last_credit(block)
        if inline is not None:
            trailer_start = start + inline
        break
    return Span(trailer_start, end) if trailer_start else None


def _closing_blocks(body: str, floor: int, end: int) -> list[tuple[int, int]]:
    """Return the spans of a body's last lines, last first; a line goes on until an empty one or a trailer's opener."""
    blocks: list[tuple[int, int]] = []
    stop = end
    while stop > floor and len(blocks) < 8:
        start = _block_start(body, floor, stop)
        if start is None:
            break
        begin = skip_spaces(body, start, stop)
        if begin < stop:
            blocks.append((begin, stop))
        stop = _before_spaces(body, floor, start)
    return blocks


def _block_start(body: str, floor: int, stop: int) -> int | None:
    """Return where the last block before ``stop`` begins; None if it reaches over the window's edge."""
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
    """Return where credits in brackets begin that close a paragraph: "... said. (Reporting by A; Editing by B)"."""
    if not block.rstrip().endswith(")"):
        return None
    offset = max(0, len(block) - 800)
    credits_ = _INLINE_TRAILER.search(block, offset)
    return None if credits_ is None else credits_.start()


def trailing_note(body: str, trailer: Span) -> str | None:
    """Return an editor's note among the credits: "(This story has been refiled to fix a typo in the headline)"."""
    at = body.find("(", trailer.start, trailer.end)
    while at >= 0:
        end = note_end(body, at)
        if end is not None and read_note(body[at:end]) is not FIRST:
            return body[at:end]
        at = body.find("(", at + 1, trailer.end)
    return None
