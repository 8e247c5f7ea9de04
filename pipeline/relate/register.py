"""Which weights rank for a story: the learned ones for briefs, plain ones for full stories, a blend between.

The learned weights come from news items of one or two sentences; no labelled follow-ups of long stories exist to
train on. There a candidate's nearness in time has to make up for the few words; in a story of twelve paragraphs the
words tell more than the date, and a follow-up may come years later. The plain weights are round numbers over the same
features: what two stories share in rare words, in meaning, in names, and by way of a story between them.
"""

from functools import cache

import numpy as np

from pipeline.relate.comparison import FEATURES
from pipeline.relate.features import StoryFeatures
from pipeline.relate.weights import Weights, shipped_weights

BRIEF = 50.0  # telling words (stop words left out): 99 % of the stories trained on have no more ...
FULL = 1.5 * BRIEF  # ... and from here on nothing learned from them holds
_STEPS = 10

_PLAIN = {"rare_terms": 8.0, "vector": 8.0, "entities": 4.0, "chain": 2.0}
_PLAIN_BIAS = -7.0


def plain_weights() -> Weights:
    """Round numbers, fitted to nothing."""
    return Weights(
        about="by hand",
        bias=_PLAIN_BIAS,
        means=np.zeros(len(FEATURES), dtype=np.float32),
        weights=np.array([_PLAIN.get(name, 0.0) for name in FEATURES], dtype=np.float32),
    )


def weights_for(story: StoryFeatures) -> Weights:
    """The weights for a story of this length."""
    words = float(np.expm1(story.length))
    share = min(1.0, max(0.0, (words - BRIEF) / (FULL - BRIEF)))
    return _blend(round(share * _STEPS))


@cache
def _blend(step: int) -> Weights:
    """Between the learned weights (step 0) and the plain ones (the last step)."""
    share = step / _STEPS
    learned, plain = shipped_weights(), plain_weights()
    return Weights(
        about=f"{learned.about}; {share:.0%} {plain.about}",
        bias=(1 - share) * learned.bias + share * plain.bias,
        means=((1 - share) * learned.means + share * plain.means).astype(np.float32),
        weights=((1 - share) * learned.weights + share * plain.weights).astype(np.float32),
    )
