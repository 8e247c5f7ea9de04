"""The stemmer against pairs worked out from the paper's rules: for each step words that it changes or leaves."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.query.porter import stem

PAIRS = """
    caresses caress    ponies poni       ties ti           cats cat          press press
    feed feed          agreed agre       plastered plaster bled bled         motoring motor   sing sing
    conflated conflat  troubled troubl   sized size        hopping hop       falling fall     hissing hiss
    fizzed fizz        failing fail      filing file       happy happi       sky sky          turkey turkei
    relational relat   conditional condit rational ration  valenci valenc    digitizer digit  conformabli conform
    radicalli radic    differentli differ vileli vile      analogousli analog vietnamization vietnam
    predication predic operator oper     feudalism feudal  decisiveness decis hopefulness hope callousness callous
    formaliti formal   sensitiviti sensit sensibiliti sensibl analogi analog
    triplicate triplic formative form    formalize formal  electriciti electr electrical electr hopeful hope
    goodness good      revival reviv     allowance allow   inference infer   airliner airlin  gyroscopic gyroscop
    adjustable adjust  defensible defens irritant irrit    replacement replac adjustment adjust dependent depend
    adoption adopt     homologou homolog communism commun  activate activ    angulariti angular effective effect
    bowdlerize bowdler probate probat    rate rate         cease ceas        controll control roll roll
    is is              by by             s400s s400        f35as f35a
"""


@pytest.mark.parametrize(("word", "expected"), [tuple(pair) for pair in zip(*[iter(PAIRS.split())] * 2, strict=True)])
def test_stems(word: str, expected: str) -> None:
    assert stem(word) == expected


@given(st.text(alphabet="abcdeilnorsty", min_size=1, max_size=14))
def test_a_stem_is_its_words_beginning_but_for_the_last_letter(word: str) -> None:
    """What highlighting relies on to find the words of a term."""
    stemmed = stem(word)
    assert stemmed
    assert word.startswith(stemmed[:-1])
