"""Editors' notes, in the text and beside it."""

import pytest

from pipeline.models import TakeKind
from pipeline.parse.conventions.editors_note import note_end, read_note
from pipeline.parse.conventions.wire_conventions import read_conventions
from tests.parse.documents import ARRIVED


@pytest.mark.parametrize(
    ("note", "kind", "corrected"),
    [
        ("(Adds quotes, background)", TakeKind.UPDATE, False),
        ("(Updates with minister's comment (in paragraph 3))", TakeKind.UPDATE, False),
        ("(Recasts, adds details)", TakeKind.UPDATE, False),
        ("(Corrects spelling of name in paragraph 2)", TakeKind.CORRECTION, True),
        ("(Official correction of figure)", TakeKind.CORRECTION, True),
        ("(Refiles to fix dateline)", TakeKind.REFILE, False),
        ("(Repeats with no change to text)", TakeKind.REPEAT, False),
        ("(This Nov. 8 story corrects the day in paragraph 4)", TakeKind.CORRECTION, True),
        ("(This story has been refiled to fix a typo)", TakeKind.REFILE, False),
        ("(This story has been withdrawn)", TakeKind.KILL, False),
        ("(Berichtigung: Uhrzeit korrigiert)", TakeKind.CORRECTION, True),
    ],
)
def test_note(note: str, kind: TakeKind, corrected: bool) -> None:
    body = f"{note}\n\nANKARA, Nov 8 (Reuters) - Turkey signed."
    assert note_end(body, 0) == len(note)
    role = read_conventions("Turkey signs", None, body, ARRIVED).role
    assert (role.kind, role.corrected, role.note) == (kind, corrected, note)


@pytest.mark.parametrize(
    "text",
    [
        "(Reuters) - Turkey signed.",
        "(This is a story about a man.)",
        "(In January story, corrects figure",
        "(Additives are harmless, he said)"[:5],
        "Adds quotes",
    ],
)
def test_no_note(text: str) -> None:
    end = note_end(text, 0)
    assert end is None or read_note(text[:end]).kind is TakeKind.FIRST


def test_a_note_after_the_dateline() -> None:
    conventions = read_conventions("", None, "ANKARA, Nov 8 (Reuters) - (Corrects name) Turkey signed.", ARRIVED)
    assert conventions.role.kind is TakeKind.CORRECTION
    assert conventions.role.note == "(Corrects name)"


def test_the_headline_outranks_the_note_but_a_correction_is_noticed() -> None:
    body = "(Corrects name)\n\nANKARA (AP) - Turkey signed."
    role = read_conventions("UPDATE 2-Turkey signs", None, body, ARRIVED).role
    assert (role.kind, role.number, role.corrected) == (TakeKind.UPDATE, 2, True)


@pytest.mark.parametrize(
    ("note", "kind", "corrected"),
    [
        ("Eds: CORRECTS: the number of ships.", TakeKind.CORRECTION, True),
        ("Eds: UPDATES: With quotes.", TakeKind.UPDATE, False),
        ("(Eds: Adds byline)", TakeKind.UPDATE, False),
        ("Eds: With photos.", TakeKind.FIRST, False),
    ],
)
def test_a_note_that_says_whom_it_is_for(note: str, kind: TakeKind, corrected: bool) -> None:
    assert (read_note(note).kind, read_note(note).corrected) == (kind, corrected)


def test_spaces_in_a_note_cost_no_more_than_they_are_long() -> None:
    # Going over the spaces anew from each of them would take some 10**12 steps.
    assert read_note("Adds" + " " * 1_000_000 + "quotes").kind is TakeKind.UPDATE


@pytest.mark.parametrize("before", ["\n ", "\u00a0", "\f"])
def test_note_to_editors_is_read_after_any_white_space(before: str) -> None:
    assert read_note(f"{before}(Eds: CORRECTS the year)").kind is TakeKind.CORRECTION
