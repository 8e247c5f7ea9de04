"""Copies: the same text with small edits or a cut end; never a template with other facts."""

import dataclasses
from datetime import UTC, datetime

import pytest

from pipeline.models import Origin, Span, StoredTake, Story
from pipeline.relate.copies import copy_similarity, same_text

LINES = [
    "The mayor of Brenn, Otto Halvard, said on Tuesday that 412 households had left the valley before dawn.",
    "Engineers of Vell Hydro measured 14 cracks, the longest of them 3.2 metres, on the eastern face of the dam.",
    "Both spillways were opened at 0340 and the level of the reservoir had dropped by a metre at noon.",
    "Residents slept in the sports hall of Karst, where the Red Cross handed out blankets and soup.",
    "A spokeswoman for the ministry in Orlena said that a commission of five experts would report within a month.",
    "The dam was finished in 1968 and last inspected four years ago, when only minor leaks were noted.",
]
TEXT = " ".join(LINES)
QUAKE = (
    "A magnitude {0} earthquake struck {1} on {2}, the geological survey said. The tremor was {3} km deep and its "
    "centre lay {4} km from {5}. There were no immediate reports of damage or of injuries, and no tsunami warning was "
    "issued. The survey said that aftershocks were possible and that people should check their homes for cracks."
)


def take(
    number: int, body: str, source: str | None, dateline: Span | None = None, trailer: Span | None = None
) -> StoredTake:
    origin = Origin("test", "test", datetime(2021, 3, 1, tzinfo=UTC))
    story = Story(uri=f"s:{number}", body=body, source=source, dateline=dateline, trailer=trailer)
    return StoredTake(version_id=number, lineage=number, version=1, story=story, origin=origin)


def test_the_same_text_is_a_copy() -> None:
    assert same_text(TEXT, TEXT) == 1.0


def test_case_spacing_and_punctuation_do_not_count() -> None:
    assert same_text(TEXT, TEXT.replace(", ", " ,  ").replace(". ", ".\n\n")) == 1.0


def test_small_edits_leave_a_copy() -> None:
    edited = TEXT.replace("before dawn", "overnight").replace("handed out", "distributed")
    assert same_text(TEXT, edited) == pytest.approx(0.9, abs=0.1)


def test_a_cut_end_leaves_a_copy_but_a_quoted_paragraph_does_not() -> None:
    assert same_text(TEXT, " ".join(LINES[:3])) is not None
    assert same_text(TEXT + " " + TEXT.replace("dam", "bridge").upper(), " ".join(LINES[:2])) is None


def test_a_template_filled_with_other_facts_is_no_copy() -> None:
    first = QUAKE.format("5.1", "Central Peru", "Monday", "40", "12", "Huaral")
    other = QUAKE.format("6.3", "Northern Chile", "Friday", "112", "85", "Calama")
    assert same_text(first, first) == 1.0
    assert same_text(first, other) is None


def test_a_rewrite_is_no_copy() -> None:
    rewrite = (
        "More than four hundred families spent the night in emergency shelters after Vell Hydro found long cracks in "
        "its dam above the town of Brenn. The company began to empty the lake at once. The government named experts "
        "to find out why an inspection four years ago saw nothing more than small leaks."
    )
    assert same_text(TEXT, rewrite) is None


def test_other_words_in_the_same_order_with_the_same_facts_are_a_copy() -> None:
    reworded = TEXT
    for word, other in {
        "said on": "stated on", "had left": "abandoned", "before dawn": "overnight", "measured": "counted",
        "the longest": "the largest", "opened": "unlocked", "dropped": "fallen", "slept": "stayed",
        "handed out": "gave away", "would report": "was to report", "within": "in", "noted": "seen",
    }.items():  # fmt: skip
        assert word in reworded
        reworded = reworded.replace(word, other)
    assert same_text(TEXT, reworded) is not None
    assert same_text(TEXT, reworded.replace("Brenn", "Tarn").replace("412", "97").replace("Karst", "Olm")) is None


def test_designations_and_small_numbers_are_the_same_however_written() -> None:
    written = (
        TEXT.replace("The dam", "The S-400 battery near the dam").replace("four years", "4 years").replace("five", "5")
    )
    other = TEXT.replace("The dam", "The S400 battery near the dam")
    assert same_text(written, other) is not None


def test_short_texts_are_never_copies() -> None:
    assert same_text("Dam closed.", "Dam closed.") is None
    assert same_text("", "") is None


def test_a_publisher_copies_itself_only_word_for_word() -> None:
    first, later = take(1, TEXT, "Orlena News"), TEXT + " The families may return on Friday."
    assert copy_similarity(first, take(2, TEXT, "Karst Post")) == 1.0
    assert copy_similarity(first, take(2, later, "Karst Post")) == pytest.approx(0.95, abs=0.05)
    assert copy_similarity(first, take(2, later, "Orlena News")) is None
    assert copy_similarity(first, take(2, TEXT, "Orlena News")) == 1.0
    assert copy_similarity(take(1, TEXT, None), take(2, later, None)) is not None


def test_takes_of_one_story_are_not_copies_of_each_other() -> None:
    first = take(1, TEXT, "Orlena News")
    assert copy_similarity(first, dataclasses.replace(take(2, TEXT, "Karst Post"), lineage=1)) is None


def test_datelines_and_trailers_do_not_count() -> None:
    dateline, trailer = "ORLENA, March 2 (Orlena News) - ", " (Reporting by Ida Moen; Editing by Per Aas)"
    body = dateline + TEXT + trailer
    with_both = take(2, body, "Orlena News", Span(0, len(dateline)), Span(len(body) - len(trailer), len(body)))
    assert copy_similarity(take(1, TEXT, "Karst Post"), with_both) == 1.0
