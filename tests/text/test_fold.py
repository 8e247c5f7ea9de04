"""Text without case and accents."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text.fold import fold, slug


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Erdoğan", "erdogan"),
        ("İSTANBUL", "istanbul"),
        ("Łódź", "lodz"),
        ("Straße", "strasse"),
        ("København", "kobenhavn"),
        ("Москва", "москва"),
    ],
)
def test_folded(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("name", "expected"), [("Recep Tayyip Erdoğan", "recep-tayyip-erdogan"), ("S-400", "s-400"), ("...", "unnamed")]
)
def test_slug(name: str, expected: str) -> None:
    assert slug(name) == expected


@given(st.text(max_size=30))
def test_folding_twice_changes_nothing_in_latin_letters(text: str) -> None:
    latin = text.encode("latin-1", "ignore").decode("latin-1")
    assert fold(fold(latin)) == fold(latin)
