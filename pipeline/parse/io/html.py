"""HTML to plain text with paragraphs: no tag, script or attribute of the source survives.

The tree is walked, not searched with expressions, and without recursion, so that neither broken nor deep markup hurts.
"""

import re

from lxml import etree
from lxml import html as lxml_html

from pipeline.parse.io.decode import one_line, scrub
from pipeline.text.stopwords import word_set

_PARAGRAPH = word_set(
    """
    abstract address article blockquote block bq body center dd div dl dt fieldset h1 h2 h3 h4 h5 h6
    hl1 hl2 hr html li main ol p pre section table tr ul
    """
)
_BREAK = frozenset({"br"})
_CELL = frozenset({"td", "th"})
_VERBATIM = frozenset({"pre", "xmp", "listing"})
# Their text is no part of the story: code, navigation, captions of pictures that are not kept.
_SKIPPED = word_set(
    """
    script style head header footer aside title noscript template iframe object embed svg math figure
    figcaption nav form button select textarea video audio canvas map media applet
    """
)
_TAG = re.compile(r"</?[a-zA-Z][^<>]{0,400}>|<!--|&(?:#\d{1,7}|#x[0-9a-fA-F]{1,6}|[a-zA-Z]{2,31});")
_KNOWN_TAG = re.compile(
    r"</?(?:p|br|b|i|u|em|strong|span|div|a|h[1-6]|font|sup|sub|small|img|script|style|iframe|ul|ol|li|table|tr|td"
    r"|blockquote|figure)(?:\s[^<>]{0,400})?/?>",
    re.I,
)
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]{0,200}\?>")


def looks_like_html(text: str) -> bool:
    """Whether a text carries tags or character references."""
    return _TAG.search(text) is not None


def shows_tags(text: str) -> bool:
    """Whether a text that should be plain carries tags of HTML: the publisher escaped it once too often."""
    return "<" in text and _KNOWN_TAG.search(text) is not None


def to_text(markup: str) -> str:
    """Return the plain text of an HTML document or fragment, paragraphs set apart by an empty line. Never fails."""
    text = _unescaped_once(markup)
    return _unescaped_once(text) if shows_tags(text) else text


def _unescaped_once(markup: str) -> str:
    """Return the plain text of markup; tags that were escaped in it stay as text."""
    markup = scrub(markup)
    if "<" not in markup and "&" not in markup:
        return one_line(markup)
    parser = lxml_html.HTMLParser(remove_comments=True, remove_pis=True, no_network=True, encoding="utf-8")
    try:
        # the wrapper keeps bare text and several roots together; as bytes, an XML declaration is no error
        root = etree.fromstring(f"<div>{_DECLARATION.sub('', markup)}</div>".encode(), parser)
    except (etree.XMLSyntaxError, etree.ParserError, ValueError):
        root = None
    return "" if root is None else tree_text(root)


def to_line(markup: str) -> str:
    """Return the plain text of a title that may carry markup, on one line."""
    return one_line(to_text(markup)) if looks_like_html(markup) else one_line(scrub(markup))


def tree_text(root: etree._Element) -> str:
    """Return the plain text of a parsed HTML or XHTML tree."""
    return _Walk().run(root)


class _Walk:
    """One pass over a tree that collects its paragraphs."""

    def __init__(self) -> None:
        self.paragraphs: list[str] = []
        self.line: list[str] = []
        self.verbatim = 0

    def run(self, root: etree._Element) -> str:
        walker = etree.iterwalk(root, events=("start", "end"))
        for event, element in walker:
            name = _tag_name(element)
            if event == "start":
                if name is None or name in _SKIPPED:
                    walker.skip_subtree()
                    continue
                self._open(name)
                self._add(element.text)
            else:
                if name is not None and name not in _SKIPPED:
                    self._close(name)
                if element is not root:
                    self._add(element.tail)
        self._flush()
        return "\n\n".join(self.paragraphs)

    def _open(self, name: str) -> None:
        if name in _PARAGRAPH or name in _VERBATIM:
            self._flush()
            self.verbatim += name in _VERBATIM
        elif name in _BREAK:
            self.line.append("\n")
        elif name in _CELL:
            self.line.append(" ")

    def _close(self, name: str) -> None:
        if name in _PARAGRAPH or name in _VERBATIM:
            self._flush()
            self.verbatim -= name in _VERBATIM

    def _add(self, text: str | None) -> None:
        if text:
            self.line.append(text if self.verbatim else _collapsed(text))

    def _flush(self) -> None:
        text = "".join(self.line)
        self.line.clear()
        kept = text.strip("\r\n") if self.verbatim else "\n".join(filter(None, map(one_line, text.split("\n"))))
        if kept.strip():
            self.paragraphs.append(kept)


_SPACES = re.compile(r"\s+")
# Text that was typed for a teleprinter and put into one element: lines wrapped at the margin, paragraphs indented.
_TYPED_INDENT = re.compile(r"\n[ \t]{2,12}(?=[^\W\d_a-zß-öø-ÿ]|[\"'“”‘’«»„(*•-])")
_TYPED_LINE = re.compile(r"\n(?=[^\s])")
# Columns of results and prices: a line that goes on after several spaces.
_TYPED_COLUMNS = re.compile(r"\n[^\s][^\n]{0,60}?[^\s] {2,}[^\s][^\n]{0,120}(?=\n[^\s])")


def _collapsed(text: str) -> str:
    """Return text with single spaces, and with the line ends of columns and of paragraphs that were typed as such."""
    if "\n" in text:
        if len(_TYPED_COLUMNS.findall(text)) >= 3:
            return "\n".join(map(one_line, text.split("\n")))
        if len(_TYPED_INDENT.findall(text)) >= 2 and _TYPED_LINE.search(text.strip("\n")):
            parts = re.split(r"\n\s*\n|" + _TYPED_INDENT.pattern, text)
            return "\n".join(map(one_line, parts))
    return _SPACES.sub(" ", text)


def _tag_name(element: etree._Element) -> str | None:
    """The tag without its namespace, or None for comments and processing instructions."""
    tag = element.tag
    if not isinstance(tag, str):
        return None
    return tag.rpartition("}")[2].lower()
