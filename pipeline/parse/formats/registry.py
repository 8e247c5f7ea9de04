"""The formats, in the order in which they are tried: data, so that a further one is one line and one module."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module

from pipeline.models import RawDocument, Rejected
from pipeline.parse.fields import Fields
from pipeline.parse.io.sniff import Sample, is_anpa, is_bare_iptc7901, is_binary, is_iptc7901, is_json_lines

_OTHER_ITEMS = ("packageitem", "conceptitem", "knowledgeitem", "planningitem", "catalogitem")


@dataclass(frozen=True, slots=True)
class Format:
    """A format.

    Attributes:
        name: What it is called.
        recognises: Whether a sample is of this format.
        reader: The function that reads it, "module:function" in this package; it is imported when first needed.
    """

    name: str
    recognises: Callable[[Sample], bool]
    reader: str

    def read(self, document: RawDocument) -> Iterator[Fields | Rejected]:
        """Read the document's takes; raises what the format's reader does."""
        return load_reader(self.reader)(document)


def load_reader(name: str) -> Callable[..., Iterator[Fields | Rejected]]:
    """Import "module:function" of this package."""
    module, _, function = name.partition(":")
    reader: Callable[..., Iterator[Fields | Rejected]] = getattr(
        import_module(f"pipeline.parse.formats.{module}"), function
    )
    return reader


def _root(*names: str) -> Callable[[Sample], bool]:
    known = frozenset(names)
    return lambda sample: sample.root in known


def _json(sample: Sample) -> bool:
    return sample.head.lstrip()[:1] in ("{", "[")


def _broken_feed(sample: Sample) -> bool:
    """Whether the carrier or the text calls it a feed, which feedparser reads with junk before the root or no root."""
    lowered = sample.head.lower()
    return any(tag in lowered for tag in ("<rss", "<rdf:rdf", "<feed", "<channel", "<item>", "<entry>")) or (
        sample.root != "html" and ("rss" in sample.content_type or "atom" in sample.content_type)
    )


def _markup(sample: Sample) -> bool:
    return bool(sample.root) or sample.head.lstrip().startswith(("<?xml", "<!"))


def _inner_nitf(sample: Sample) -> bool:
    """Whether it is a fragment of a news item that holds a whole article."""
    return sample.root in {"contentset", "inlinexml"} and "<nitf" in sample.head


FORMATS = (
    Format("ANPA 1312", is_anpa, "refused:refuse_anpa"),
    Format("IPTC 7901", is_iptc7901, "iptc7901:read"),
    Format("IPTC 7901 without codes", is_bare_iptc7901, "iptc7901:read"),
    Format("binary data", is_binary, "refused:refuse_binary"),
    Format("JSON lines", is_json_lines, "json_lines:read"),
    Format("ninjs or JSON Feed", _json, "json_document:read"),
    Format("RSS or Atom", _root("rss", "feed", "rdf", "channel"), "feed:read"),
    Format("NewsML-G2", _root("newsmessage", "newsitem", *_OTHER_ITEMS), "newsml_g2:read"),
    Format("NITF", _root("nitf"), "nitf:read"),
    Format("NewsML 1", _root("newsml"), "newsml_1:read"),
    Format("NITF in a fragment", _inner_nitf, "nitf:read"),
    Format("web page", _root("html"), "refused:refuse_page"),
    Format("broken RSS or Atom", _broken_feed, "feed:read"),
    Format("markup", _markup, "refused:refuse_markup"),
    Format("plain wire text", lambda sample: True, "plain:read"),
)


def format_of(sample: Sample) -> Format:
    """Return the first format that recognises a document; the last one takes anything."""
    return next(known for known in FORMATS if known.recognises(sample))
