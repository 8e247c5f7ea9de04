"""The way in: a document in memory, or a file streamed from disk, to stories.

Each item of the document is read by its format, and what that gives is assembled to a story.
"""

import gzip
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from pipeline.errors import ParseError
from pipeline.models import Origin, RawDocument, Rejected, Story
from pipeline.parse.assemble import assemble
from pipeline.parse.fields import Fields
from pipeline.parse.formats.registry import format_of, load_reader
from pipeline.parse.io.compressed import LARGEST_DOCUMENT, MAGIC, expand, is_gzip, lines_of
from pipeline.parse.io.sniff import is_json_lines, take_sample
from pipeline.parse.rejected import reject

# A document of so many items in a row that are no stories is no news: it would only fill the quarantine.
MOST_REJECTED_IN_A_ROW = 10_000


def parse(document: RawDocument) -> Iterator[Story | Rejected]:
    """Parse a document in memory.

    Yields:
        Its stories in its order, and a Rejected for each item that is none. After 10,000 of these in a row the rest is
        not read; a last Rejected says so.

    Raises:
        ParseError: Nothing of the document can be read; raised at the first step.
    """
    yield from _stories(_items(document), document)


def _items(document: RawDocument) -> Iterator[Fields | Rejected]:
    if is_gzip(document.content):
        if is_json_lines(take_sample(document)):
            with gzip.GzipFile(fileobj=io.BytesIO(document.content)) as stream:
                yield from _read_lines(lines_of(stream.readline, len(document.content)), document)
            return
        document = replace(document, content=expand(document.content))
    if not document.content.strip():
        raise ParseError("the document is empty; expected a wire story or a feed")
    yield from format_of(take_sample(document)).read(document)


def parse_file(
    path: Path,
    origin: Origin,
    *,
    content_type: str | None = None,
    charset: str | None = None,
    publisher: str | None = None,
    language: str | None = None,
) -> Iterator[Story | Rejected]:
    """Parse a file. JSON lines, also gzipped, are streamed with one line in memory.

    Args:
        path: The file.
        origin: Where its stories are said to come from.
        content_type: What its carrier calls it; None if it does not say.
        charset: The encoding that its carrier names.
        publisher: Whose it is; scopes ids that another publisher may use as well.
        language: The language of stories that do not name their own.

    Yields:
        Stories and Rejected items, as ``parse`` does. Where a stream breaks off, what came before it stands, and the
        break is Rejected.

    Raises:
        ParseError: Nothing can be read.
    """
    carrier = RawDocument(
        origin=origin, content=b"", content_type=content_type, charset=charset, publisher=publisher, language=language
    )
    if is_json_lines(take_sample(replace(carrier, origin=replace(origin, location=path.name)))):
        yield from _stories(_items_of_stream(path, carrier), carrier)
        return
    try:
        size = path.stat().st_size
        if size > LARGEST_DOCUMENT:
            raise ParseError(
                f"{path.name} has {size} bytes; at most {LARGEST_DOCUMENT} are read (JSON lines: any number)"
            )
        content = path.read_bytes()
    except OSError as error:
        raise ParseError(f"{path} cannot be read: {error.strerror}") from error
    yield from parse(replace(carrier, content=content))


def _stories(items: Iterator[Fields | Rejected], document: RawDocument) -> Iterator[Story | Rejected]:
    """Assemble the items that are takes; stop where too many in a row are none."""
    rejected_in_a_row = 0
    for item in items:
        if isinstance(item, Fields):
            rejected_in_a_row = 0
            yield assemble(item, document)
            continue
        rejected_in_a_row += 1
        yield item
        if rejected_in_a_row == MOST_REJECTED_IN_A_ROW:
            reason = f"{MOST_REJECTED_IN_A_ROW} items in a row are no stories; the rest of the document is not read"
            yield reject(document, f"after {item.part}", reason, b"")
            return


def _items_of_stream(path: Path, carrier: RawDocument) -> Iterator[Fields | Rejected]:
    try:
        with path.open("rb") as raw:
            compressed = raw.read(2) == MAGIC
            raw.seek(0)
            if compressed:
                with gzip.GzipFile(fileobj=raw) as stream:
                    yield from _read_lines(lines_of(stream.readline, path.stat().st_size), carrier)
            else:
                yield from _read_lines(lines_of(raw.readline), carrier)
    except OSError as error:
        raise ParseError(f"{path} cannot be read: {error.strerror}") from error


def _read_lines(lines: Iterator[bytes], document: RawDocument) -> Iterator[Fields | Rejected]:
    return load_reader("json_lines:read_lines")(lines, document)
