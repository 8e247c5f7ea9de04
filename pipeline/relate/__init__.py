"""Relate: which earlier stories a story follows up, which later ones follow it, who runs the same text, and why.

    Relater    batches of tagged takes -> links and copies                                stage, copies
    Reader     one story -> versions, copies, follow-ups and background, with reasons     answer, reasons

Both ask the engine for candidates, make features of them and score them with the same pure function.
"""

from pipeline.relate.batch import Relater
from pipeline.relate.followups import FollowUps, RankedStory, Reader

__all__ = ["FollowUps", "RankedStory", "Reader", "Relater"]
