"""The package's two doors: a document in memory, and a file streamed from disk."""

import gzip
import io
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from pipeline.errors import ParseError
from pipeline.models import Origin, RawDocument, Rejected, Story
from pipeline.parse.assemble import rejected
from pipeline.parse.formats.json_documents import read_lines
from pipeline.parse.formats.registry import format_of
from pipeline.parse.io.compressed import LARGEST_DOCUMENT, MAGIC, expand, is_gzip, lines_of
from pipeline.parse.io.sniff import is_json_lines, take_sample

# A document of so many items in a row that are no stories is no news: it would only fill the quarantine.
MOST_REJECTED_IN_A_ROW = 10_000


def parse(document: RawDocument) -> Iterator[Story | Rejected]:
    """The stories of a document, in its order, with what is no story as Rejected.

    Raises ParseError, at the first step, if nothing of the document can be read. Stops, with a last Rejected that says
    so, after 10,000 items in a row that are no stories.
    """
    yield from _bounded(_results(document), document)


def _results(document: RawDocument) -> Iterator[Story | Rejected]:
    if is_gzip(document.content):
        if is_json_lines(take_sample(document)):
            with gzip.GzipFile(fileobj=io.BytesIO(document.content)) as stream:
                yield from read_lines(lines_of(stream.readline, len(document.content)), document)
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
    """The stories of a file, as ``parse`` gives them; JSON lines (also gzipped) are streamed, one line in memory.

    Raises ParseError if nothing can be read. Where a stream breaks off, what came before it stands and the break is
    Rejected.
    """
    carrier = RawDocument(
        origin=origin, content=b"", content_type=content_type, charset=charset, publisher=publisher, language=language
    )
    if is_json_lines(take_sample(replace(carrier, origin=replace(origin, location=path.name)))):
        yield from _bounded(_stream(path, carrier), carrier)
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


def _bounded(results: Iterator[Story | Rejected], carrier: RawDocument) -> Iterator[Story | Rejected]:
    in_a_row = 0
    for result in results:
        yield result
        if isinstance(result, Story):
            in_a_row = 0
            continue
        in_a_row += 1
        if in_a_row == MOST_REJECTED_IN_A_ROW:
            yield rejected(
                carrier,
                f"after {result.part}",
                f"{MOST_REJECTED_IN_A_ROW} items in a row are no stories; the rest of the document is not read",
                b"",
            )
            return


def _stream(path: Path, carrier: RawDocument) -> Iterator[Story | Rejected]:
    try:
        with path.open("rb") as raw:
            compressed = raw.read(2) == MAGIC
            raw.seek(0)
            if compressed:
                with gzip.GzipFile(fileobj=raw) as stream:
                    yield from read_lines(lines_of(stream.readline, path.stat().st_size), carrier)
            else:
                yield from read_lines(lines_of(raw.readline), carrier)
    except OSError as error:
        raise ParseError(f"{path} cannot be read: {error.strerror}") from error
