"""How likely two stories report one event."""

import numpy as np

from pipeline.relate.happenings.evidence import evidence_of
from pipeline.relate.happenings.likeness import same_event_chances
from tests.relate.builders import counts_of, outline
from tests.relate.happenings.fires import VELL, fire_in_vell, fires


def test_undated_stories_that_name_other_years_are_less_alike() -> None:
    def alike(year: int) -> float:
        outlines = [fire_in_vell(1, "witness 2009"), fire_in_vell(2, f"insurer {year}"), *fires()[3:]]
        counts = counts_of(outlines)
        return float(same_event_chances([evidence_of(story, counts) for story in outlines])[0, 1])

    assert alike(2009) > alike(2013)


def test_another_language_shares_names_and_numbers_only() -> None:
    yangin = outline(
        40, "Vell süpermarket yangını Ana Orsic Brenn sokağı 60 2045 itfaiye alevleri söndürdü", entities=VELL
    )
    counts = counts_of([*fires(), yangin])
    evidence = [evidence_of(story, counts) for story in [*fires(), yangin]]
    alike = same_event_chances(evidence)[-1]
    assert alike[:3].min() > alike[3:].max()


def test_likeness_is_symmetrical_between_0_and_1_and_0_of_each_with_itself() -> None:
    counts = counts_of(fires())
    alike = same_event_chances([evidence_of(story, counts) for story in fires()])
    assert np.allclose(alike, alike.T, atol=1e-6)
    assert alike.min() >= 0
    assert alike.max() <= 1
    assert not alike.diagonal().any()
