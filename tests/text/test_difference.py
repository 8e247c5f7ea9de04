"""Differences between two texts."""

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.text.difference import Edit, Paragraph, Piece, text_difference, word_difference

OPENING = "The port of Varna closed on Monday after a storm tore two cranes from their rails, its operator said."
CRANES = "One crane fell on a grain silo. Nobody was hurt, and the second crane will be lifted out by Thursday."
TRAFFIC = "Ships were sent on to Burgas, which has room for nine more, the harbour master told reporters."


def edits(difference: list[Paragraph]) -> list[str]:
    return [paragraph.edit.value for paragraph in difference]


def marked(pieces: tuple[Piece, ...]) -> str:
    marks = {Edit.KEPT: "{}", Edit.REMOVED: "[-{}-]", Edit.ADDED: "{{+{}+}}"}
    return "".join(marks[piece.edit].format(piece.text) for piece in pieces)


def test_equal_texts_have_only_kept_paragraphs() -> None:
    assert edits(text_difference(f"{OPENING}\n\n{CRANES}", f"{OPENING}\n\n{CRANES}")) == ["kept", "kept"]


def test_a_text_that_was_wrapped_anew_says_the_same() -> None:
    wrapped = (
        "    The port of Varna closed on Monday\nafter a storm tore two cranes\nfrom their rails, its operator said."
    )
    assert edits(text_difference(OPENING, wrapped)) == ["kept"]
    assert edits(text_difference(f"{OPENING}\n\n{CRANES}", f"{wrapped}\n    {CRANES}")) == ["kept", "kept"]


def test_a_changed_word_is_shown_within_its_paragraph() -> None:
    _, changed = text_difference(f"{OPENING}\n\n{CRANES}", f"{OPENING}\n\n{CRANES.replace('Thursday', 'Friday')}")
    assert changed.edit is Edit.CHANGED
    assert changed.text.endswith("by Friday.")
    assert marked(changed.pieces).endswith("lifted out by [-Thursday-]{+Friday+}.")


def test_paragraphs_that_came_and_went_stand_where_they_belong() -> None:
    difference = text_difference(f"{OPENING}\n\n{CRANES}", f"{OPENING}\n\n{TRAFFIC}\n\n{CRANES}")
    assert edits(difference) == ["kept", "added", "kept"]
    assert edits(text_difference(f"{OPENING}\n\n{TRAFFIC}\n\n{CRANES}", f"{OPENING}\n\n{CRANES}")) == [
        "kept",
        "removed",
        "kept",
    ]


def test_what_has_little_in_common_was_removed_and_added() -> None:
    assert edits(text_difference(CRANES, TRAFFIC)) == ["removed", "added"]


def test_a_paragraph_changed_beside_one_added_finds_its_own_old_wording() -> None:
    after = f"{TRAFFIC}\n\n{CRANES.replace('grain silo', 'customs shed')}"
    difference = text_difference(CRANES, after)
    assert edits(difference) == ["added", "changed"]
    assert marked(difference[1].pieces).startswith("One crane fell on a [-grain silo-]{+customs shed+}")


def test_long_lines_without_empty_ones_between_are_paragraphs() -> None:
    long = f"{OPENING} {TRAFFIC}"
    assert edits(text_difference(f"{long}\n{CRANES}", f"{long}\n{CRANES}\n{TRAFFIC}")) == ["kept", "kept", "added"]


def test_a_word_or_two_kept_between_changes_is_read_as_part_of_the_change() -> None:
    pieces = word_difference("two ferries for 30 million euros", "four boats for 13 million euros")
    assert marked(pieces) == "[-two ferries for 30 -]{+four boats for 13 +}million euros"


def test_from_nothing_and_to_nothing() -> None:
    assert text_difference("", "") == []
    assert edits(text_difference("", OPENING)) == ["added"]
    assert edits(text_difference(OPENING, " \n ")) == ["removed"]
    assert word_difference("", "") == ()


def test_endless_texts_are_compared_as_wholes() -> None:
    before, after = ("\n\n".join(f"{word} {n}" for n in range(30_000)) for word in ("ash", "oak"))
    difference = text_difference(before, after)
    assert len(difference) == 60_000
    assert {paragraph.edit for paragraph in difference} == {Edit.REMOVED, Edit.ADDED}
    one_line = [" ".join(f"{word}{n}" for n in range(30_000)) for word in ("ash", "oak")]
    assert edits(text_difference(*one_line)) == ["removed", "added"]


TEXTS = st.lists(st.sampled_from([OPENING, CRANES, TRAFFIC, "One.", "Two and 3, 4.", "é ü"]), max_size=6)


@settings(max_examples=150, deadline=None)
@given(TEXTS, TEXTS, st.sampled_from(["\n\n", "\n \n", "\n    "]))
def test_both_texts_can_be_read_back_from_the_difference(old: list[str], new: list[str], gap: str) -> None:
    difference = text_difference(gap.join(old), gap.join(new))
    assert [paragraph.text for paragraph in difference if paragraph.edit is not Edit.REMOVED] == new
    before = [
        "".join(piece.text for piece in paragraph.pieces if piece.edit is not Edit.ADDED) or paragraph.text
        for paragraph in difference
        if paragraph.edit is not Edit.ADDED
    ]
    assert [" ".join(text.split()) for text in before] == old


@settings(max_examples=150, deadline=None)
@given(st.text("ab ,.\n", max_size=40), st.text("ab ,.\n", max_size=40))
def test_both_wordings_can_be_read_back(before: str, after: str) -> None:
    pieces = word_difference(before, after)
    rest = {edit: "".join(piece.text for piece in pieces if piece.edit is not edit) for edit in Edit}
    assert "".join(rest[Edit.REMOVED].split()) == "".join(after.split())
    assert "".join(rest[Edit.ADDED].split()) == "".join(before.split())
