"""Documents that carry no stories; each is refused with a ParseError that says what was expected."""

from collections.abc import Iterator

from pipeline.errors import ParseError
from pipeline.models import RawDocument
from pipeline.parse.fields import Fields
from pipeline.parse.io.sniff import take_sample

_FRAGMENTS = frozenset(
    {"contentset", "inlinexml", "contentmeta", "itemmeta", "rightsinfo", "groupset", "group", "partmeta", "concept"}
)


def refuse_page(document: RawDocument) -> Iterator[Fields]:
    """Refuse a web page: mostly an error page where a feed used to be, which must never become a story."""
    raise ParseError(
        "a web page, not a feed; expected RSS, Atom, JSON Feed or a wire format (is the address a feed's?)"
    )


def refuse_binary(document: RawDocument) -> Iterator[Fields]:
    """Refuse a picture, an archive, an office document."""
    raise ParseError(
        "binary data, not text in any encoding that we know; expected a feed, ninjs, NewsML-G2, NITF, IPTC 7901 or text"
    )


def refuse_anpa(document: RawDocument) -> Iterator[Fields]:
    """Refuse the American teleprinter format."""
    raise ParseError("ANPA 1312 is not read; expected IPTC 7901, NITF, NewsML-G2, ninjs, a feed or plain wire text")


def refuse_markup(document: RawDocument) -> Iterator[Fields]:
    """Refuse XML of a kind that carries no stories."""
    root = take_sample(document).root
    if root in _FRAGMENTS:
        raise ParseError(f"a fragment of NewsML-G2 (<{root}>), not a whole item; expected newsItem or newsMessage")
    raise ParseError(
        f"XML with the root <{root}> is unknown; expected RSS, RDF, Atom, NewsML-G2 or NITF"
        if root
        else "markup without a root element; expected RSS, RDF, Atom, NewsML-G2 or NITF"
    )
