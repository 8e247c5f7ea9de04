"""JSON Feed beyond the golden files."""

import pytest

from pipeline.errors import ParseError
from pipeline.parse import parse
from tests.parse.documents import document


@pytest.mark.parametrize("content", ['{"version": "https://jsonfeed.org/version/1.1", "items": 3}'])
def test_a_json_feed_that_is_none(content: str) -> None:
    with pytest.raises(ParseError, match="items are no list"):
        list(parse(document(content)))
