"""Whatever comes in: stories, rejections or a ParseError come out, and every span lies in its text."""

import contextlib
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.errors import ParseError
from pipeline.models import Story
from pipeline.parse import parse_article
from pipeline.parse.conventions.wire_conventions import read_conventions
from pipeline.parse.io.html import to_text
from pipeline.parse.values.identity import canonical_url
from pipeline.wire.take_line import headline_span, read_take_line, without_take_line
from tests.parse.documents import ARRIVED, document
from tests.parse.fuzzing import NAMES, TOKENS, check, check_story, mutated, within
from tests.parse.golden import inputs

QUICK = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
SOAK = settings(max_examples=100_000, deadline=None, suppress_health_check=list(HealthCheck))
documents = st.one_of(
    st.binary(max_size=400),
    st.text(max_size=400).map(lambda text: text.encode("utf-8", "surrogatepass")),
    st.lists(st.sampled_from(TOKENS) | st.text(max_size=8), max_size=60).map(
        lambda pieces: "".join(pieces).encode("utf-8", "surrogatepass")
    ),
)


def parses(content: bytes, name: str, charset: str | None) -> None:
    check(content, name, charset)


random_documents = given(documents, st.sampled_from(NAMES), st.sampled_from([None, "utf-8", "latin-1", "utf-16", "x"]))
test_documents = QUICK(random_documents(parses))
test_documents_soak = pytest.mark.soak(SOAK(random_documents(parses)))


def parses_mutated(path: Path, seed: int) -> None:
    check(mutated(path.read_bytes(), seed), path.name)


mutations = given(st.sampled_from(inputs()), st.integers(min_value=0, max_value=2**40))
test_mutations = QUICK(mutations(parses_mutated))
test_mutations_soak = pytest.mark.soak(SOAK(mutations(parses_mutated)))


@QUICK
@given(st.lists(st.sampled_from(TOKENS) | st.text(max_size=8), max_size=40).map("".join), st.text(max_size=60))
def test_wire_conventions(body: str, headline: str) -> None:
    conventions = read_conventions(headline, headline, body, ARRIVED)
    assert conventions.dateline is None or within(conventions.dateline.span, body)
    assert conventions.trailer is None or within(conventions.trailer, body)
    assert 0 <= read_take_line(headline)[1] <= len(headline)
    assert without_take_line(headline) in headline
    assert not headline or within(headline_span(headline), headline)


@QUICK
@given(st.lists(st.sampled_from(TOKENS) | st.text(max_size=8), max_size=40).map("".join))
def test_markup(markup: str) -> None:
    text = to_text(markup)
    assert "<script" not in text.lower()
    assert text == text.strip("\r\n") or "<pre>" in markup


@QUICK
@given(st.text(max_size=60) | st.text(max_size=40).map(lambda rest: f"https://a.example/{rest}"))
def test_addresses(url: str) -> None:
    canonical = canonical_url(url)
    assert canonical is None or canonical_url(canonical) == canonical


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(TOKENS) | st.text(max_size=30), max_size=40).map("".join))
def test_article_pages(page: str) -> None:
    with contextlib.suppress(ParseError):
        check_story(parse_article(document(page), Story(uri="u", headline="h")))


@pytest.mark.parametrize(
    "pattern",
    [
        "(",
        "A ",
        "LONDON - ",
        "LONDON, ",
        "(Adds ",
        "\n",
        " \n",
        "\n(",
        "(Reporting by ",
        "Reporting by A;",
        "UPDATE 1-",
        "<p",
        "&lt;",
        "_",
    ],
)
def test_a_repeated_pattern_costs_in_proportion(pattern: str) -> None:
    # a quadratic step would take minutes at this size
    text = pattern * (1_000_000 // len(pattern))
    read_conventions(text[:1000], text[:1000], text, ARRIVED)
    to_text(text[:200_000])
    without_take_line(text)
