"""Take lines at the head of headlines, at their end, and on lines of their own."""

import pytest

from pipeline.models import TakeKind
from pipeline.wire.take_line import headline_span, read_take_line, read_take_words, without_take_line

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
    role, length = read_take_line(headline)
    assert (role.kind, role.number, role.corrected) == (kind, number, corrected)
    assert headline[length:] == "Turkey signs"
    assert without_take_line(headline) == "Turkey signs"


@pytest.mark.parametrize(
    ("headline", "kind", "number"),
    [("Turkey signs (Update2)", TakeKind.UPDATE, 2), ("Turkey signs (Correct)", TakeKind.CORRECTION, None)],
)
def test_take_line_at_the_end(headline: str, kind: TakeKind, number: int | None) -> None:
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
    ("line", "kind"), [("1ST LEAD", TakeKind.UPDATE), ("REFILE", TakeKind.REFILE), ("EXTRA", TakeKind.FIRST)]
)
def test_line_of_its_own(line: str, kind: TakeKind) -> None:
    assert read_take_words(line).kind is kind


def test_a_line_with_a_headline_is_no_take_line_of_its_own() -> None:
    assert read_take_words("1ST LEAD").kind is TakeKind.UPDATE
    assert read_take_words("REFILE").kind is TakeKind.REFILE
    assert read_take_words("UPDATE 1-Ferries sail again").kind is TakeKind.FIRST


@pytest.mark.parametrize(
    ("headline", "kind", "number", "for_readers"),
    [
        ("EXCLUSIVE-Turkey signs", TakeKind.FIRST, None, "EXCLUSIVE-Turkey signs"),
        ("ANALYSIS: Turkey signs", TakeKind.FIRST, None, "ANALYSIS: Turkey signs"),
        ("FACTBOX-UPDATE 2-Turkey signs", TakeKind.UPDATE, 2, "Turkey signs"),
        ("UPDATE 2-INTERVIEW-Turkey signs", TakeKind.UPDATE, 2, "INTERVIEW-Turkey signs"),
        ("BRIEF-Turkey signs (Update2)", TakeKind.UPDATE, 2, "BRIEF-Turkey signs"),
    ],
)
def test_labels_are_for_readers_and_not_about_the_story(
    headline: str, kind: TakeKind, number: int | None, for_readers: str
) -> None:
    role, _ = read_take_line(headline)
    assert (role.kind, role.number) == (kind, number)
    assert without_take_line(headline) == for_readers
    span = headline_span(headline)
    assert headline[span.start : span.end] == "Turkey signs"


@pytest.mark.parametrize("headline", ["EXCLUSIVE-use zone is lifted", "Analysis: a letter", "INTERVIEW", "BRIEF- ", ""])
def test_no_label(headline: str) -> None:
    span = headline_span(headline)
    assert headline[span.start : span.end] == headline


def test_a_take_line_without_a_headline_is_kept() -> None:
    span = headline_span(" (Update2)")
    assert " (Update2)"[span.start : span.end] == " (Update2)"
