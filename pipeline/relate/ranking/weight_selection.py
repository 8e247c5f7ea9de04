"""Which weights rank for a story: the learned ones for briefs, plain ones for full stories, a blend between.

The learned weights come from news items of one or two sentences without headlines, judged over a year. There a
candidate's nearness in time has to make up for the few words; in a wire story the words tell more than the date, and a
follow-up may come years later. The plain weights are round numbers over the same features: what two stories share in
rare words, in meaning, in names and nations, in what opens them, and by way of a story between them. They were chosen
on affairs written for the purpose (tests/data/affairs: 222 judged questions) and measured on the sample wire; fitting
all features to those affairs does worse on both, since a few hundred questions tell more of their own affairs than of
follow-ups. On the affairs cut down to a headline and one paragraph the plain weights still win; on items without
headlines the learned ones do, beyond the length that they were learned from.
"""

from functools import cache

import numpy as np

from pipeline.relate.ranking.comparison import FEATURES
from pipeline.relate.ranking.features import StoryFeatures
from pipeline.relate.ranking.weights import BRIEF, Weights, shipped_weights

FULL = 2 * BRIEF  # from here on nothing holds that was learned from briefs
_STEPS = 10

_PLAIN = {
    "rare_terms": 12.0,
    "vector": 10.0,
    "entities": 4.0,
    "nations": 2.0,
    "lead": 2.0,
    "lead_cover": 2.0,
    "chain": 2.0,
    "near": 2.0,
}
SAME_EVENT = 0.5  # who reads a full story wants what came of it before others' accounts of it
_PLAIN_SCALE, _PLAIN_BIAS = 0.7, -8.0  # they make scores near the share of such candidates that are follow-ups


def plain_weights() -> Weights:
    """Round numbers over the likenesses that speak for themselves."""
    return Weights(
        about="by hand",
        bias=_PLAIN_BIAS,
        means=np.zeros(len(FEATURES), dtype=np.float32),
        weights=np.array([_PLAIN_SCALE * _PLAIN.get(name, 0.0) for name in FEATURES], dtype=np.float32),
        same_event=SAME_EVENT,
    )


def weights_for(story: StoryFeatures, learned: Weights | None = None) -> Weights:
    """The weights for a story of this length, with or without a headline.

    learned: other than the shipped ones, from stories of at most ``words`` words.
    """
    known = learned or shipped_weights()
    if story.outline.headline and not known.headlines:
        return _blend(_STEPS, known)
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
        same_event=(1 - share) * learned.same_event + share * plain.same_event,
    )
