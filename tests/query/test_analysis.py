"""The one text analysis: what is one word, and which words are the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.query.analysis import analyze, keyword_key, name_key, terms, tokens, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("S-400 S400 s-400 S 400 S–400 S‑400", ["s400"] * 6),
        ("S-400s and S-400’s", ["s400", "and", "s400"]),
        ("SAMP/T SAMP-T SAMPT samp/t samp-t", ["sampt"] * 5),
        ("F-35A F35A F/A-18", ["f35a", "f35a", "fa18"]),
        ("MiG-29 mig-29 MiG 29 Su-35 PAC-3 PAC 3", ["mig29", "mig29", "mig29", "su35", "pac3", "pac3"]),
        ("AT&T S&P", ["att", "sp"]),
        ("U.S. U.N.'s N.A.T.O U.S.-led", ["us", "un", "nato", "us", "led"]),
    ],
)
def test_a_designation_is_one_word_however_it_is_written(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("air-defence", ["air", "defenc"]),
        ("mid-2017 Euro-2016 post-2014", ["mid", "2017", "euro", "2016", "post", "2014"]),
        ("top-10 under-21 May-15", ["top", "10", "under", "21", "mai", "15"]),
        ("A 35-year-old", ["a", "35", "year", "old"]),
        ("I 400 EU 27", ["i", "400", "eu", "27"]),
        ("HIV/AIDS TV/radio 24/7 9/11", ["hiv", "aid", "tv", "radio", "24", "7", "9", "11"]),
        ("2017-11-09 2-1", ["2017", "11", "09", "2", "1"]),
        ("T-shirt and-a-half", ["t", "shirt", "and", "a", "half"]),
    ],
)
def test_ordinary_hyphens_slashes_years_and_counts_separate_words(text: str, expected: list[str]) -> None:
    assert terms(text) == expected


@pytest.mark.parametrize(
    ("spelling", "other"),
    [
        ("Erdoğan", "Erdogan"),
        ("Erdoğan’s", "erdogan"),
        ("İSTANBUL", "istanbul"),
        ("Işık", "isik"),
        ("Łódź Ørsted Đoković Æsir Straße", "lodz orsted dokovic aesir strasse"),
        ("Erdog\u0306an", "Erdoğan"),
        ("O'Brien O’Brien", "OBrien obrien"),
        ("co\u00adoperation", "cooperation"),
        ("1,000", "1000"),
        ("missiles", "missile"),
        ("signed signing signs", "sign sign sign"),
    ],
)
def test_spellings_of_one_word_are_one_term(spelling: str, other: str) -> None:
    assert terms(spelling) == terms(other)


def test_decimals_stay_apart_from_whole_numbers() -> None:
    assert terms("3.5 35") == ["3.5", "35"]


def test_offsets_point_at_the_words_as_written() -> None:
    text = "Ankara’s S 400 deal, SAMP/T."
    assert [(text[t.start : t.end], t.term) for t in analyze(text)] == [
        ("Ankara’s", "ankara"),
        ("S 400", "s400"),
        ("deal", "deal"),
        ("SAMP/T", "sampt"),
    ]


def test_words_are_not_stemmed() -> None:
    assert words("Turkey's missiles") == ["turkey", "missiles"]


_WRITING = st.text(alphabet="abSAMPTUé'’ .-/&,04\u00a0\n_ı\u0301", max_size=60) | st.text(max_size=40)


@given(_WRITING)
def test_analysing_piece_by_piece_changes_nothing(text: str) -> None:
    expected = tokens(text)
    assert analyze(text) == expected
    assert terms(text) == [token.term for token in expected]
    assert words(text) == [token.word for token in expected]


@given(_WRITING)
def test_tokens_are_in_order_apart_and_not_empty(text: str) -> None:
    end = 0
    for token in tokens(text):
        assert end <= token.start < token.end <= len(text)
        assert token.word
        end = token.end


@given(_WRITING)
def test_a_word_analysed_again_stays_what_it_is(text: str) -> None:
    for token in tokens(text):
        if token.word.isascii() and token.word.isalpha():
            assert terms(token.word) == [token.term]


def test_a_long_run_of_letters_is_cut_and_not_lost() -> None:
    assert "".join(words("x" * 1_000 + " end")) == "x" * 1_000 + "end"


@pytest.mark.parametrize("name", ["S-400", "S400", "s 400", "S–400"])
def test_names_are_compared_without_punctuation(name: str) -> None:
    assert name_key(name) == "s400"


def test_keywords_are_compared_without_case_accents_and_extra_spaces() -> None:
    assert keyword_key("  Tayyip\tERDOĞAN ") == "tayyip erdogan"
    assert keyword_key("gaz:S-400") == "gaz:s-400"


def test_a_name_of_punctuation_alone_is_still_a_name() -> None:
    assert name_key("!!!") == "!!!"
