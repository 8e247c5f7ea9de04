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
from pipeline.relate.weights import BRIEF, Weights, shipped_weights

FULL = 1.5 * BRIEF  # from here on nothing holds that was learned from briefs
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


def weights_for(story: StoryFeatures, learned: Weights | None = None) -> Weights:
    """The weights for a story of this length. learned: other than the shipped ones, from stories of ``words`` words."""
    known = learned or shipped_weights()
    words, full = float(np.expm1(story.length)), known.words * FULL / BRIEF
    share = min(1.0, max(0.0, (words - known.words) / (full - known.words)))
    return _blend(round(share * _STEPS), known)


@cache
def _blend(step: int, learned: Weights) -> Weights:
    """Between the learned weights (step 0) and the plain ones (the last step)."""
    share = step / _STEPS
    plain = plain_weights()
    return Weights(
        about=f"{learned.about}; {share:.0%} {plain.about}",
        bias=(1 - share) * learned.bias + share * plain.bias,
        means=((1 - share) * learned.means + share * plain.means).astype(np.float32),
        weights=((1 - share) * learned.weights + share * plain.weights).astype(np.float32),
    )
