"""Which weights rank for a story: the fitted ones for briefs, plain ones for full stories, a blend between.

The fitted weights come from news items of one or two sentences without headlines, judged over a year. There a
candidate's nearness in time has to make up for the few words. In a wire story the words tell more than the date, and a
follow-up may come years later. The plain weights are round numbers over the same features: what two stories share in
rare words, in meaning, in names and nations, in what opens them, and by way of a story between them. They were chosen
on affairs written for the purpose (tests/data/affairs: 222 judged questions) and measured on the sample wire. Fitting
all features to those affairs does worse on both, since a few hundred questions tell more of their own affairs than of
follow-ups. On the affairs cut down to a headline and one paragraph the plain weights still win. On items without
headlines the fitted ones win, also beyond the length that they were fitted to.
"""

from functools import cache

import numpy as np

from pipeline.relate.ranking.compare import FEATURES
from pipeline.relate.ranking.features import StoryFeatures
from pipeline.relate.ranking.weights import BRIEF_WORDS, Weights, shipped_weights

FULL_WORDS = 2 * BRIEF_WORDS  # from here on the plain weights rank alone
_BLEND_STEPS = 10

# All below were chosen on tests/data/affairs.
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
SAME_EVENT = 0.5  # a reader of a full story wants what came of it before other reports of the same event
_PLAIN_SCALE, _PLAIN_BIAS = 0.7, -8.0  # they make scores near the share of such candidates that are follow-ups


def plain_weights() -> Weights:
    """Return round numbers over the likenesses that speak for themselves."""
    return Weights(
        about="by hand",
        bias=_PLAIN_BIAS,
        means=np.zeros(len(FEATURES), dtype=np.float32),
        weights=np.array([_PLAIN_SCALE * _PLAIN.get(name, 0.0) for name in FEATURES], dtype=np.float32),
        same_event=SAME_EVENT,
    )


def weights_for(story: StoryFeatures, fitted: Weights | None = None) -> Weights:
    """Return the weights for a story of this length, with or without a headline.

    Args:
        story: The story that is asked about.
        fitted: Weights fitted to stories of at most ``fitted.words`` words; None: the shipped ones.
    """
    fitted = fitted or shipped_weights()
    if story.outline.headline and not fitted.headlines:
        return _blend(_BLEND_STEPS, fitted)
    words, full = float(np.expm1(story.log_words)), fitted.words * FULL_WORDS / BRIEF_WORDS
    plain_share = min(1.0, max(0.0, (words - fitted.words) / (full - fitted.words)))
    return _blend(round(plain_share * _BLEND_STEPS), fitted)


@cache
def _blend(step: int, fitted: Weights) -> Weights:
    """Return a mixture of the fitted weights (step 0) and the plain ones (the last step)."""
    share = step / _BLEND_STEPS
    plain = plain_weights()
    return Weights(
        about=f"{fitted.about}; {share:.0%} {plain.about}",
        bias=(1 - share) * fitted.bias + share * plain.bias,
        means=((1 - share) * fitted.means + share * plain.means).astype(np.float32),
        weights=((1 - share) * fitted.weights + share * plain.weights).astype(np.float32),
        same_event=(1 - share) * fitted.same_event + share * plain.same_event,
    )
