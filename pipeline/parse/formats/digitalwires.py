"""dpa's digitalwires: one JSON object an article, with the markup of its text and vocabularies of its own.

Source: the samples of https://github.com/dpa-newslab (format "digitalwires@0.9").
"""

from collections.abc import Iterator
from typing import Any

from pipeline.errors import ParseError
from pipeline.models import PublisherLink, TakeKind
from pipeline.parse.fields import Fields
from pipeline.parse.io.decode import one_line
from pipeline.parse.io.html import to_line, to_text
from pipeline.parse.values.subject_codes import code_of_concept
from pipeline.parse.values.written_times import read_time
from pipeline.wire.take_line import CORRECTED, FIRST, TakeRole

_TOPICAL = frozenset({"dnltype:dpasubject", "dnltype:mediatopic", "dnltype:keyword"})
_SIGNALS = {
    "sig:correction": CORRECTED,
    "sig:update": TakeRole(TakeKind.UPDATE),
    "sig:kill": TakeRole(TakeKind.KILL),
}


def recognises(item: dict[str, Any]) -> bool:
    """Whether an object, its property names in lower case, says that it is one of these."""
    return str(item.get("format", "")).startswith("digitalwires")


def read_fields(item: dict[str, Any]) -> Fields:
    """Read one article, its property names in lower case.

    Raises:
        ParseError: It has no text, or no id.
    """
    headline, body = _text(item, "headline"), to_text(_text(item, "article_html"))
    status = _text(item, "pubstatus") or None
    if not body and status not in {"canceled", "cancelled"}:
        raise ParseError("a digitalwires object without text is not a story (a picture, sound or graphic)")
    identifier = _text(item, "urn") or _text(item, "entry_id")
    if not identifier:
        raise ParseError(
            "the digitalwires object has no urn, so that its versions could not be told from other stories"
        )
    sent = read_time(item.get("version_created")) or read_time(item.get("updated"))
    embargo = item.get("embargoed")
    return Fields(
        uri=identifier,
        version=item.get("version"),
        publishing_status=status,
        embargo=None if embargo in (None, "", False) else str(embargo),
        headline=to_line(headline),
        slugline="/".join(_names(item.get("dpasubject_names")) + _names(item.get("geosubject_names"))) or None,
        body=_with_dateline(_text(item, "dateline"), body),
        language=_text(item, "language"),
        byline=_text(item, "byline") or None,
        agency="dpa" if identifier.startswith("urn:newsml:dpa.com:") else None,
        source=_text(item, "creditline") or ("dpa" if ":dpa.com:" in identifier else None),
        urgency=item.get("urgency"),
        topics=tuple(_topics(item.get("categories"))),
        published_at=sent,
        updated_at=sent,
        links=tuple(_links(item.get("associations"), identifier)),
        rights=_text(item, "copyrightnotice") or _text(item, "usageterms") or None,
        note=_note(item),
        role=_SIGNALS.get(_text(item, "signal"), FIRST),
    )


def _text(item: dict[str, Any], name: str) -> str:
    value = item.get(name)
    return value if isinstance(value, str) else ""


def _names(value: object) -> list[str]:
    return [name for name in value if isinstance(name, str)] if isinstance(value, list) else []


def _objects(value: object) -> Iterator[dict[str, Any]]:
    yield from (entry for entry in value if isinstance(entry, dict)) if isinstance(value, list) else ()


def _with_dateline(dateline: str, body: str) -> str:
    """Put the dateline at the text's head, where the markup does not have it there itself."""
    written = one_line(dateline)
    return f"{written} {body}" if written and body and written not in one_line(body) else body


def _note(item: dict[str, Any]) -> str | None:
    """Return the note to editors; the closing line of the agency's desk is none."""
    notes = (
        _text(entry, "ednote")
        for entry in _objects(item.get("ednotes"))
        if not _text(entry, "role").endswith("closingline")
    )
    return next((note for note in notes if note.strip()), None)


def _topics(value: object) -> Iterator[str]:
    for entry in _objects(value):
        code = code_of_concept(_text(entry, "qcode"))
        if code or _text(entry, "type") in _TOPICAL:
            yield code or _text(entry, "name")


def _links(value: object, own: str) -> Iterator[PublisherLink]:
    """Yield links to other articles; pictures and sound are none."""
    for entry in _objects(value):
        target = _text(entry, "urn")
        if target and target != own and _text(entry, "type") in {"article", "text", "composite"}:
            yield PublisherLink("see_also", target)
