"""JSON lines: one ninjs object per line, read as they come, with bounded memory."""

import io
from collections.abc import Iterator

from pipeline.errors import ParseError
from pipeline.models import RawDocument, Rejected
from pipeline.parse.fields import Fields
from pipeline.parse.formats import ninjs
from pipeline.parse.io.compressed import lines_of
from pipeline.parse.io.decode import decode
from pipeline.parse.io.json_values import read_json
from pipeline.parse.rejected import PAYLOAD_LIMIT, reject

# A file whose first lines are all unreadable is not JSON lines; until one is readable, that many are held back.
_HELD_BACK = 50


def read(document: RawDocument) -> Iterator[Fields | Rejected]:
    """Read the takes of a document in memory; see ``read_lines``."""
    yield from read_lines(lines_of(io.BytesIO(document.content).readline), document)


def read_lines(lines: Iterator[bytes], document: RawDocument) -> Iterator[Fields | Rejected]:
    """Read the take of each line as it comes.

    A line that cannot be read is Rejected, and the rest goes on. The place where ``lines`` breaks off is Rejected, too.

    Raises:
        ParseError: The first lines are all unreadable, or there are none.
    """
    held_back: list[Rejected] = []
    readable = False
    for part, line, fault in _numbered(lines):
        value = None
        if fault is None:
            try:
                value = read_json(_decoded(line, document.charset))
            except ParseError as error:
                fault = str(error)
        if fault is not None:
            failed = reject(document, part, fault, line[:PAYLOAD_LIMIT])
            if readable:
                yield failed
                continue
            held_back.append(failed)
            if len(held_back) >= _HELD_BACK:
                break
            continue
        if not readable:
            readable = True
            yield from held_back
        yield from ninjs.read(value, document, part)
    if not readable:
        reason = f"; the first fault: {held_back[0].part}, {held_back[0].reason}" if held_back else ""
        raise ParseError(f"no line holds a JSON object, expected one ninjs object a line{reason}")


def _numbered(lines: Iterator[bytes]) -> Iterator[tuple[str, bytes, str | None]]:
    """Yield the lines that are not empty with their numbers and, where they break off, the reason."""
    number = 0
    try:
        for number, line in enumerate(lines, start=1):
            if not line.isspace():
                yield f"line {number}", line, None
    except ParseError as error:
        yield f"after line {number}", b"", str(error)


def _decoded(line: bytes, charset: str | None) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError:
        return decode(line, charset)
