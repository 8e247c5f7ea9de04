"""What queries mean: typed text beside the checked tree, written out briefly."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import QueryError
from pipeline.query import parse_query
from pipeline.query.fields import FIELDS
from pipeline.query.tree import (
    Between,
    Bool,
    Boosted,
    During,
    Everything,
    Exists,
    Fuzzy,
    Key,
    Node,
    Pattern,
    Words,
    needs_text,
    wanted_leaves,
)

NOW = datetime(2017, 11, 9, 14, 30, tzinfo=UTC)


def brief(node: Node) -> str:
    """``+`` must, ``-`` must not; ``where:`` is left out for the default fields."""
    match node:
        case Everything():
            return "all"
        case Words():
            return _where(node.fields) + " ".join(node.terms) + (f"~{node.slop}" if node.slop else "")
        case Pattern():
            return f"{_where(node.fields)}/{node.pattern}/"
        case Fuzzy():
            return f"{_where(node.fields)}{node.word}~~{node.distance}"
        case Key():
            return f"{node.field}={node.key}"
        case Between():
            return f"{node.field}[{node.low},{node.high}]"
        case During():
            return f"{node.field}[{_day(node.start)},{_day(node.end)})"
        case Exists():
            return f"{node.field}?"
        case Boosted():
            return f"{brief(node.node)}^{node.factor:g}"
        case Bool():
            parts = [f"+{brief(n)}" for n in node.must] + [brief(n) for n in node.should]
            return f"({' | '.join(parts + [f'-{brief(n)}' for n in node.must_not])})"


def _where(fields: tuple[tuple[str, float], ...]) -> str:
    return "" if dict(fields) == {"headline": 2.0, "body": 1.0} else f"{fields[0][0]}:"


def _day(time: datetime | None) -> str:
    return "*" if time is None else time.isoformat(timespec="auto").replace("+00:00", "").replace("T00:00:00", "")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        # words and phrases
        ("missiles", "missil"),
        ("Turkey signs", "(turkei | sign)"),
        ("air-defence", "air defenc"),
        ('"letter of intent"', "letter of intent"),
        ('"intent letter"~4', "intent letter~4"),
        ('"missile"~4', "missil"),
        ("“letter of intent”", "letter of intent"),
        ("headline:accord", "headline:accord"),
        ('body:"air defence"', "body:air defenc"),
        ("Erdoğan’s", "erdogan"),
        (r"a\:b\-c", "a b c"),
        ("#tag 10% $3.5", "(tag | 10 | 3.5)"),
        ("Marks & Spencer", "(mark | spencer)"),
        # designations, however typed
        ("S-400", "s400"),
        ("s 400 deal", "(s400 | deal)"),
        ("SAMP/T", "sampt"),
        ('"S 400"', "s400"),
        ("headline:(S 400)", "headline:s400"),
        # common words
        ("letter of intent", "(letter | intent)"),
        ("the of", "(the | of)"),
        ("to", "to"),
        ("+the +deal", "deal"),
        ('"the"', "the"),
        # operators
        ("a1 AND b1 OR c1", "((+a1 | +b1) | c1)"),
        ("a1 AND (b1 OR c1)", "(+a1 | +(b1 | c1))"),
        ("a1 && b1 || c1", "((+a1 | +b1) | c1)"),
        ("a1 b1 +c1 -d1", "(+c1 | a1 | b1 | -d1)"),
        ("a1 NOT b1", "(a1 | -b1)"),
        ("a1 !b1", "(a1 | -b1)"),
        ("a1 AND NOT b1", "(+a1 | -b1)"),
        ("a1 AND -b1", "(+a1 | -b1)"),
        ("NOT a1", "(+all | -a1)"),
        ("-a1", "(+all | -a1)"),
        ("a1 OR NOT b1", "(a1 | (+all | -b1))"),
        ("NOT NOT a1", "(+all | -(+all | -a1))"),
        ("a1 and b1 or not c1", "(a1 | b1 | c1)"),
        ("wow!", "wow"),
        # weights
        ("a1^2", "a1^2"),
        ("(a1 OR b1)^0.5", "(a1 | b1)^0.5"),
        ('person:"A B"^3', "person=ab^3"),
        # fields of names and keywords
        ('person:"Jens Stoltenberg"', "person=jensstoltenberg"),
        ("product:S400", "product=s400"),
        ('product:"S-400"', "product=s400"),
        ("organization:(NATO OR EUROSAM)", "(organization=nato | organization=eurosam)"),
        ("agency:(+Reuters -AP)", "(+agency=reuters | -agency=ap)"),
        ('uri:"tag:example.org,2017:A-1"', "uri=tag:example.org,2017:a-1"),
        (r"topics:medtop\:20000053", "topics=medtop:20000053"),
        ("status:Usable", "status=usable"),
        ("corrected:TRUE", "corrected=true"),
        # patterns
        ("missil*", "/missil*/"),
        ("Organi?ation*", "/organi?ation*/"),
        ("S-4*", "/s4*/"),
        ("person:Jens*", "person:/jens*/"),
        ("language:e?", "language:/e?/"),
        ("a***", "/a*/"),
        ("missil~", "missil~~2"),
        ("deal~", "deal~~1"),
        ("eu~", "eu~~0"),
        ("missil~1", "missil~~1"),
        ("person:erdogen~2", "person:erdogen~~2"),
        # everything, existence
        ("*:*", "all"),
        ("_exists_:person", "person?"),
        ("person:*", "person?"),
        ("NOT _exists_:published_at", "(+all | -published_at?)"),
        ("published_at:[* TO *]", "published_at?"),
        # numbers
        ("urgency:3", "urgency[3,3]"),
        ("urgency:[1 TO 3]", "urgency[1,3]"),
        ("urgency:{1 TO 3}", "urgency[2,2]"),
        ("urgency:>=2", "urgency[2,None]"),
        ("urgency:<2", "urgency[None,1]"),
        ("id:[-5 TO -1]", "id[-5,-1]"),
        ("follows:12", "follows[12,12]"),
        # dates
        ("published_at:2017-11", "published_at[2017-11-01,2017-12-01)"),
        ("published_at:[2017-11-01 TO 2018-02-01]", "published_at[2017-11-01,2018-02-02)"),
        ("published_at:[2017-11-01 TO 2018-02-01}", "published_at[2017-11-01,2018-02-01)"),
        ("published_at:{2017-11 TO *]", "published_at[2017-12-01,*)"),
        ("published_at:>=2017-11-01", "published_at[2017-11-01,*)"),
        ("published_at:<2017-11-01", "published_at[*,2017-11-01)"),
        ("published_at:<=2017-11-01", "published_at[*,2017-11-02)"),
        ('published_at:["2017-11-01" TO "2017-11-02"]', "published_at[2017-11-01,2017-11-03)"),
        ("published_at:2017-11-01T10:00:00Z", "published_at[2017-11-01T10:00:00,2017-11-01T10:00:01)"),
        ("published_at:[now-7d/d TO now/d}", "published_at[2017-11-02,2017-11-09)"),
        ("published_at:>now/d", "published_at[2017-11-10,*)"),
    ],
)
def test_meaning(query: str, expected: str) -> None:
    assert brief(parse_query(query, NOW)) == expected


@pytest.mark.parametrize(
    ("query", "position", "reason"),
    [
        ("", 0, "empty"),
        ("   ", 0, "empty"),
        ("persn:x", 0, "did you mean person?"),
        ("a1 AND persons:x", 7, "did you mean person?"),
        ("xyz:1", 0, "the fields are id, uri"),
        ("_exists_:headlin", 9, "did you mean headline?"),
        ('deal "letter', 5, "never closed"),
        ("(a1 OR b1", 0, "'(' is never closed"),
        ("a1)", 2, "closes nothing"),
        ("published_at:[2017 TO 2018)", 26, "closes nothing"),
        ("()", 1, "not expected here"),
        ("NOT", 3, "something is missing"),
        ("a1 AND", 6, "something is missing"),
        ("AND a1", 0, "'AND' was not expected here"),
        ("a1 && && b1", 6, "not expected here"),
        ("a1 -", 4, "something is missing"),
        ("headline:", 9, "something is missing"),
        ("*foo", 0, "wildcard at the beginning"),
        ("a1 OR body:?x", 11, "wildcard at the beginning"),
        ("-*", 1, "wildcard at the beginning"),
        ("a1 [1 TO 2]", 3, "a range needs a field"),
        ("person:[a TO b]", 7, "neither"),
        ("published_at:[2018 TO 2017]", 13, "ends before it begins"),
        ("urgency:[3 TO 1]", 8, "ends before it begins"),
        ("published_at:[2017-11-01 2018]", 25, "not expected here"),
        ("published_at:yesterday", 13, "is not a date"),
        ("published_at:[2017-13-01 TO *]", 13, "month must be in 1..12"),
        ("published_at:2017*", 13, "takes no wildcards"),
        ("urgency:high", 8, "whole number"),
        ("urgency:1.5", 8, "whole number"),
        ("corrected:yes", 10, "true or false"),
        ("topics:medtop:20000053", 7, "must be quoted"),
        ("/mis.*/", 0, "regular expressions are not supported"),
        ('person:""', 7, "compared with nothing"),
        ('""', 0, "no word to search for"),
        ("a1 --- ???", 7, "wildcard"),
        ("%", 0, "nothing in it to search for"),
        ("foo~5", 0, "0, 1 or 2 edits"),
        ('"a b"~1000', 0, "whole number up to 100"),
        ('person:"A B"~2', 7, "compared whole"),
        ("a1^0", 0, "a weight is above 0"),
        ("a1^99999", 0, "a weight is above 0"),
    ],
)
def test_a_bad_query_is_refused_with_the_place_and_the_reason(query: str, position: int, reason: str) -> None:
    with pytest.raises(QueryError) as refused:
        parse_query(query, NOW)
    assert reason in refused.value.reason
    assert refused.value.position == position
    assert refused.value.query == query


def test_the_place_is_that_in_the_query_as_typed() -> None:
    with pytest.raises(QueryError) as refused:
        parse_query("!a1 && persn:x || b1", NOW)
    assert refused.value.position == 7


@pytest.mark.parametrize(
    "query",
    [
        pytest.param("(" * 300 + "a" + ")" * 300, id="brackets"),
        pytest.param("NOT " * 2_000 + "a", id="operators"),
        pytest.param("x" * 20_000, id="length"),
        pytest.param("x " * 3_000, id="words"),
        pytest.param("x^2" * 3_000, id="weights"),
    ],
)
def test_a_query_beyond_reason_is_refused_and_crashes_nothing(query: str) -> None:
    with pytest.raises(QueryError) as refused:
        parse_query(query, NOW)
    assert len(str(refused.value)) < 11_000


def test_now_is_the_time_that_is_passed() -> None:
    earlier, later = (parse_query("published_at:now/y", datetime(year, 5, 1, tzinfo=UTC)) for year in (2016, 2017))
    assert brief(earlier) == "published_at[2016-01-01,2017-01-01)"
    assert brief(later) == "published_at[2017-01-01,2018-01-01)"


_PIECES = st.sampled_from(
    [
        *'()[]{}+-!*?~^:"\\/ ',
        *(" AND ", " OR ", " NOT ", " TO ", "&&", "||", ">=", "^2", "~1", "“"),
        *("person:", "urgency:", "published_at:", "_exists_:", "2017-11-01", "now-7d"),
        *("S-400", "deal", "the", "3", "é", "\u00a0", "🚀"),
    ]
)


def refusal(query: str) -> QueryError | None:
    try:
        parse_query(query, NOW)
    except QueryError as refused:
        return refused
    return None


@given(st.lists(_PIECES, max_size=14).map("".join))
def test_any_text_is_understood_or_refused_with_a_place_in_it(query: str) -> None:
    refused = refusal(query)
    assert refused is None or (refused.position is not None and 0 <= refused.position <= len(query))


_WORD = st.sampled_from(["missile", "deal", "the", "Turkey", "400", "S", "x1"])


@given(st.lists(_WORD, min_size=1, max_size=5))
def test_words_alone_mean_the_same_by_the_short_way_and_by_the_grammar(words: list[str]) -> None:
    assert parse_query(" ".join(words), NOW) == parse_query(f"({' '.join(words)})", NOW)


def test_a_wanted_leaf_is_not_one_that_is_excluded() -> None:
    tree = parse_query('a1 AND NOT b1 AND (c1 OR person:"D E")^2', NOW)
    assert [brief(leaf) for leaf in wanted_leaves(tree)] == ["a1", "c1", "person=de"]


@pytest.mark.parametrize(
    ("query", "needed"),
    [
        ("deal", True),
        ("deal AND urgency:3", True),
        ("deal OR urgency:3", False),
        ("NOT deal", False),
        ("+deal urgency:3", True),
        ("(deal OR missil*)^2", True),
        ("person:x", False),
    ],
)
def test_whether_a_blank_story_could_match(query: str, needed: bool) -> None:
    assert needs_text(parse_query(query, NOW)) is needed


def test_every_field_of_the_contract_can_be_asked_for() -> None:
    for name in FIELDS:
        assert parse_query(f"_exists_:{name}", NOW) == Exists(name)
