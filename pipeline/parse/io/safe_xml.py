"""XML trees without external entities, network or growth: what every XML format but feeds is read with."""

import re
from collections.abc import Iterator

from lxml import etree

from pipeline.errors import ParseError
from pipeline.parse.io.decode import decode, one_line

LARGEST_XML = 32 * 1024 * 1024
_DOCTYPE = re.compile(r"<!DOCTYPE[^\[>]{0,2000}(\[)?", re.I)
# A grammar that only names files elsewhere, which are never read: '[<!ENTITY % nitf SYSTEM "nitf-3-0.dtd"> %nitf; ]'.
_FOREIGN_GRAMMAR = re.compile(
    rb"\A([^\[]{0,2000}<!DOCTYPE[^\[>]{0,2000})\[\s{0,40}(?:(?:%[\w.-]{1,40};|"
    rb"<!ENTITY\s{1,9}%\s{1,9}[\w.-]{1,40}\s{1,9}(?:SYSTEM|PUBLIC)(?:\s{1,9}\"[^\"<>]{0,200}\"){1,2}\s{0,9}>)\s{0,40}){0,20}\]\s{0,9}>"
)
_DECLARATION = re.compile(r"\A\s{0,100}<\?xml[^>]{0,200}\?>")


def read_tree(content: bytes, charset: str | None, expected: str) -> etree._Element:
    """Read an XML document.

    It may carry a DOCTYPE but not declare entities in it. Wrong or missing encodings are put right first. Depth is
    bounded by libxml2 (256 levels).

    Args:
        content: The document.
        charset: What its carrier calls the encoding; None if it does not say.
        expected: The format's name, for the message.

    Returns:
        The root element.

    Raises:
        ParseError: It is too large, declares entities or is not well-formed; the message names the line.
    """
    if len(content) > LARGEST_XML:
        raise ParseError(f"an XML document of {len(content)} bytes; at most {LARGEST_XML} are read")
    content = _FOREIGN_GRAMMAR.sub(rb"\1>", content, count=1)
    doctype = _DOCTYPE.search(decode(content[:8192], charset))
    if doctype and doctype[1]:
        raise ParseError(
            f"the XML declares entities or a grammar of its own, which is refused; expected {expected} without them"
        )
    try:
        return etree.fromstring(_truly_utf8(content), _parser())
    except (etree.XMLSyntaxError, ValueError) as error:
        fault = error
    # a wrong encoding or stray control characters: once more from text, in which those are put right
    text = _DECLARATION.sub("", decode(content, charset or _declared(content)), count=1)
    try:
        return etree.fromstring(_CONTROL.sub(" ", text.strip()).encode("utf-8", "replace"), _parser())
    except (etree.XMLSyntaxError, ValueError):
        raise ParseError(f"not well-formed XML: {fault}; expected {expected}") from fault


def _truly_utf8(content: bytes) -> bytes:
    """Return the document without its declaration where that names a single-byte encoding and the bytes are UTF-8.

    Text in those encodings is hardly ever valid UTF-8, and UTF-8 under a wrong label is common.
    """
    declared = (_declared(content) or "").lower()
    if not declared.startswith(("iso-8859", "windows-125", "latin", "us-ascii", "cp125")) or content.isascii():
        return content
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return content
    return _DECLARATION.sub("", text, count=1).encode()


_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_ENCODING = re.compile(rb"\A[^>]{0,200}encoding\s{0,5}=\s{0,5}[\"']([A-Za-z0-9_.:-]{1,40})")


def _declared(content: bytes) -> str | None:
    match = _ENCODING.match(content)
    return match[1].decode("ascii") if match else None


def _parser() -> etree.XMLParser:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def local_name(element: etree._Element) -> str:
    """Return the tag without its namespace; empty for comments and processing instructions."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def find(element: etree._Element, name: str) -> etree._Element | None:
    """Find the first element of that local name below this one."""
    return next(find_all(element, name), None)


def find_all(element: etree._Element, name: str) -> Iterator[etree._Element]:
    """Find all elements of that local name below this one, in the document's order, whatever their namespace."""
    return element.iter(f"{{*}}{name}")


def child(element: etree._Element, *path: str) -> etree._Element | None:
    """Find the first element along a path of local names, each a child of the one before."""
    reached: etree._Element | None = element
    for name in path:
        reached = next((inner for inner in reached if local_name(inner) == name), None) if reached is not None else None
    return reached


def children(element: etree._Element | None, name: str) -> list[etree._Element]:
    """Return the children of that local name."""
    return [] if element is None else [inner for inner in element if local_name(inner) == name]


def attribute(element: etree._Element, name: str, key: str) -> str | None:
    """Return an attribute of the first element of that local name, or None."""
    holder = find(element, name)
    return None if holder is None else holder.get(key)


def text_of(element: etree._Element | None) -> str:
    """Return all text of an element on one line; empty without one."""
    return "" if element is None else one_line("".join(map(str, element.itertext())))
