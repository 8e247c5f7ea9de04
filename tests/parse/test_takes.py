"""Take lines, editors' notes and slugs."""

import pytest

from pipeline.models import TakeKind
from pipeline.parse import without_take_line
from pipeline.parse.wire_marks.wire_marks import read_wire
from pipeline.wire.take_line import note_at, read_mark, read_note, read_slug, read_take_line
from tests.parse.documents import ARRIVED

HEADLINES = [
    ("UPDATE 1-Turkey signs", TakeKind.UPDATE, 1, False),
    ("UPDATE 12-Turkey signs", TakeKind.UPDATE, 12, False),
    ("UPDATE 1 - Turkey signs", TakeKind.UPDATE, 1, False),
    ("Update 2: Turkey signs", TakeKind.UPDATE, 2, False),
    ("UPDATE: Turkey signs", TakeKind.UPDATE, None, False),
    ("3RD UPDATE: Turkey signs", TakeKind.UPDATE, 3, False),
    ("CORRECTED-Turkey signs", TakeKind.CORRECTION, None, True),
    ("CORRECTED-(OFFICIAL)-Turkey signs", TakeKind.CORRECTION, None, True),
    ("CORRECTED-UPDATE 1-Turkey signs", TakeKind.CORRECTION, 1, True),
    ("UPDATE 3-CORRECTED-Turkey signs", TakeKind.UPDATE, 3, True),
    ("Correction: Turkey signs", TakeKind.CORRECTION, None, True),
    ("Clarification: Turkey signs", TakeKind.CORRECTION, None, True),
    ("REFILE-Turkey signs", TakeKind.REFILE, None, False),
    ("REFILE-CORRECTED-UPDATE 2-Turkey signs", TakeKind.REFILE, 2, True),
    ("RPT-Turkey signs", TakeKind.REPEAT, None, False),
    ("RPT-UPDATE 2-Turkey signs", TakeKind.REPEAT, 2, False),
    ("WRAPUP 3-Turkey signs", TakeKind.WRAPUP, 3, False),
    ("2nd LD: Turkey signs", TakeKind.UPDATE, 2, False),
    ("2ND LD-Turkey signs", TakeKind.UPDATE, 2, False),
    ("1st LD-Writethru: Turkey signs", TakeKind.UPDATE, 1, False),
    ("WITHDRAWN-Turkey signs", TakeKind.KILL, None, False),
    ("KILL: Turkey signs", TakeKind.KILL, None, False),
    ("KILL-Turkey signs", TakeKind.KILL, None, False),
    ("KILL KILL KILL Turkey signs", TakeKind.KILL, None, False),
    ("BULLETIN KILL - Turkey signs", TakeKind.KILL, None, False),
    ("UPDATE 1-WITHDRAWN-Turkey signs", TakeKind.KILL, 1, False),
    ("ADVISORY-Turkey signs", TakeKind.ADVISORY, None, False),
]


@pytest.mark.parametrize(("headline", "kind", "number", "corrected"), HEADLINES)
def test_take_line(headline: str, kind: TakeKind, number: int | None, corrected: bool) -> None:
    take, length = read_take_line(headline)
    assert (take.kind, take.number, take.corrected) == (kind, number, corrected)
    assert headline[length:] == "Turkey signs"
    assert without_take_line(headline) == "Turkey signs"


@pytest.mark.parametrize(
    ("headline", "kind", "number"),
    [("Turkey signs (Update2)", TakeKind.UPDATE, 2), ("Turkey signs (Correct)", TakeKind.CORRECTION, None)],
)
def test_mark_at_the_end(headline: str, kind: TakeKind, number: int | None) -> None:
    assert read_take_line(headline)[0].kind is kind
    assert read_take_line(headline)[0].number == number
    assert without_take_line(headline) == "Turkey signs"


@pytest.mark.parametrize(
    "headline",
    [
        "Turkey signs",
        "Kill Bill star visits Ankara",
        "KILL-SWITCH LAW PASSES SENATE",
        "KILL THE BILL - PROTESTERS MARCH",
        "Update on the missile deal",
        "Updates to the law are due",
        "UPDATE 1-",
        "Corrected figures show growth",
        "Correction officers strike",
        "Withdrawn medals are returned",
        "REPEAT-offenders face longer terms",
        "Leads 2 to 1",
        "Recall: a love story",
        "2nd lady visits school",
        "",
    ],
)
def test_no_take_line(headline: str) -> None:
    assert read_take_line(headline)[0].kind is TakeKind.FIRST
    assert without_take_line(headline) == headline


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
    assert note_at(body, 0) == len(note)
    take = read_wire("Turkey signs", None, body, ARRIVED).take
    assert (take.kind, take.corrected, take.note) == (kind, corrected, note)


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
    end = note_at(text, 0)
    assert end is None or read_note(text[:end]).kind is TakeKind.FIRST


def test_a_note_after_the_dateline() -> None:
    marks = read_wire("", None, "ANKARA, Nov 8 (Reuters) - (Corrects name) Turkey signed.", ARRIVED)
    assert marks.take.kind is TakeKind.CORRECTION
    assert marks.take.note == "(Corrects name)"


def test_the_headline_outranks_the_note_but_a_correction_is_noticed() -> None:
    take = read_wire("UPDATE 2-Turkey signs", None, "(Corrects name)\n\nANKARA (AP) - Turkey signed.", ARRIVED).take
    assert (take.kind, take.number, take.corrected) == (TakeKind.UPDATE, 2, True)


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
    assert (read_slug(slug).kind, read_slug(slug).number) == (kind, number)


@pytest.mark.parametrize(
    ("line", "kind"), [("1ST LEAD", TakeKind.UPDATE), ("REFILE", TakeKind.REFILE), ("EXTRA", TakeKind.FIRST)]
)
def test_line_of_its_own(line: str, kind: TakeKind) -> None:
    assert read_mark(line).kind is kind


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


def test_a_line_with_a_headline_is_no_mark_of_its_own() -> None:
    assert read_mark("1ST LEAD").kind is TakeKind.UPDATE
    assert read_mark("REFILE").kind is TakeKind.REFILE
    assert read_mark("UPDATE 1-Ferries sail again").kind is TakeKind.FIRST
