"""Relate: which earlier stories a story follows up, which later ones follow it, who runs the same text, and why.

    Relater    batches of tagged takes -> links and copies                                stage, copies
    Reader     one story -> versions, copies, follow-ups and background, with reasons     answer, reasons

Both ask the engine for candidates, make features of them and score them with the same pure function.
"""

from pipeline.relate.answer import FollowUps, RankedStory, Reader
from pipeline.relate.stage import Relater

__all__ = ["FollowUps", "RankedStory", "Reader", "Relater"]
