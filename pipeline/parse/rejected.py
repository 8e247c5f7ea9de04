"""Items of a document that are no stories."""

from pipeline.models import RawDocument, Rejected

PAYLOAD_LIMIT = 1024 * 1024  # bytes of an item that are kept for a later replay


def reject(document: RawDocument, part: str, reason: str, payload: bytes | str) -> Rejected:
    """Return an item that is no story, for quarantine.

    Args:
        document: The document that it came in.
        part: Where it stands in the document: "entry 3".
        reason: Why it is no story, and what was expected.
        payload: Its own bytes or text, of which at most ``PAYLOAD_LIMIT`` bytes are kept.
    """
    if isinstance(payload, str):
        payload = payload[:PAYLOAD_LIMIT].encode("utf-8", "replace")
    return Rejected(document.origin, part, reason, payload[:PAYLOAD_LIMIT])
