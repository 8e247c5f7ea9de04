"""See ``tests.parse.tables``."""

from tests.parse.tables import DATELINES, development, reported

for half in (development, reported):
    chosen = half(DATELINES)
    failed = [row.text for row in chosen if not row.is_read()]
    print(f"datelines, {half.__name__}: {len(chosen) - len(failed)} of {len(chosen)}")
    if half is development:
        print("".join(f"  {text!r}\n" for text in failed), end="")
