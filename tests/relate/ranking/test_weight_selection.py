"""Briefs are ranked by learned weights, full stories by plain ones, and nothing jumps between."""

from dataclasses import replace

import numpy as np

from pipeline.relate.ranking.features import StoryFeatures
from pipeline.relate.ranking.weight_selection import FULL_WORDS, plain_weights, weights_for
from pipeline.relate.ranking.weights import BRIEF_WORDS, read_weights, shipped_weights, write_weights
from tests.relate.builders import features, outline


def story_of(words: int, headline: str = "") -> StoryFeatures:
    (story,) = features([outline(1, " ".join(f"w{n}" for n in range(words)), headline=headline)])
    return story


def test_a_brief_and_an_empty_story_have_the_learned_weights() -> None:
    for words in (0, 5, int(BRIEF_WORDS)):
        assert np.array_equal(weights_for(story_of(words)).weights, shipped_weights().weights)


def test_a_full_story_has_the_plain_weights() -> None:
    for words in (int(FULL_WORDS) + 1, 2000):
        assert np.array_equal(weights_for(story_of(words)).weights, plain_weights().weights)


def test_a_story_with_a_headline_is_no_brief_unless_the_weights_come_from_such() -> None:
    for words in (5, int(FULL_WORDS) + 1):
        assert np.array_equal(weights_for(story_of(words, "w1 w2")).weights, plain_weights().weights)
    own = replace(shipped_weights(), headlines=True)
    assert np.array_equal(weights_for(story_of(5, "w1 w2"), own).weights, own.weights)
    assert read_weights(write_weights(own), "here").headlines


def test_between_the_two_the_weights_pass_over_gradually() -> None:
    learned, plain = shipped_weights().weights, plain_weights().weights
    far = [
        float(np.abs(weights_for(story_of(words)).weights - learned).sum())
        for words in range(int(BRIEF_WORDS), int(FULL_WORDS) + 2, 3)
    ]
    assert far == sorted(far)
    assert max(np.diff(far)) < 0.25 * np.abs(plain - learned).sum()
