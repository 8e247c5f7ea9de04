"""IPTC 7901 beyond the golden files."""

import pytest

from pipeline.models import Rejected
from pipeline.parse import parse
from tests.parse.documents import document, only_story


def test_a_teleprinter_message_without_an_end_of_heading() -> None:
    message = (
        "\x01abc001 2 i 10 xyz\r\n\r\nSlug/\r\n\x02The headline\r\n\r\nLONDON (AP) - Text.\r\n\x03101015 Nov 17\r\n\x04"
    )
    story = only_story(document(message))
    assert (story.headline, story.body, story.agency, story.urgency) == ("The headline", "LONDON (AP) - Text.", "AP", 2)


@pytest.mark.parametrize("message", ["\x01\x02", "\x01x\x02\x03\x04", "\x01abc001 2 i\r\n\x02\r\n\x03"])
def test_an_empty_teleprinter_message_is_rejected(message: str) -> None:
    assert all(isinstance(result, Rejected) for result in parse(document(message)))
