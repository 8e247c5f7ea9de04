"""What a story tells of its event, by kind of evidence."""

import numpy as np

from pipeline.relate.happenings.evidence import HappeningEvidence, SparseVector, evidence_of, pairwise_cosines
from pipeline.shared_formats.sketch import label_key
from tests.relate.builders import counts_of, outline


def evidence_from(body: str, day: float | None = 0.0) -> HappeningEvidence:
    story = outline(1, body, entities=[("person:ana-orsic", "Ana Orsic"), ("place:brenn", "Brenn")], day=day)
    return evidence_of(story, counts_of([story, outline(2, "other words")]))


def keys(*labels: str) -> set[int]:
    return {label_key(label) for label in labels}


def test_terms_are_sorted_by_kind() -> None:
    evidence = evidence_from("minister Ana Orsic inspects cracks in 3 dams above Brenn in 2013", day=None)
    assert set(evidence.names.keys.tolist()) == keys("ana", "orsic", "brenn")
    assert set(evidence.numbers.keys.tolist()) == keys("3")
    assert set(evidence.words.keys.tolist()) == keys("minister", "inspects", "cracks", "dams", "above")
    assert set(evidence.terms.keys.tolist()) >= keys("2013", "ana", "3", "dams")


def test_names_weigh_by_the_salience_of_who_bears_them() -> None:
    evidence = evidence_from("Ana Orsic went to Brenn")
    weights = dict(zip(evidence.subjects.keys.tolist(), evidence.subjects.weights.tolist(), strict=True))
    assert weights[label_key("orsic")] > weights[label_key("brenn")] > 0


def test_the_year_is_that_of_publication_or_the_latest_that_is_named() -> None:
    assert evidence_from("a fire in 1999", day=0.0).year == 2021
    assert evidence_from("after the fires of 1999 and 2013", day=None).year == 2013
    assert evidence_from("a fire", day=None).year == 0


def test_pairwise_cosines() -> None:
    first = SparseVector(np.array([1, 2]), np.array([3.0, 4.0], dtype=np.float32))
    second = SparseVector(np.array([2, 5]), np.array([1.0, 0.0], dtype=np.float32))
    empty = SparseVector(np.array([], dtype=np.int64), np.array([], dtype=np.float32))
    assert np.allclose(pairwise_cosines([first, second, empty])[0, 1:], [0.8, 0], atol=1e-6)
    assert pairwise_cosines([]).shape == (0, 0)
