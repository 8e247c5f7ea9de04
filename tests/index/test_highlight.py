"""Highlights and matched words: found quickly, and the same as when every word of the text is looked at."""

from datetime import UTC, datetime
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.index.highlight import Highlighter
from pipeline.query import parse_query
from pipeline.query.analysis import terms

NOW = datetime(2017, 11, 20, tzinfo=UTC)


def marked(query: str, body: str, headline: str = "") -> dict[str, tuple[str, ...]]:
    return Highlighter(parse_query(query, NOW)).highlights({"headline": headline, "body": body})


@pytest.mark.parametrize(
    ("query", "body", "expected"),
    [
        ("missile", "Missiles, a missile's range.", "<em>Missiles</em>, a <em>missile's</em> range."),
        ("s400", "The S 400, S-400s and S400.", "The <em>S 400</em>, <em>S-400s</em> and <em>S400</em>."),
        ("nato", "N.A.T.O. met.", "<em>N.A.T.O.</em> met."),
        ("us", "A U.S. envoy told us.", "A <em>U.S.</em> envoy told <em>us</em>."),
        ("sampt", "SAMP/T or SAMP-T", "<em>SAMP/T</em> or <em>SAMP-T</em>"),
        ("erdogan", "Erdoğan’s office", "<em>Erdoğan’s</em> office"),
        ("obrien", "Mr. O’Brien spoke", "Mr. <em>O’Brien</em> spoke"),
        ("strasse", "Die Straße", "Die <em>Straße</em>"),
        ('"air defence"', "Air-defence and air raids", "<em>Air-defence</em> and air raids"),
        ('"defence air"~2', "An air and sea defence", "An air and sea defence"),
        ('"defence air"~4', "An air and sea defence", "An <em>air</em> and sea <em>defence</em>"),
        ("defen?e", "Defence; defense", "<em>Defence</em>; <em>defense</em>"),
        ("organiz*", "The organization", "The <em>organization</em>"),
        ("roketsan~1", "Roketsen won", "<em>Roketsen</em> won"),
        ("deal -sanctions", "A deal, no sanctions", "A <em>deal</em>, no sanctions"),
        ("body:deal", "A deal", "A <em>deal</em>"),
        ("1000", "Some 1,000 men", "Some <em>1,000</em> men"),
        ("deal", "<b>deal</b> & more", "&lt;b&gt;<em>deal</em>&lt;/b&gt; &amp; more"),
    ],
)
def test_marks_stand_around_what_matched(query: str, body: str, expected: str) -> None:
    assert marked(query, body) == {"body": (expected,)} if "<em>" in expected else marked(query, body) == {}


def test_a_field_that_was_not_asked_for_is_not_marked() -> None:
    assert marked("headline:deal", "A deal", "The deal") == {"headline": ("The <em>deal</em>",)}
    assert marked("person:deal", "A deal", "The deal") == {}


def test_long_texts_give_up_to_three_fragments_cut_between_words() -> None:
    body = " ".join(f"word{n}" if n % 100 else "Needle" for n in range(600))
    (fragments,) = marked("needle", body).values()
    assert len(fragments) == 3
    for fragment in fragments:
        assert "<em>Needle</em>" in fragment
        assert len(fragment) < 260
        plain = unescape(fragment).replace("<em>", "").replace("</em>", "")
        assert set(plain.split()) <= set(body.split())


_PIECES = (
    *("S", "400", "S-400", "deal", "Deals,", "O’Brien", "letter", "of", "intent", "-", "SAMP/T", "a.m.", "Straße"),
    *("1,000", "air-defence", "\n", "Erdoğan’s", "U.S.", "x"),
)
_TEXT = st.lists(st.sampled_from(_PIECES), max_size=25).map(" ".join)


@given(_TEXT, st.sampled_from(["s400", "deal", "obrien", "sampt", "us", "strasse", "1000", "am", '"letter of intent"']))
def test_something_is_marked_exactly_where_the_word_occurs(body: str, query: str) -> None:
    wanted = terms(query)
    text = terms(body)
    occurs = any(text[start : start + len(wanted)] == wanted for start in range(len(text)))
    assert bool(marked(query, body)) is occurs
