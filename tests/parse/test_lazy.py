"""Importing the package costs little: the parsers' libraries come when a document needs them."""

import json
import subprocess
import sys

import pytest

HEAVY = ("feedparser", "trafilatura", "lxml", "charset_normalizer", "spacy", "sqlalchemy")
PROGRAM = """
import json, sys
from datetime import UTC, datetime
from pipeline.models import Origin, RawDocument
from pipeline.parse import parse
content = sys.stdin.buffer.read()
if content:
    list(parse(RawDocument(origin=Origin("t", "t", datetime(2017, 11, 9, tzinfo=UTC)), content=content)))
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


def modules_after(content: str) -> set[str]:
    run = subprocess.run([sys.executable, "-c", PROGRAM], input=content.encode(), capture_output=True, check=True)
    return set(json.loads(run.stdout))


@pytest.mark.parametrize(
    ("content", "needed"),
    [
        ("", set()),
        ("LONDON (AP) - Text.", set()),
        ('{"uri": "u", "body_text": "b"}', {"lxml"}),
        ("<rss><channel><item><title>a</title></item></channel></rss>", {"feedparser", "lxml"}),
        ("<nitf><body><p>a</p></body></nitf>", {"lxml"}),
    ],
)
def test_only_what_is_needed_is_imported(content: str, needed: set[str]) -> None:
    assert modules_after(content) & set(HEAVY) <= needed
