"""JSON documents: a JSON Feed, a ninjs object or collection, or one ninjs object per line."""

import json
from collections.abc import Iterator

from pipeline.errors import ParseError
from pipeline.models import RawDocument, Rejected
from pipeline.parse.fields import Fields
from pipeline.parse.formats import json_lines, jsonfeed, ninjs
from pipeline.parse.io.decode import decode
from pipeline.parse.io.json_values import read_json


def read(document: RawDocument) -> Iterator[Fields | Rejected]:
    """Read the takes of a JSON document.

    Raises:
        ParseError: It is no JSON, or JSON of a kind that carries no stories.
    """
    text = decode(document.content, document.charset)
    first_line, _, rest = text.lstrip().partition("\n")
    if rest.strip() and _is_object(first_line):
        yield from json_lines.read(document)
        return
    value = read_json(text)
    if isinstance(value, dict) and jsonfeed.recognises(value):
        yield from jsonfeed.read(value, document)
    elif isinstance(value, list) or (isinstance(value, dict) and ninjs.recognises(value)):
        yield from ninjs.read(value, document)
    else:
        raise ParseError(
            "JSON, but neither a ninjs object or collection nor a JSON Feed: expected a uri, headline or body"
        )


def _is_object(line: str) -> bool:
    line = line.strip()
    if not (line.startswith("{") and line.endswith("}")):
        return False
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False
