"""JSON documents: one value, or one object a line, told apart and read with bounded memory."""

import io
import json
from collections.abc import Iterator
from typing import Any

from pipeline.errors import ParseError
from pipeline.models import RawDocument, Rejected, Story
from pipeline.parse.assemble import PAYLOAD_LIMIT, rejected
from pipeline.parse.io.compressed import lines_of
from pipeline.parse.io.decode import decode

# A file whose first lines are all unreadable is not JSON lines; until one is readable, that many are held back.
_HELD_BACK = 50


def compact(value: object) -> str:
    """A JSON value on one line, for quarantine."""
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    except RecursionError:  # it was read with more of the stack to spare
        return ""


def read_value(text: str) -> Any:
    """A JSON value; raises ParseError with the position of the fault."""
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ParseError(f"not valid JSON: {error.msg} (line {error.lineno}, column {error.colno})") from error
    except RecursionError as error:
        raise ParseError("JSON nested too deeply to be news") from error
    except ValueError as error:  # a number of more digits than Python converts
        raise ParseError(f"not valid JSON: {error}") from error


def read_document(document: RawDocument) -> Iterator[Story | Rejected]:
    """Stories of a JSON document: a JSON Feed, a ninjs object or collection, or one ninjs object a line."""
    text = decode(document.content, document.charset)
    first, _, rest = text.lstrip().partition("\n")
    if rest.strip() and _whole_object(first):
        yield from read_line_document(document)
        return
    yield from _read_whole(read_value(text), document)


def _whole_object(line: str) -> bool:
    line = line.strip()
    if not (line.startswith("{") and line.endswith("}")):
        return False
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _read_whole(value: Any, document: RawDocument) -> Iterator[Story | Rejected]:
    from pipeline.parse.formats import jsonfeed, ninjs

    if isinstance(value, dict) and jsonfeed.recognises(value):
        yield from jsonfeed.read(value, document)
    elif isinstance(value, list) or (isinstance(value, dict) and ninjs.recognises(value)):
        yield from ninjs.read(value, document)
    else:
        raise ParseError(
            "JSON, but neither a ninjs object or collection nor a JSON Feed: expected a uri, headline or body"
        )


def read_line_document(document: RawDocument) -> Iterator[Story | Rejected]:
    """Stories of a document in memory that its carrier calls JSON lines."""
    yield from read_lines(lines_of(io.BytesIO(document.content).readline), document)


def read_lines(lines: Iterator[bytes], document: RawDocument) -> Iterator[Story | Rejected]:
    """Stories of JSON lines, one ninjs object each, as they come. A bad line is Rejected and the rest goes on, and so
    is the place where ``lines`` breaks off; raises ParseError if the first lines are all unreadable, or if there are
    none."""
    from pipeline.parse.formats import ninjs

    held: list[Rejected] = []
    readable = False
    for part, line, fault in _numbered(lines):
        value = None
        if fault is None:
            try:
                value = read_value(_decoded(line, document.charset))
            except ParseError as error:
                fault = str(error)
        if fault is not None:
            failed = rejected(document, part, fault, line[:PAYLOAD_LIMIT])
            if readable:
                yield failed
                continue
            held.append(failed)
            if len(held) >= _HELD_BACK:
                break
            continue
        if not readable:
            readable = True
            yield from held
        yield from ninjs.read(value, document, part)
    if not readable:
        reason = f"; the first fault: {held[0].part}, {held[0].reason}" if held else ""
        raise ParseError(f"no line holds a JSON object, expected one ninjs object a line{reason}")


def _numbered(lines: Iterator[bytes]) -> Iterator[tuple[str, bytes, str | None]]:
    """The lines that are not empty by their number; last, where they break off, the reason."""
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
