"""Markup to text: what was typed for a teleprinter keeps its lines, what was only wrapped does not."""

from pipeline.parse.io.html import to_text

TYPED = """<p>(Adds trader)
    * Rain falls on the main belt
    * Grindings due on Monday

    ACCRA, Nov 9 (Harbour News) - Cocoa slipped on Thursday as
rain returned to the main belt.
    March cocoa fell 12 pounds.
</p>"""
TABLE = """<p>Results of the second division on Sunday
Aarhus           2 Bergen         1
Catania          0 Dortmund       0
Esbjerg          3 Fulda          1
Gdynia           1 Halden         4
</p>"""


def test_typed_paragraphs_stay_apart() -> None:
    assert to_text(TYPED).split("\n") == [
        "(Adds trader)",
        "* Rain falls on the main belt",
        "* Grindings due on Monday",
        "ACCRA, Nov 9 (Harbour News) - Cocoa slipped on Thursday as rain returned to the main belt.",
        "March cocoa fell 12 pounds.",
    ]


def test_typed_columns_stay_lines() -> None:
    assert to_text(TABLE).split("\n")[1:3] == ["Aarhus 2 Bergen 1", "Catania 0 Dortmund 0"]


def test_wrapped_markup_is_one_line() -> None:
    indented = "<div>\n  <p>\n    Cocoa slipped as\n    rain returned to the main\n    Belt of Ashanti.\n  </p>\n</div>"
    assert to_text(indented) == "Cocoa slipped as rain returned to the main Belt of Ashanti."
    assert (
        to_text("<p>Cocoa slipped\non Thursday as\nrain returned.</p>") == "Cocoa slipped on Thursday as rain returned."
    )
