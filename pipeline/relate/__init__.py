"""Relate: which stories a story follows up, who runs the same text, which stories report one event, and why.

    batch          BatchRelater: tagged takes -> links, copies, happenings (the stage)
    followups      FollowUpFinder: one story -> versions, copies, follow-ups and background, with reasons (for readers)
    copies         whether two takes carry the same text
    mark_filter    readers' marks, applied to an answer
    ranking/       candidates, features, score, explanation; the weights
    training/      fitting weights to judged follow-ups
    happenings/    which stories report the same event
    dossier/       a story's whole affair as one document
    arrays, blas   types of arrays; one thread for matrix products

Batches and questions ask the engine for candidates, make features of them and score them with the same pure function.
"""

from pipeline.relate.batch import BatchRelater
from pipeline.relate.followups import FollowUpFinder, FollowUps, RankedStory

__all__ = ["BatchRelater", "FollowUpFinder", "FollowUps", "RankedStory"]
