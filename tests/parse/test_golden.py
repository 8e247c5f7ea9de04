"""Every golden input becomes exactly what is written beside it."""

import json
from pathlib import Path

import pytest

from tests.parse.golden import expected_path, inputs, outcome


@pytest.mark.parametrize("path", inputs(), ids=lambda path: path.name)
def test_golden(path: Path) -> None:
    assert outcome(path) == json.loads(expected_path(path).read_text(encoding="utf-8"))


def test_every_format_has_a_killed_version() -> None:
    killed = {
        path.name.split(".")[0].split("-")[0]
        for path in inputs()
        if any(result.get("status") == "withdrawn" for result in outcome(path))
    }
    assert killed >= {"rss2", "atom", "feed", "ninjs1", "newsml", "nitf", "iptc7901", "plain"}
