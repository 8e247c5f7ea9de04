"""Putting dossiers together: what is awkward in real affairs."""

import pytest

from pipeline.models import (
    Span,
    Status,
    Story,
)
from pipeline.relate.dossier.build import assemble, web_address
from pipeline.relate.dossier.contents import Role
from pipeline.relate.dossier.markdown import dossier_markdown
from pipeline.relate.dossier.page import dossier_page
from pipeline.relate.dossier.timeline_chart import timeline_chart
from pipeline.wire.body import body_paragraphs
from tests.relate.dossier.members import START, UTC_ZONE, dossier_of, member, record


def test_a_story_without_anything_is_a_dossier() -> None:
    alone = dossier_of(story=record(1, None, tagged=False, headline=""))
    assert [step.role for step in alone.steps] == [Role.STORY]
    assert (alone.involved, timeline_chart(alone, 900)) == ((), None)
    assert "Nothing led to this story" in dossier_page(alone, UTC_ZONE)
    assert dossier_markdown(alone, UTC_ZONE).startswith("# Text 1.")


def test_a_happening_is_one_step_told_by_its_closest_story() -> None:
    dossier = dossier_of(
        member(record(2, 3, happening=7), 0.5),
        member(record(3, 4, happening=7), 0.8),
        member(record(4, 3.5, happening=7), 0.6),
    )
    assert [step.source.id for step in dossier.steps] == [1, 3]
    assert [report.id for report in dossier.steps[1].reports] == [2, 4]
    assert dossier.stories == 4


def test_reports_of_the_storys_own_happening_are_folded_under_it() -> None:
    dossier = dossier_of(member(record(2, 0.2, happening=7), 0.99), story=record(1, happening=7))
    assert [(step.source.id, [report.id for report in step.reports]) for step in dossier.steps] == [(1, [2])]


def test_copies_of_another_report_are_reports_too_and_no_steps() -> None:
    report, copy = record(2, 0.2, happening=7), record(3, 0.3)
    members = [member(report, 0.9), member(copy, 0.8)]
    dossier = assemble(record(1, happening=7), members, {2: [copy], 3: [report]}, (), START)
    assert [(step.source.id, [report.id for report in step.reports]) for step in dossier.steps] == [(1, [2, 3])]


def test_members_of_the_thread_without_a_tie_of_their_own_are_told_so() -> None:
    dossier = dossier_of(member(record(2, 3), None))
    assert dossier.steps[1].score is None
    assert "of the same thread" in dossier_page(dossier, UTC_ZONE)


def test_what_is_not_usable_is_left_out() -> None:
    dossier = dossier_of(
        member(record(2, 3, status=Status.WITHDRAWN), 0.9), member(record(3, 3, status=Status.WITHHELD), 0.9)
    )
    assert len(dossier.steps) == 1


def test_the_same_name_under_two_ids_is_one_and_is_new_once() -> None:
    dossier = dossier_of(member(record(2, 3, names=("ana", "Ben")), 0.9), member(record(3, 4, names=("Ben",)), 0.9))
    assert [[name.name for name in step.names] for step in dossier.steps] == [["Ana"], ["Ben"], []]
    assert {involved.name.name: involved.steps for involved in dossier.involved} == {"Ana": (1, 2), "Ben": (2, 3)}


@pytest.mark.parametrize(
    "url", [None, "javascript:alert(1)", "ftp://example.org/x", "data:text/html,x", "//host/x", ""]
)
def test_only_addresses_of_the_web_become_links(url: str | None) -> None:
    assert web_address(url) is None
    assert web_address("HTTPS://example.org/a") == "HTTPS://example.org/a"


def test_paragraphs_are_the_text_between_dateline_and_trailer() -> None:
    body = "ANKARA (Wire) - One\nline wrapped.\n\nTwo.\n\n(Reporting by A)"
    story = Story(uri="a", body=body, dateline=Span(0, 13), trailer=Span(body.index("(Rep"), len(body)))
    assert body_paragraphs(story) == ("One line wrapped.", "Two.")
    assert story.title == "One line wrapped."
    assert Story(uri="wire:empty").title == ""
