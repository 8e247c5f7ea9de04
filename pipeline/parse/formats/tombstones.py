"""Deleted entries of Atom feeds (RFC 6721): ``<at:deleted-entry ref="..." when="..."/>`` withdraws a story."""

from collections.abc import Iterator

from pipeline.errors import ParseError
from pipeline.models import RawDocument, Story
from pipeline.parse.formats.feed import FeedScope, withdrawal
from pipeline.parse.io.decode import one_line
from pipeline.parse.io.safe_xml import read_tree
from pipeline.parse.wire_marks.times import read_time

_TAG = "{http://purl.org/atompub/tombstones/1.0}"


def read_tombstones(document: RawDocument, scope: FeedScope) -> Iterator[Story]:
    """A withdrawn take for each deleted entry; none where the markup is too broken to be sure of it."""
    try:
        root = read_tree(document.content, document.charset, "Atom")
    except ParseError:
        return
    for element in root.iter(f"{_TAG}deleted-entry"):
        reference = (element.get("ref") or "").strip()
        if reference:
            note = one_line(element.findtext(f"{_TAG}comment") or "") or None
            uri = scope.uri(reference, "", "", "", None)
            yield withdrawal(uri, read_time(element.get("when")), document, note)
