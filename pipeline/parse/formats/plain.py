"""Plain wire text, one story per file, as telegraphed: take line or headline, notes, dateline, paragraphs, credits."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, time
from pathlib import PurePath

from pipeline.errors import ParseError
from pipeline.models import RawDocument
from pipeline.parse.conventions.find_dateline import find_dateline
from pipeline.parse.fields import Fields
from pipeline.parse.io.decode import decode, require_text
from pipeline.parse.values.identity import text_uri
from pipeline.wire.take_line import without_take_line

_LARGEST = 16 * 1024 * 1024
_TEXT_NAMES = frozenset({"", ".txt", ".text", ".wire", ".asc", ".msg"})
_MAIL = re.compile(r"\s{0,400}(?:Delivered-To|Received|Return-Path|MIME-Version|Message-ID|X-[A-Za-z-]{1,40}):\s", re.I)
_HEADLINE = re.compile(r"\s{0,400}(\S[^\n]{0,250})\n(?:[ \t]*\n)?")


def read(document: RawDocument) -> Iterator[Fields]:
    """Read the story of a text.

    Raises:
        ParseError: It is binary data, or a text of which nothing says that it is a story.
    """
    if len(document.content) > _LARGEST:
        raise ParseError(f"a text of {len(document.content)} bytes is no single story; at most {_LARGEST} are read")
    text = require_text(decode(document.content, document.charset), "the document")
    if not text.strip():
        raise ParseError("the document is empty; expected a wire story or a feed")
    if _MAIL.match(text):
        raise ParseError("an e-mail message, not a wire story; expected the story's own text")
    arrived = document.origin.fetched_at
    if find_dateline(text, arrived) is None and not _meant_as_text(document):
        raise ParseError(
            "the format is unknown; expected RSS, Atom, JSON Feed, ninjs, NewsML-G2, NITF, IPTC 7901 or plain wire text"
        )
    headline, body = _split_headline(text, arrived)
    dateline = find_dateline(body, arrived)
    agency = dateline.agency if dateline else None
    day = dateline.day if dateline else None
    opening = body[dateline.span.end :] if dateline else body
    written = day.isoformat() if day else (dateline.written_day or "") if dateline else ""
    yield Fields(
        uri=text_uri(agency or document.publisher or "", written, opening.strip() or without_take_line(headline)),
        headline=headline,
        body=body,
        source=agency,
        published_at=datetime.combine(day, time.min, UTC) if day else None,
    )


def _meant_as_text(document: RawDocument) -> bool:
    """Whether the carrier calls it plain text; a name that it does not know decides against."""
    suffix = PurePath(document.origin.location.partition("?")[0]).suffix.lower()
    declared = (document.content_type or "").partition(";")[0].strip().lower()
    return declared == "text/plain" or suffix in _TEXT_NAMES


def _split_headline(text: str, arrived: datetime) -> tuple[str, str]:
    """Split a text into headline and body.

    The headline is a first line that is not itself the dateline, a note or the story. "" stands for none.
    """
    dateline = find_dateline(text, arrived)
    first = _HEADLINE.match(text)
    if first is None:
        return "", text
    if dateline is not None and dateline.span.start < first.end():
        return "", text
    line = first[1].strip()
    if line.startswith("(") or (dateline is None and not first[0].endswith("\n\n")) or line.endswith((".", ",", ";")):
        return "", text
    rest = text[first.end() :]
    return (line, rest) if rest.strip() else ("", text)
