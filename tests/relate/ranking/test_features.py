"""Features: what they weigh, and that they depend on nothing but the outline and the counts."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.relate.ranking.features import is_later, rarity, story_features
from pipeline.relate.ranking.nations import load_nations
from pipeline.shared_formats.sketch import entity_key, label_key
from tests.relate.builders import counts_of, dam_affair, features, outline


@given(st.integers(0, 2_000_000), st.integers(0, 2_000_000))
def test_rarity_is_a_share_and_falls_with_the_count(count: int, documents: int) -> None:
    assert 0 < rarity(count, documents) <= 1
    assert rarity(count + 1, documents) <= rarity(count, documents)


def test_bags_are_unit_vectors_in_the_order_of_their_keys() -> None:
    for story in features(dam_affair()):
        assert np.all(np.diff(story.terms.keys) > 0)
        assert np.linalg.norm(story.terms.weights) == pytest.approx(1, abs=1e-5)
        assert np.linalg.norm(story.terms.idf_weights) == pytest.approx(1, abs=1e-5)
        assert [label_key(label) for label in story.terms.labels] == story.terms.keys.tolist()
        assert [entity_key(label) for label in story.entities.labels] == story.entities.keys.tolist()


def test_the_words_of_a_headline_count_more() -> None:
    plain = outline(1, "reservoir dam cracks town engineers")
    headed = outline(1, "reservoir dam cracks town engineers", headline="reservoir")
    nations, counts = load_nations(), counts_of([plain, headed])
    by_word = [
        dict(zip(story.terms.labels, story.terms.weights, strict=True))
        for story in (story_features(headlined, counts, nations) for headlined in (plain, headed))
    ]
    assert by_word[0]["reservoir"] == pytest.approx(by_word[0]["town"])
    assert by_word[1]["reservoir"] > 1.5 * by_word[1]["town"]


def test_a_story_without_words_entities_or_date_has_features_all_the_same() -> None:
    (empty,) = features([outline(1, "", day=None)])
    assert empty.day is None
    assert empty.vector is None
    assert not empty.terms.labels
    assert not empty.nations.labels


def test_nations_come_from_words_and_from_entities() -> None:
    story, other = features(
        [
            outline(1, "ivorians vote as abidjan stays calm"),
            outline(2, "voters queue early", entities=[("gaz:city-lima-pe", "Lima"), ("gaz:country-cl", "Chile")]),
        ]
    )
    assert set(story.nations.labels) == {"CI"}
    assert set(other.nations.labels) == {"PE", "CL"}


def test_names_of_several_words_need_all_of_them() -> None:
    nations = load_nations()
    assert nations.count_in({"south": 1, "korea": 2}) == {"KR": 1}
    assert nations.count_in({"north": 1, "korea": 1}) == {"KP": 1}
    assert nations.count_in({"korea": 1}) == {}


def test_later_goes_by_date_then_by_lineage_and_undated_stories_come_last() -> None:
    first, same, later, undated = features([outline(n, "x y", day=d) for n, d in ((1, 0), (2, 0), (3, 1), (4, None))])
    assert is_later(later, first)
    assert is_later(same, first)
    assert not is_later(first, same)
    assert is_later(undated, later)
