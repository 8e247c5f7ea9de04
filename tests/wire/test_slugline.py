"""Slug lines: what they say of a take, and what all takes of a story share in them."""

import pytest

from pipeline.models import TakeKind
from pipeline.wire.slugline import plain_slugline, read_slugline


@pytest.mark.parametrize(
    ("slug", "kind", "number"),
    [
        ("AP-EU--Turkey-Missiles,2nd Ld-Writethru", TakeKind.UPDATE, 2),
        ("AP-EU--Turkey-Missiles, 10th Ld", TakeKind.UPDATE, 10),
        ("TURKEY-DEFENCE/ (UPDATE 2, PIX)", TakeKind.UPDATE, 2),
        ("MARKETS/ (WRAPUP 4)", TakeKind.WRAPUP, 4),
        ("TURKEY-DEFENCE/", TakeKind.FIRST, None),
        ("2nd-ladder-rescue", TakeKind.FIRST, None),
    ],
)
def test_slug(slug: str, kind: TakeKind, number: int | None) -> None:
    assert (read_slugline(slug).kind, read_slugline(slug).number) == (kind, number)


@pytest.mark.parametrize(
    ("slug", "plain"),
    [
        ("QUAKE-EAST/ (UPDATE 3, PIX)", "quake east"),
        ("BC-QUAKE-EAST, 2nd Ld-Writethru", "quake east"),
        ("QUAKE-EAST/", "quake east"),
        ("", ""),
    ],
)
def test_words_that_all_takes_share(slug: str, plain: str) -> None:
    assert plain_slugline(slug) == plain
