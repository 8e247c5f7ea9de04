"""Golden files: what each input document must become, as JSON beside it.

`python -m tests.parse.golden` writes the expected files anew; read the difference before it is committed.
"""

import json
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pipeline.models import Origin, PublisherLink, Rejected, Span, Story
from pipeline.parse import parse_file

DATA = Path(__file__).parent / "data"
EXPECTED = ".expected.json"
ARRIVED = datetime(2017, 11, 10, 18, 0, tzinfo=UTC)


def inputs() -> list[Path]:
    """Every golden input, by name."""
    return sorted(path for path in DATA.iterdir() if not path.name.endswith(EXPECTED))


def expected_path(path: Path) -> Path:
    """Where an input's expected result is."""
    return path.with_name(path.name + EXPECTED)


def outcome(path: Path) -> list[dict[str, Any]]:
    """What parsing makes of an input, as plain JSON values; defaults are left out."""
    origin = Origin("import", path.name, ARRIVED)
    return [_plain(result) for result in parse_file(path, origin)]


def _plain(result: Story | Rejected) -> dict[str, Any]:
    if isinstance(result, Rejected):
        return {"rejected": result.part, "reason": result.reason}
    default = Story(uri="")
    shown = {field.name: getattr(result, field.name) for field in fields(Story)}
    return {name: _value(value, result.body) for name, value in shown.items() if value != getattr(default, name)}


def _value(value: object, body: str) -> Any:
    if isinstance(value, datetime):
        assert value.tzinfo is UTC
        return value.isoformat()
    if isinstance(value, Span):
        return [value.start, value.end, body[value.start : value.end]]
    if isinstance(value, tuple):
        return [[part.rel, part.uri] if isinstance(part, PublisherLink) else part for part in value]
    return value


def write() -> None:
    """Write every expected file."""
    for path in inputs():
        text = json.dumps(outcome(path), ensure_ascii=False, indent=1)
        expected_path(path).write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    write()
