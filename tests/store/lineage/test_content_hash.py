"""What makes a take: the hash of what readers see."""

from dataclasses import fields, replace

import pytest

from pipeline.models import Story
from pipeline.store.lineage.content_hash import content_hash, normalize
from tests.store.builders import at, story


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a  b\n\tc\u00a0d ", "a b c d"),
        ("https://x.org/a?utm_source=rss&id=1", "https://x.org/a?id=1"),
        ("https://x.org/a?id=1&utm_source=rss#top", "https://x.org/a?id=1#top"),
        ("(https://x.org/a?fbclid=1&gclid=2) and on", "(https://x.org/a) and on"),
        ('<a href="https://x.org/?utm_a=1">', '<a href="https://x.org/">'),
        ("Is it true? x=1&y=2", "Is it true? x=1&y=2"),
        ("e\u0301te\u0301", "\u00e9t\u00e9"),
    ],
)
def test_normal_form(text: str, expected: str) -> None:
    assert normalize(text) == expected


IGNORED = {
    "uri", "version", "dateline", "trailer", "dateline_place", "language", "agency", "source", "url", "published_at",
    "updated_at", "links",
}  # fmt: skip


def test_the_hash_covers_what_a_reader_sees_and_no_date() -> None:
    """Every field is on one side or the other: a new one must be put on one of them."""
    other = {
        "headline": "h", "slugline": "s", "body": "b", "byline": "y", "note": "n", "rights": "r", "urgency": 1,
        "status": "withheld", "take": "update", "take_number": 1, "corrected": True, "topics": ("t",),
        "embargo_until": at(1), "expires_at": at(30),
    }  # fmt: skip
    assert IGNORED | other.keys() == {field.name for field in fields(Story)}
    empty = Story(uri="u")
    hashes = {content_hash(replace(empty, **{name: value})) for name, value in other.items()}  # type: ignore[arg-type]
    assert len(hashes | {content_hash(empty)}) == len(other) + 1
    same = story(uri="u", headline="", body="", version=2, url="x", source="y", dateline_place="z")
    assert content_hash(same) == content_hash(empty)
