"""Measuring on labelled sets: a set's stories through the real pipeline, its judgements against what comes out.

    followups    DIR/stories.jsonl.gz, DIR/*/queries.txt and qrels.txt     nDCG@10, MRR, recall@20 beside BM25 and decay
    happenings   DIR/stories.jsonl, DIR/gold.tsv (uri, event, topic)       B-cubed, pairs of look-alike events joined
    copies       DIR/stories.jsonl, DIR/gold.tsv (uri, uri)                precision and recall over pairs

    home    a home of the set's own, filled by import, tagging, relating and indexing; kept if one is named
    sets    reading the judgements         measures, bootstrap, baselines    pure

Like the command line, it goes through ``pipeline.Wirewatch``.
"""

from pipeline.evaluate.home import opened_set
from pipeline.evaluate.run import (
    CopiesResult,
    FollowUpsResult,
    HappeningsResult,
    evaluate_copies,
    evaluate_followups,
    evaluate_happenings,
)

__all__ = [
    "CopiesResult",
    "FollowUpsResult",
    "HappeningsResult",
    "evaluate_copies",
    "evaluate_followups",
    "evaluate_happenings",
    "opened_set",
]
