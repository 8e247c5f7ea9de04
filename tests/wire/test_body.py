"""The text between dateline and trailer."""

from hypothesis import given
from hypothesis import strategies as st

from pipeline.models import Span, Story
from pipeline.wire.body import body_paragraphs, body_span, body_text

BODY = "ANKARA, Nov 8 (AP) -  One line\nwrapped.\n\nTwo.\n\n(Reporting by A. B.)"
STORY = Story(uri="u", body=BODY, dateline=Span(0, 20), trailer=Span(BODY.index("(Reporting"), len(BODY)))


def test_text_between_dateline_and_trailer() -> None:
    assert body_text(STORY) == "  One line\nwrapped.\n\nTwo.\n\n"
    assert body_paragraphs(STORY) == ("One line wrapped.", "Two.")


def test_a_body_without_dateline_and_trailer_is_all_text() -> None:
    assert body_text(Story(uri="u", body="- One\nTwo")) == "- One\nTwo"
    assert body_paragraphs(Story(uri="u", body="- One\nTwo")) == ("One", "Two")


@given(st.text(max_size=40), st.tuples(*[st.integers(0, 40)] * 2), st.tuples(*[st.integers(0, 40)] * 2))
def test_it_lies_in_the_body(body: str, dateline: tuple[int, int], trailer: tuple[int, int]) -> None:
    story = Story(
        uri="u",
        body=body,
        dateline=Span(*sorted(min(end, len(body)) for end in dateline)),
        trailer=Span(*sorted(min(end, len(body)) for end in trailer)),
    )
    span = body_span(story)
    assert 0 <= span.start <= span.end <= len(body)
