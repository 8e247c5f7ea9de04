"""Briefs are ranked by learned weights, full stories by plain ones, and nothing jumps between."""

import numpy as np

from pipeline.relate.features import StoryFeatures
from pipeline.relate.register import BRIEF, FULL, plain_weights, weights_for
from pipeline.relate.weights import shipped_weights
from tests.relate.newsroom import features, outline


def story_of(words: int) -> StoryFeatures:
    (story,) = features([outline(1, " ".join(f"w{n}" for n in range(words)))])
    return story


def test_a_brief_and_an_empty_story_have_the_learned_weights() -> None:
    for words in (0, 5, int(BRIEF)):
        assert np.array_equal(weights_for(story_of(words)).weights, shipped_weights().weights)


def test_a_full_story_has_the_plain_weights() -> None:
    for words in (int(FULL) + 1, 2000):
        assert np.array_equal(weights_for(story_of(words)).weights, plain_weights().weights)


def test_between_the_two_the_weights_pass_over_gradually() -> None:
    learned, plain = shipped_weights().weights, plain_weights().weights
    far = [
        float(np.abs(weights_for(story_of(words)).weights - learned).sum())
        for words in range(int(BRIEF), int(FULL) + 2, 3)
    ]
    assert far == sorted(far)
    assert max(np.diff(far)) < 0.25 * np.abs(plain - learned).sum()
