"""Feed entries that are mere teasers, and whose text was completed from the page that they link to."""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, select

from pipeline.store.db import tables as t
from pipeline.store.db.sanitize import clean_text, uri_key
from pipeline.store.db.statements import chunks, upsert


def load_completed(connection: Connection, uris: Sequence[str]) -> dict[str, str]:
    """Uri -> fingerprint of the teaser whose page its stored text is."""
    teasers = t.teasers.c
    by_key = {uri_key(clean_text(uri)): uri for uri in uris}
    completed: dict[str, str] = {}
    for chunk in chunks(by_key):
        rows = connection.execute(select(teasers.uri_key, teasers.fingerprint).where(teasers.uri_key.in_(chunk)))
        completed.update((by_key[key], fingerprint) for key, fingerprint in rows)
    return completed


def save_completed(connection: Connection, teasers: Mapping[str, str]) -> None:
    """Remember teasers (uri -> fingerprint) whose pages are stored."""
    rows = [
        {"uri_key": uri_key(clean_text(uri)), "fingerprint": fingerprint}
        for uri, fingerprint in sorted(teasers.items())
    ]  # fmt: skip
    upsert(connection, t.teasers, rows, ["uri_key"])
