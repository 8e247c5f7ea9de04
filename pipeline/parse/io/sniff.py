"""Which format a document is in, by its bytes first: carriers' names and content types are often wrong."""

import re
from dataclasses import dataclass

from pipeline.models import RawDocument
from pipeline.parse.io.decode import decode, junk

_HEAD = 8192
_LEADING = re.compile(
    r"\s+|<\?[^>]{0,2000}\?>|<!--.{0,4000}?-->|<!DOCTYPE[^\[>]{0,2000}(?:\[[^\]]{0,4000}\]\s{0,20})?>", re.S | re.I
)
_BARE_HEADER = re.compile(r"\s{0,40}[a-z]{2,5}\d{3,6} [1-9] [a-z]{1,3} {1,4}\d{1,5}\b[^\n]{0,60}\n")
_ROOT = re.compile(r"<([A-Za-z_][\w.-]{0,60}:)?([A-Za-z_][\w.-]{0,60})")


@dataclass(frozen=True, slots=True)
class Sample:
    """What a format is recognised by.

    Attributes:
        head: The first characters of the document.
        root: The local name of the first element, in lower case; "" if there is none.
        name: The last part of its url or path, in lower case, without ".gz".
        content_type: As the carrier says it, in lower case, without parameters.
    """

    head: str
    root: str
    name: str
    content_type: str


def take_sample(document: RawDocument) -> Sample:
    """Take the sample of a document."""
    head = decode(document.content[:_HEAD], document.charset)
    name = document.origin.location.partition("?")[0].replace("\\", "/").rpartition("/")[2].lower().removesuffix(".gz")
    content_type = (document.content_type or "").partition(";")[0].strip().lower()
    return Sample(head, root_name(head), name, content_type)


def root_name(head: str) -> str:
    """Return the local name of the first element after declarations and comments; "" for what is no markup."""
    start = 0
    while (leading := _LEADING.match(head, start)) is not None:
        start = leading.end()
    root = _ROOT.match(head, start)
    return root[2].lower() if root else ""


def is_json_lines(sample: Sample) -> bool:
    """Whether the carrier calls it JSON lines; else ``formats.json_document`` decides by the first line."""
    return (
        sample.name.endswith((".jsonl", ".ndjson")) or "ndjson" in sample.content_type or "jsonl" in sample.content_type
    )


def is_iptc7901(sample: Sample) -> bool:
    """Whether a document begins with the control codes of a teleprinter message: SOH, header, STX."""
    head = sample.head.lstrip("\0\r\n\x7f ")
    return head.startswith("\x01") and "\x02" in head


def is_bare_iptc7901(sample: Sample) -> bool:
    """Whether a document begins with the header line of such a message, the control codes having been lost."""
    return _BARE_HEADER.match(sample.head) is not None


def is_anpa(sample: Sample) -> bool:
    """Whether a document begins with the synchronisation codes of ANPA 1312."""
    return sample.head.startswith("\x16\x16\x01")


def is_binary(sample: Sample) -> bool:
    """Whether over a twentieth of a document's beginning is no text, whatever its encoding."""
    return junk(sample.head) * 20 > len(sample.head)
