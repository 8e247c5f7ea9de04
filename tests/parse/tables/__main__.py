"""See ``tests.parse.tables``."""

from tests.parse.tables import DATELINES, TAKE_LINES, development, reported

for name, rows in (("datelines", DATELINES), ("take lines", TAKE_LINES)):
    for half in (development, reported):
        chosen = half(rows)
        failed = [row.text for row in chosen if not row.read()]
        print(f"{name}, {half.__name__}: {len(chosen) - len(failed)} of {len(chosen)}")
        if half is development:
            print("".join(f"  {text!r}\n" for text in failed), end="")
