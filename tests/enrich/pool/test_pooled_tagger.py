"""Tagging in several processes answers as one process does, whatever becomes of the workers."""

import psutil

from pipeline.enrich import build_tagger
from pipeline.ports import Tagger
from tests.enrich.builders import DEAL, take_of


def test_several_processes_answer_as_one_does(tagger: Tagger) -> None:
    takes = [take_of(f"{DEAL} Take {i} was read in Paris.", version_id=i) for i in range(300)]
    several = build_tagger(processes=2)
    assert list(several.tag(takes)) == list(tagger.tag(takes))
    assert several.revision == tagger.revision


def test_a_worker_that_dies_is_replaced_and_nothing_is_lost(tagger: Tagger) -> None:
    takes = [take_of(f"{DEAL} Take {i} was read in Paris.", version_id=i) for i in range(400)]
    several = build_tagger(processes=2)
    answers = several.tag(takes)
    first = next(answers)
    workers = [child for child in psutil.Process().children() if "pipeline.enrich.pool.worker" in child.cmdline()]
    assert workers
    for worker in workers:
        worker.kill()
    assert [first, *answers] == list(tagger.tag(takes))
