"""Relate: which earlier stories a story follows up, which later ones follow it, who runs the same text, and why.

relate      a batch of tagged takes -> links and copies      stage
followups   one story -> versions, copies, follow-ups, background      answer
rank        one story -> its follow-ups' scores      answer
"""

from pipeline.relate.answer import FollowUps, RankedStory, followups, rank_followups
from pipeline.relate.stage import relate

__all__ = ["FollowUps", "RankedStory", "followups", "rank_followups", "relate"]
