"""Bytes to stories.

    document -> unpack gzip -> sniff the format (bytes, then content type and name)
      each item of the format -> its fields -> assemble -> Story
                     that is no story        -> Rejected, with the reason and its own bytes
      nothing readable at all                -> ParseError, with what was expected

One module a format, one line of ``registry.FORMATS`` each; ``assemble`` gives all of them the same meaning of times,
status and wire conventions. Nothing here does I/O but ``parse_file``, which streams JSON lines from disk.
"""

from pipeline.parse.article import parse_article
from pipeline.parse.document import parse, parse_file

__all__ = ["parse", "parse_article", "parse_file"]
