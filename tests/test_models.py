"""What models tell of themselves."""

import pytest

from pipeline.models import Reason, Span, Story
from pipeline.reason_wording import describe_reasons

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


def test_reasons_in_words_say_a_name_once() -> None:
    reasons = [
        Reason("entity", "SAMP/T", 0.3),
        Reason("entity", "S-400", 0.2),
        Reason("term", "sampt", 0.2),
        Reason("term", "s400", 0.1),
        Reason("term", "consortium", 0.1),
        Reason("time", "58 days later", 0.1),
    ]
    assert describe_reasons(reasons) == "shares SAMP/T, S-400, consortium; 58 days later"
