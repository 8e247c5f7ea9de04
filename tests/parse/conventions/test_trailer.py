"""Editors' credits and notices at the end of a story."""

import pytest

from pipeline.parse.conventions.trailer import find_trailer

STORY = "ANKARA (Reuters) - Turkey signed.\n\nHe said reporting by foreign media was biased."


@pytest.mark.parametrize(
    "trailer",
    [
        "\n\n|(Reporting by Ece Ak; Editing by Tom Low)",
        "\n\n|(Reporting by Ece Ak in Ankara and\nJo Lee in Paris; Editing by\nTom Low)",
        " |(Reporting by Ece Ak)",
        "\n\n|Reporting by Ece Ak; Editing by Tom Low",
        "\n\n|Reporting by Ece Ak; Editing by Tom Low\n\nOur Standards: The Trust Principles.",
        "\n\n|(Additional reporting by Jo Lee)\n(Editing by Tom Low)\n",
        "\n\n|(This story has been refiled to fix a typo)\n\n(Reporting by Ece Ak)",
        "\n\t   |(cm-kjd)\n",
        "\n\n|(c) 2017 The Agency",
        "\n\n|Copyright 2017 The Agency. All rights reserved.",
        "\n\n|Associated Press writer Jo Lee in Paris contributed to this report.",
        "\n\n|___\n\nAssociated Press writer Jo Lee contributed to this report.",
        "\n\n|ENDS",
        "\n\n|-30-",
        "\n\n|bur-jp/ach",
        "\n\n|AAP rtv ar",
        "\n\n|/ritzau/",
        "\n\n|(BusinessDesk)",
        "\n\n|==Kyodo",
        "\n\n|This report by The Canadian Press was first published July 3, 2020.",
        "\r\n\r\n|(Reporting by Ece Ak)\r\n",
    ],
)
def test_trailer(trailer: str) -> None:
    gap, _, closing = trailer.partition("|")
    body = STORY + gap + closing
    span = find_trailer(body)
    assert span is not None
    assert body[span.start : span.end] == closing.rstrip()


@pytest.mark.parametrize(
    "body",
    [
        STORY,
        "",
        "(Reporting by Ece Ak)",
        "One.\n\nReporting by day is hard, he said, and went on to speak of many other things at some length.",
        "One.\n\nHe wrote the\nReporting by committee was bad, he told\nus.",
        "One.\n\nThe play ends",
        "One.\n\n(He declined to comment)",
        "One.\n\n(Reporting by Ece Ak is the title of the book that she never closed the bracket of.",
        "x" * 100_000,
        "\n" * 100_000,
        "(" * 100_000,
    ],
)
def test_no_trailer(body: str) -> None:
    assert find_trailer(body) is None
