"""Bytes to stories.

    document -> unpack gzip -> sniff the format (by its bytes, then by content type and name)
      each item of the format -> its fields -> assemble -> Story
                     that is no story       -> Rejected, with the reason and its own bytes
      nothing readable at all               -> ParseError, with what was expected

``document`` is the way in, and ``article`` that for web pages. ``formats`` has one module per format; each gives the
``fields`` of its takes. ``assemble`` gives all formats the same meaning of times, status and wire conventions. ``io``
reads bytes, ``values`` single values, ``conventions`` a story's own words. Nothing here does I/O but ``parse_file``,
which streams JSON lines from disk.
"""

from pipeline.parse.article import parse_article
from pipeline.parse.document import parse, parse_file

__all__ = ["parse", "parse_article", "parse_file"]
