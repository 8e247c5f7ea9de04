"""Wire conventions in a story's own words: take line, editor's note, dateline, trailer.

headline, slug line  ->  the take's role
body                 ->  note  dateline  ...text...  trailer      (spans; the body itself is never touched)
"""

from dataclasses import dataclass, replace
from datetime import datetime

from pipeline.models import Span, TakeKind
from pipeline.parse.conventions.dateline import Dateline
from pipeline.parse.conventions.editors_note import read_note
from pipeline.parse.conventions.find_dateline import read_opening
from pipeline.parse.conventions.trailer import find_trailer, trailing_note
from pipeline.wire.slugline import read_slugline
from pipeline.wire.take_line import FIRST, TakeRole, read_take_line


@dataclass(frozen=True, slots=True)
class WireConventions:
    """What a story's text says of itself.

    Attributes:
        role: The take's place in its story; the editor's note is part of it.
        dateline: None where the text has none.
        trailer: The span of the credits after the text; None where there are none.
    """

    role: TakeRole = FIRST
    dateline: Dateline | None = None
    trailer: Span | None = None


def read_conventions(
    headline: str,
    slugline: str | None,
    body: str,
    fetched_at: datetime,
    *,
    note: str | None = None,
    role: TakeRole = FIRST,
) -> WireConventions:
    """Read all conventions of one story.

    The headline's take line outranks what the publisher says outside the text, that the slug line, and that the notes.

    Args:
        headline: The headline as it came.
        slugline: The slug line; None where the format has none.
        body: The body as it came; spans are offsets in it.
        fetched_at: When the document came in; it decides the year of a dateline without one.
        note: An editor's note that came beside the text.
        role: What the publisher says of the take outside its text.
    """
    dateline, inner_note = read_opening(body, fetched_at)
    trailer = find_trailer(body)
    read = read_take_line(headline)[0] if headline else FIRST
    if role is not FIRST:
        read = role if read is FIRST else replace(read, corrected=read.corrected or role.corrected)
    if slugline and (of_slug := read_slugline(slugline)) is not FIRST:
        read = of_slug if read is FIRST else replace(read, number=read.number or of_slug.number)
    if inner_note is None and trailer is not None:
        inner_note = trailing_note(body, trailer)
    for written in (note, inner_note):
        if written is not None:
            read = _with_note(read, written)
    return WireConventions(read, dateline, trailer)


def _with_note(role: TakeRole, note: str) -> TakeRole:
    of_note = read_note(note)
    kind = of_note.kind if role.kind is TakeKind.FIRST or of_note.kind is TakeKind.KILL else role.kind
    return replace(role, kind=kind, corrected=role.corrected or of_note.corrected, note=role.note or note)
