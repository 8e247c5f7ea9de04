"""IPTC 7901, the message format of the teleprinter lines: header, keyword line, text and trailer between control codes.

    SOH source-and-number priority category words service  CRLF  keywords/  STX text ETX time EOT

Source: IPTC 7901 "The text transmission format", revision 5. As the agencies that still send it do, the lines after STX
up to one that ends in "=" (or else up to the first empty one) are take lines, notes, headline and byline.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from pipeline.errors import ParseError
from pipeline.models import RawDocument, Rejected
from pipeline.parse.conventions.agencies import known_agency
from pipeline.parse.fields import Fields
from pipeline.parse.io.decode import decode, one_line
from pipeline.parse.rejected import reject
from pipeline.parse.values.identity import text_uri
from pipeline.parse.values.written_times import month_number
from pipeline.wire.take_line import FIRST, TakeRole, read_take_words

_SOH, _STX, _ETX, _EOT = "\x01", "\x02", "\x03", "\x04"
_LARGEST = 16 * 1024 * 1024
_HEADER = re.compile(r"(?P<source>[A-Za-z]{1,6})(?P<number>\d{1,6})\s(?P<priority>[1-9])\s(?P<rest>[^\r\n]{0,80})")
_STAMP = re.compile(r"\s{0,9}(\d\d)(\d\d)(\d\d)\s?(?:GMT|UTC|Z|[A-Z]{3,4})?\s([^\W\d_]{3,9})\.?\s(\d{2,4})")
_BYLINE = re.compile(r"(?:by|von|par|por|di)\s[^\W\d_]", re.I)
# What follows is for editors' eyes only, or lists pictures and telephone numbers.
_NOTEBOOK = re.compile(
    r"^(?:#{1,3}\s[^\n]{1,60}|\*\s\*\s\*(?:\s\*)?\s*\n[^\n]{0,40}(?:not\s(?:intended\s)?for\spublication|nicht\szur\sver)[^\n]*)$",
    re.M | re.I,
)
_MOST_HEADING_LINES = 12
# A message that a program has saved without its control codes: header, keywords, story, stamp.
_BARE_HEADER = r"[a-z]{2,5}\d{3,6} [1-9] [a-z]{1,3} {1,4}\d{1,5}\b[^\n]{0,60}"
_BARE = re.compile(
    rf"\s{{0,40}}(?P<header>{_BARE_HEADER})\n\s{{0,20}}(?:/?(?P<keywords>[^\n=]{{1,120}})/\s{{0,3}}\n)?"
    r"(?P<content>.*)\n\s{0,20}(?P<stamp>\d{6} (?:GMT|UTC) [^\W\d_]{3} \d\d)\s{0,80}",
    re.S,
)


@dataclass(frozen=True, slots=True)
class _Heading:
    headline: str = ""
    byline: str | None = None
    note: str | None = None
    role: TakeRole = FIRST


def read(document: RawDocument) -> Iterator[Fields | Rejected]:
    """Read the messages in a document, one after the other; one that cannot be read is Rejected."""
    if len(document.content) > _LARGEST:
        raise ParseError(f"{len(document.content)} bytes of IPTC 7901; at most {_LARGEST} are read at once")
    text = decode(document.content, document.charset or "latin-1")
    if _SOH not in text:
        text = _with_codes(text)
    for number, message in enumerate(text.split(_SOH)[1:], start=1):
        try:
            yield _fields(message, document)
        except ParseError as error:
            yield reject(document, f"message {number}", str(error), message)


def _with_codes(text: str) -> str:
    """Return a message with the control codes that it has lost.

    Raises:
        ParseError: It has no stamp at its end, so that it is cut off.
    """
    bare = _BARE.fullmatch(text.replace("\r\n", "\n"))
    if bare is None:
        raise ParseError(
            "a message of IPTC 7901 that is cut off; expected its time at the end, as in 101130 GMT Nov 17"
        )
    return f"{_SOH}{bare['header']}\n{bare['keywords'] or ''}\n{_STX}{bare['content']}\n{_ETX}{bare['stamp']}"


def _fields(message: str, document: RawDocument) -> Fields:
    head, started, rest = message.partition(_STX)
    if not started:
        raise ParseError("the message has no text; expected STX after the keyword line")
    content, _, trailer = rest.partition(_ETX)
    header = _HEADER.match(head)
    keywords = "".join(head.splitlines()[1:]).strip().rstrip("/").strip() if header else ""
    heading, body = _split(content.replace("\r\n", "\n"))
    body = _for_readers(body)
    if not heading.headline and not body.strip():
        raise ParseError("the message has neither headline nor text")
    sent = _sent(trailer.partition(_EOT)[0])
    agency = _agency(header["rest"]) if header else None
    scope = agency or document.publisher or (header["source"] if header else "")
    return Fields(
        uri=text_uri(scope, sent.date().isoformat() if sent else "", body.strip() or heading.headline),
        headline=heading.headline,
        slugline=keywords or None,
        body=body,
        byline=heading.byline,
        agency=agency,
        source=agency,
        urgency=header["priority"] if header else None,
        published_at=sent,
        updated_at=sent,
        note=heading.note,
        role=heading.role,
    )


def _split(content: str) -> tuple[_Heading, str]:
    """Split the lines before the story from the story."""
    lines = content.split("\n")
    end = next((index for index, line in enumerate(lines[:_MOST_HEADING_LINES]) if line.rstrip().endswith("=")), None)
    if end is None:
        end = next((index - 1 for index, line in enumerate(lines[:_MOST_HEADING_LINES]) if not line.strip()), -1)
    heading = _read_heading("\n".join(lines[: end + 1]))
    return heading, "\n".join(lines[end + 1 :])


def _read_heading(text: str) -> _Heading:
    """Read the lines before a story.

    Take lines, notes and the byline are lines of their own; what is left is the headline.
    """
    heading = _Heading()
    titles: list[str] = []
    for line in _joined_notes(text.replace("\x07", "").rstrip(" =\n")):
        role = read_take_words(line)
        if line.startswith("("):
            heading = replace(heading, note=heading.note or line)
        elif role is not FIRST:
            first = heading.role
            combined = role if first is FIRST else replace(first, number=first.number or role.number)
            heading = replace(heading, role=combined)
        elif _BYLINE.match(line):
            heading = replace(heading, byline=line)
        elif not line.isupper() or len(line) > 24:
            titles.append(line)
    return replace(heading, headline=" ".join(titles))


def _joined_notes(text: str) -> list[str]:
    """Return the lines, those of one note in brackets as one."""
    joined: list[str] = []
    for line in filter(None, map(one_line, text.split("\n"))):
        if joined and joined[-1].startswith("(") and not joined[-1].endswith(")"):
            joined[-1] += f" {line}"
        else:
            joined.append(line)
    return joined


def _for_readers(body: str) -> str:
    notebook = _NOTEBOOK.search(body)
    return (body[: notebook.start()] if notebook else body).strip("\n")


def _sent(trailer: str) -> datetime | None:
    """Read when a message was sent: "212322 GMT Nov 18" is day, time, month and year."""
    stamp = _STAMP.match(trailer)
    month = month_number(stamp[4]) if stamp else None
    if stamp is None or month is None:
        return None
    year = int(stamp[5])
    try:
        return datetime(
            year if year > 99 else 2000 + year if year < 70 else 1900 + year,
            month, int(stamp[1]), int(stamp[2]), int(stamp[3]), tzinfo=UTC,
        )  # fmt: skip
    except ValueError:
        return None


def _agency(service: str) -> str | None:
    """Return the agency among category, word count and service codes: "i 211 ccccb   dpa 061"."""
    for word in reversed(service.split()):
        if word.isalpha() and len(word) > 1 and (agency := known_agency(word)):
            return agency
    return None
