"""The candidate request: rare words and names weigh most, nations bring their other words, time bounds the lists."""

from pipeline.models import CorpusCounts
from pipeline.relate.ranking.candidate_query import background_query, candidate_query, followup_query
from pipeline.relate.ranking.features import story_features
from pipeline.relate.ranking.nations import load_nations
from tests.relate.builders import DAM, MINISTER, START, dam_affair, features, outline


def test_rare_words_weigh_more_than_common_ones() -> None:
    common = [outline(n, "ministry officials report progress", day=n) for n in range(2, 20)]
    story, *_ = features([outline(1, "ministry officials report brenn reservoir"), *common])
    request = candidate_query(story)
    assert request.terms["brenn"] > 2 * request.terms["ministry"]
    assert request.exclude == {1}


def test_a_long_story_asks_for_its_best_words_only() -> None:
    story, *_ = features([outline(1, " ".join(f"word{n}" for n in range(400)))])
    assert len(candidate_query(story).terms) == 24


def test_a_nation_is_asked_for_by_its_other_words_and_as_an_entity() -> None:
    story, *_ = features([outline(1, "ivorians vote")])
    request = candidate_query(story)
    assert {"abidjan", "ivorian"} <= set(request.terms)
    assert "gaz:country-ci" in request.entity_ids


def test_salient_entities_weigh_more() -> None:
    story, *_ = features([outline(1, "talks in karst", entities=[DAM, MINISTER])])
    weights = candidate_query(story).entity_ids
    assert weights[DAM[0]] > weights[MINISTER[0]] > 0


def test_followups_are_later_and_background_is_earlier() -> None:
    story, *_ = features(dam_affair())
    later, earlier = followup_query(story), background_query(story)
    assert (later.after, later.before) == (START, None)
    assert (earlier.after, earlier.before) == (None, START)


def test_an_undated_story_without_words_asks_for_nothing_and_does_not_fail() -> None:
    (story,) = features([outline(1, "", day=None)])
    request = followup_query(story)
    assert (request.terms, request.entity_ids, request.after) == ({}, {}, None)


def test_what_thousands_of_stories_have_makes_no_candidate_by_itself() -> None:
    labels = [f"word{n}" for n in range(12)]
    (story,) = features([outline(1, " ".join(labels), entities=[DAM])])
    assert candidate_query(story).common == frozenset()
    counts = CorpusCounts(
        documents=200_000,
        terms={label: 10 * 3**n for n, label in enumerate(labels)},
        entities={DAM[0]: 90_000},
    )
    crowded = story_features(outline(1, " ".join(labels), entities=[DAM]), counts, load_nations())
    request = candidate_query(crowded)
    assert request.common == {*labels[8:], DAM[0]}
    assert request.common <= {*request.terms, *request.entity_ids}
