"""What models tell of themselves."""

import pytest

from pipeline.models import Span, Story

BODY = "ANKARA (Wire) - Ministers met.\n\nThey parted."


@pytest.mark.parametrize(
    ("story", "title"),
    [
        (Story(uri="a", headline="Ministers meet", body=BODY), "Ministers meet"),
        (Story(uri="a", body=BODY, dateline=Span(0, 13)), "Ministers met."),
        (Story(uri="a", body="one two " * 100), f"{'one two ' * 12}one …"),
        (Story(uri="a"), ""),
    ],
)
def test_a_story_without_a_headline_goes_by_its_first_words(story: Story, title: str) -> None:
    assert story.title == title
