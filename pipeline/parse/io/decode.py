"""Bytes to text, and text made safe to keep: nothing here changes a text's length or its line ends."""

import codecs
import re

from pipeline.errors import ParseError

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# As browsers do: these labels are used for Windows-1252 text far more often than for what they mean.
_SUPERSETS = {"iso8859-1": "cp1252", "ascii": "cp1252", "latin-1": "cp1252"}
_NO_CHARACTER_SETS = frozenset({"utf-7", "unicode_escape", "raw_unicode_escape", "idna", "punycode", "undefined"})
# What agencies send besides UTF-8; a detector that may choose any takes "Zürich" for the box drawings of old terminals.
_NEWS_ENCODINGS = (
    "cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "iso8859_2", "iso8859_5",
    "iso8859_7", "iso8859_9", "iso8859_15", "koi8_r", "gb18030", "big5", "shift_jis", "euc_jp", "euc_kr",
    "utf_16", "utf_8",
)  # fmt: skip
_ASCII = bytes(range(128))
_DETECTION_SAMPLE = 64 * 1024

# Never text: terminals obey them, and databases refuse NUL and lone surrogates.
_UNSAFE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff]")
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"


def scrub(text: str) -> str:
    """Replace control characters and lone surrogates one for one, so that offsets stay valid."""
    return _UNSAFE.sub(REPLACEMENT, text)


def decode(content: bytes, charset: str | None = None) -> str:
    """Decode bytes of uncertain encoding; a byte order mark is left out. Never fails.

    A byte order mark decides; then UTF-8 if valid (other encodings hardly ever are), the declared charset, detection.

    Args:
        content: The bytes; those that cannot be decoded become U+FFFD.
        charset: What the carrier says; None if nothing.
    """
    for bom, encoding in _BOMS:
        if content.startswith(bom):
            return content[len(bom) :].decode(encoding, "replace")
    unmarked = _utf16_without_mark(content)
    if unmarked:
        return content.decode(unmarked, "replace")
    try:
        return content.decode()
    except UnicodeDecodeError:
        pass
    declared = _codec(charset)
    if declared:
        try:
            return content.decode(declared)
        except (UnicodeDecodeError, ValueError):
            pass
    return content.decode(_detected(content), "replace")


def _utf16_without_mark(content: bytes) -> str | None:
    head = content[:256]
    if len(head) < 8 or head.count(0) * 3 < len(head):
        return None
    return "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"


def _codec(charset: str | None) -> str | None:
    if not charset:
        return None
    try:
        "".encode(charset.strip(" \"'"))  # refuses bytes-to-bytes codecs such as "zlib", which a server must not choose
        name = codecs.lookup(charset.strip(" \"'")).name
    except (LookupError, ValueError):
        return None
    if name in _NO_CHARACTER_SETS:
        return None
    return _SUPERSETS.get(name, name)


def _detected(content: bytes) -> str:
    """Guess the encoding. A few bytes beyond ASCII are too few for that: the one of Western agencies is taken then."""
    sample = content[:_DETECTION_SAMPLE]
    beyond = len(sample.translate(None, _ASCII))
    if beyond < 20 and beyond * 10 < len(sample):
        return "cp1252"
    from charset_normalizer import from_bytes

    best = from_bytes(sample, cp_isolation=list(_NEWS_ENCODINGS)).best()
    return _codec(best.encoding) or "cp1252" if best else "cp1252"


def junk(text: str) -> int:
    """Count the characters of a text that are control codes or undecodable."""
    return len(_UNSAFE.findall(text)) + text.count(REPLACEMENT)


def require_text(text: str, what: str) -> str:
    """Return a text scrubbed.

    Raises:
        ParseError: Over 2 % of it are control characters: it is binary data. ``what`` names it in the message.
    """
    sample = text[:_DETECTION_SAMPLE]
    if junk(sample) * 50 > len(sample):
        raise ParseError(
            f"{what} is binary data, not text in any encoding that we know; expected a wire story or a feed"
        )
    return scrub(text)


def one_line(text: str) -> str:
    """Write a text on one line, with single spaces."""
    return " ".join(text.split())


def skip_spaces(text: str, start: int, end: int | None = None) -> int:
    """Return the offset of the first character at or after ``start`` that is no white space; at most ``end``."""
    end = len(text) if end is None else end
    while start < end and text[start].isspace():
        start += 1
    return start


def language_tag(value: object) -> str | None:
    """Return the primary subtag of a BCP 47 tag in lower case ("en-GB" -> "en"); None for anything else."""
    if not isinstance(value, str):
        return None
    primary = value.strip().replace("_", "-").split("-", 1)[0].lower()
    return primary if 2 <= len(primary) <= 3 and primary.isascii() and primary.isalpha() else None
