"""Gzip without bombs: a compressed document may grow, but not without bound."""

import gzip
import io
import zlib
from collections.abc import Callable, Iterator

from pipeline.errors import ParseError

MAGIC = b"\x1f\x8b"
LARGEST_DOCUMENT = 128 * 1024 * 1024
LONGEST_LINE = 32 * 1024 * 1024
# Text of news shrinks by 3 to 20; a thousandfold is only reached by data made to harm. Small documents may.
_MOST_GROWTH = 200
_GROWTH_FREE = 64 * 1024 * 1024


def is_gzip(content: bytes) -> bool:
    """Whether bytes begin a gzip stream."""
    return content.startswith(MAGIC)


def expand(content: bytes) -> bytes:
    """Unpack a document.

    Raises:
        ParseError: It is damaged, or grows to over 128 MB.
    """
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as stream:
            expanded = stream.read(LARGEST_DOCUMENT + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise ParseError(f"the gzip data is damaged: {error}") from error
    if len(expanded) > LARGEST_DOCUMENT:
        raise ParseError(f"the gzip data grows to more than {LARGEST_DOCUMENT} bytes")
    return expanded


def lines_of(read_line: Callable[[int], bytes], compressed_size: int | None = None) -> Iterator[bytes]:
    """Yield the lines of a stream, with only one of them in memory.

    Args:
        read_line: The stream's ``readline``.
        compressed_size: The packed size of a compressed stream; None for any other.

    Raises:
        ParseError: The stream is damaged, a line has over 32 MB, or a compressed stream grows over two hundredfold.
    """
    total = 0
    allowed = None if compressed_size is None else max(_GROWTH_FREE, compressed_size * _MOST_GROWTH)
    while True:
        try:
            line = read_line(LONGEST_LINE + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise ParseError(f"the data cannot be read further: {error}") from error
        if not line:
            return
        total += len(line)
        if len(line) > LONGEST_LINE:
            raise ParseError(f"a line of more than {LONGEST_LINE} bytes; expected one story a line")
        if allowed is not None and total > allowed:
            raise ParseError(f"the gzip data grows over {_MOST_GROWTH} times its size; it is not read further")
        yield line
