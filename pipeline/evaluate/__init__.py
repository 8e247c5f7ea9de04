"""Measuring on labelled sets: a set's stories through the real pipeline, its judgements against what comes out.

    followups    DIR/stories.jsonl.gz, DIR/*/queries.txt and qrels.txt     nDCG@10, MRR, recall@20 beside BM25 and decay
    happenings   DIR/stories.jsonl, DIR/gold.tsv (uri, event, topic)       B-cubed, pairs of look-alike events joined
    copies       DIR/stories.jsonl, DIR/gold.tsv (uri, uri)                precision and recall over pairs

The modules:

    home          an installation of the set's own, filled by all stages; kept if a folder is named
    sets          reading the judgements
    followups     evaluating follow-ups
    groups        evaluating happenings and copies
    measures      nDCG, reciprocal rank, recall, B-cubed, F1; baselines: BM25; bootstrap: intervals. All pure.

Like the command line, this goes through ``pipeline.Wirewatch``.
"""

from pipeline.evaluate.followups import FollowUpsResult, evaluate_followups
from pipeline.evaluate.groups import CopiesResult, HappeningsResult, evaluate_copies, evaluate_happenings
from pipeline.evaluate.home import opened_set

__all__ = [
    "CopiesResult",
    "FollowUpsResult",
    "HappeningsResult",
    "evaluate_copies",
    "evaluate_followups",
    "evaluate_happenings",
    "opened_set",
]
