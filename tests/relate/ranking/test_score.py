"""Ranking: what follows a story up comes first, for any weights; parts add up; odd stories do no harm."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.relate.ranking.compare import DEPTH, FEATURES, compare
from pipeline.relate.ranking.features import StoryFeatures
from pipeline.relate.ranking.list_features import likeness
from pipeline.relate.ranking.score import KINDS, score
from pipeline.relate.ranking.story_matrix import StoryMatrix, build_matrix
from pipeline.relate.ranking.weight_selection import plain_weights
from pipeline.relate.ranking.weights import Weights, shipped_weights
from tests.relate.builders import dam_affair, features, outline

BOTH = pytest.mark.parametrize("weights", [shipped_weights(), plain_weights()], ids=["learned", "plain"])


def ranked_lineages(story: StoryFeatures, others: list[StoryFeatures], weights: Weights) -> list[int]:
    return score(story, build_matrix(others), weights).lineages


@BOTH
def test_followups_come_before_other_stories_of_the_same_days(weights: Weights) -> None:
    story, *others = features(dam_affair())
    assert ranked_lineages(story, others, weights)[:2] == [2, 3]


@BOTH
def test_the_order_of_candidates_does_not_matter(weights: Weights) -> None:
    story, *others = features(dam_affair())
    assert ranked_lineages(story, others, weights) == ranked_lineages(story, others[::-1], weights)


@BOTH
def test_parts_and_prior_add_up_to_the_score(weights: Weights) -> None:
    story, *others = features(dam_affair())
    for candidate in score(story, build_matrix(others), weights):
        assert set(candidate.parts) == set(KINDS)
        assert candidate.prior + sum(candidate.parts.values()) == pytest.approx(candidate.score, abs=1e-9)
        assert 0 < candidate.score < 1


@BOTH
def test_the_same_event_elsewhere_ranks_below_the_one_at_home(weights: Weights) -> None:
    story, elsewhere, home = features(
        [
            outline(1, "voters in abidjan elect a president after ivorians queue for hours", event_type="election"),
            outline(
                2, "voters in lima elect a president after peruvians queue for hours", day=30, event_type="election"
            ),
            outline(3, "ivorian court confirms the count of the ballots", day=30, event_type="election"),
        ]
    )
    parts = {candidate.lineage: candidate.parts for candidate in score(story, build_matrix([elsewhere, home]), weights)}
    assert parts[3]["place"] >= parts[2]["place"]


def test_what_followed_comes_before_other_accounts_of_the_event() -> None:
    story, same, after = features(
        [
            outline(1, "cracks found in vell dam above brenn"),
            outline(2, "cracks in vell dam above brenn found", day=0.1),
            outline(3, "cracks found in vell dam above brenn widen", day=3),
        ]
    )
    unknown, known = (
        score(story, build_matrix([same, after]), plain_weights(), same_event) for same_event in ([], [2])
    )
    assert unknown.lineages == [2, 3]
    assert known.lineages == [3, 2]
    assert known[1].same_event
    assert known[1].score == pytest.approx(unknown[0].score / 2)
    assert (known[0].same_event, known[0].score) == (False, unknown[1].score)
    for candidate in known:
        assert candidate.prior + sum(candidate.parts.values()) == pytest.approx(candidate.score, abs=1e-9)


def test_sooner_is_likelier_for_briefs() -> None:
    text = "divers search the wreck of the trawler sunk off the cape"
    story, soon, late = features([outline(1, text), outline(2, text, day=3), outline(3, text, day=300)])
    assert ranked_lineages(story, [late, soon], shipped_weights()) == [2, 3]


def test_the_story_between_links_two_that_share_little() -> None:
    story, between, far = features(
        [
            outline(1, "cracks found in vell dam above brenn", day=0),
            outline(2, "vell dam cracks force brenn evacuation and orsic inquiry", day=2),
            outline(3, "orsic inquiry evacuation report names inspectors", day=60),
        ]
    )
    by_lineage = {
        candidate.lineage: candidate for candidate in score(story, build_matrix([between, far]), plain_weights())
    }
    assert by_lineage[3].between == 2


@BOTH
def test_stories_without_anything_to_compare(weights: Weights) -> None:
    empty, undated, *others = features([outline(1, "", day=None), outline(2, "a ferry", day=None), *dam_affair()[2:]])
    assert list(score(empty, build_matrix([]), weights)) == []
    for query in (empty, undated):
        ranking = score(query, build_matrix(others), weights)
        assert len(ranking) == len(others)
        assert all(np.isfinite(candidate.score) for candidate in ranking)


def test_a_vector_of_another_embedding_counts_as_none() -> None:
    story, other, *_ = features(dam_affair())
    odd = dataclasses.replace(other, vector=np.ones(3, dtype=np.float32))
    none = dataclasses.replace(other, vector=None)
    assert story.vector is not None
    width = len(story.vector)
    assert np.array_equal(
        compare(story, build_matrix([odd], width)).rows, compare(story, build_matrix([none], width)).rows
    )


def test_at_most_so_many_are_compared_and_the_best_are_among_them() -> None:
    affair = dam_affair()
    crowd = [outline(100 + n, f"unrelated item number {n} about harbour works", day=5) for n in range(2 * DEPTH)]
    story, *others = features([*affair, *crowd])
    ranking = score(story, build_matrix(others[::-1]), plain_weights())
    assert len(ranking) == len(list(ranking)) == DEPTH
    assert [candidate.lineage for candidate in ranking[:2]] == ranking.lineages[:2] == [2, 3]


def test_identical_times_and_texts_are_ordered_by_lineage() -> None:
    story, *same = features([outline(n, "tunnel closed after rockfall", day=0) for n in range(1, 7)])
    assert ranked_lineages(story, same[::-1], shipped_weights()) == [2, 3, 4, 5, 6]


def test_likeness_is_symmetric_and_nothing_to_itself() -> None:
    alike = likeness(features(dam_affair()))
    assert np.allclose(alike, alike.T, atol=1e-6)
    assert not alike.diagonal().any()
    assert alike[0, 1] == alike[0].max()


WORDS = st.lists(st.sampled_from(["dam", "brenn", "vell", "cracks", "lima", "vote", "ferry", "turkish"]), max_size=12)
STORIES = st.lists(st.tuples(WORDS, st.none() | st.floats(0, 4000)), min_size=1, max_size=12)


@settings(deadline=None, max_examples=60)
@given(STORIES)
def test_any_stories_give_finite_features(drawn: list[tuple[list[str], float | None]]) -> None:
    story, *others = features([outline(n + 1, " ".join(words), day=day) for n, (words, day) in enumerate(drawn)])
    compared = compare(story, build_matrix(others))
    assert compared.rows.shape == (len(others), len(FEATURES))
    assert np.isfinite(compared.rows).all()
    for candidate in score(story, build_matrix(others), shipped_weights()):
        assert candidate.prior + sum(candidate.parts.values()) == pytest.approx(candidate.score, abs=1e-6)


def test_names_speak_for_a_story_told_in_another_language() -> None:
    named = [("organization:vell-hydro", "Vell Hydro"), ("person:ana-orsic", "Ana Orsic")]
    stories = [
        outline(1, "cracks found in vell dam above brenn", entities=named),
        outline(2, "vell hydro gibt risse in der talsperre zu", day=9, entities=named),
        outline(3, "cracks found in old bridges of the capital", day=9),
        outline(4, "der zoo zeigt junge wölfe", day=9),
    ]
    languages = ("en", "de", "en", "de")
    tagged = [
        dataclasses.replace(story, enrichment=dataclasses.replace(story.enrichment, language=language))
        for story, language in zip(stories, languages, strict=True)
    ]
    story, *others = features(tagged)
    assert score(story, build_matrix(others), plain_weights()).lineages[0] == 2
    untagged = score(*_split(features(stories)), plain_weights())
    assert untagged[untagged.lineages.index(2)].score < score(story, build_matrix(others), plain_weights())[0].score


def _split(stories: list[StoryFeatures]) -> tuple[StoryFeatures, StoryMatrix]:
    return stories[0], build_matrix(stories[1:])
