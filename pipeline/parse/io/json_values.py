"""JSON values: read with faults that say where they are, and written on one line."""

import json
from typing import Any

from pipeline.errors import ParseError


def compact_json(value: object) -> str:
    """Return a JSON value on one line, as it is kept in quarantine."""
    try:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    except RecursionError:  # it was read with more of the stack to spare
        return ""


def read_json(text: str) -> Any:
    """Read a JSON value.

    Raises:
        ParseError: The text is not JSON; the message names the position of the fault.
    """
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise ParseError(f"not valid JSON: {error.msg} (line {error.lineno}, column {error.colno})") from error
    except RecursionError as error:
        raise ParseError("JSON nested too deeply to be news") from error
    except ValueError as error:  # a number of more digits than Python converts
        raise ParseError(f"not valid JSON: {error}") from error
