"""The sample wire keeps its promises: sound stories, feeds that deliver them, judgements that can be scored."""

from collections import Counter, defaultdict

import pytest

from .loader import Gold, SampleFeed, SampleStory, load_feeds, load_gold, load_stories


@pytest.fixture(scope="module")
def stories() -> dict[str, SampleStory]:
    loaded = load_stories()
    assert [key for key, count in Counter(story.key for story in loaded).items() if count > 1] == []
    return {story.key: story for story in loaded}


@pytest.fixture(scope="module")
def feeds() -> dict[str, SampleFeed]:
    return {feed.name: feed for feed in load_feeds()}


@pytest.fixture(scope="module")
def gold() -> Gold:
    return load_gold()


def test_there_are_enough_stories_of_the_years_told(stories: dict[str, SampleStory]) -> None:
    assert len(stories) >= 120
    assert {s.published.year for s in stories.values() if s.published} == set(range(2016, 2022))
    assert [s.key for s in stories.values() if s.published is None] == ["undated-wire"]


def test_every_story_can_be_printed(stories: dict[str, SampleStory]) -> None:
    assert [s.key for s in stories.values() if not s.headline.strip() or not s.paragraphs or not s.topics] == []
    assert [s.key for s in stories.values() if s.published and s.updated and s.updated < s.published] == []
    assert {s.status for s in stories.values()} == {"usable", "withheld", "canceled"}
    assert {s.language for s in stories.values()} == {"en", "fr", "tr"}


def test_the_dateline_names_place_and_agency(stories: dict[str, SampleStory], feeds: dict[str, SampleFeed]) -> None:
    credit_lines = {f"({feed.credit})" for feed in feeds.values()}
    bad = [
        story.key
        for story in stories.values()
        if story.dateline_place is not None
        and not any(story.dateline_place in p and any(c in p for c in credit_lines) for p in story.paragraphs[:2])
    ]
    assert bad == []


def test_identifiers_are_unique_a_version(stories: dict[str, SampleStory]) -> None:
    pairs = Counter((s.uri, s.version) for s in stories.values() if s.uri is not None)
    assert [pair for pair, count in pairs.items() if count > 1] == []
    assert {s.format for s in stories.values() if s.uri is None} == {"plain"}
    assert {s.previous for s in stories.values() if s.previous} <= {s.uri for s in stories.values()}
    paths = Counter(s.path for s in stories.values() if s.path is not None)
    assert [path for path, count in paths.items() if count > 1] == []


def test_every_feed_carries_its_publishers_stories(
    stories: dict[str, SampleStory], feeds: dict[str, SampleFeed]
) -> None:
    for story in stories.values():
        feed = feeds[story.feed]
        assert (story.publisher, story.format) == (feed.publisher, feed.format), story.key
    carried = {story.feed for story in stories.values()}
    assert {name for name, feed in feeds.items() if feed.behaviour != "gone"} == carried
    assert {feed.behaviour for feed in feeds.values()} == {"ok", "moved", "broken", "gone"}
    assert {feed.format for feed in feeds.values()} == {
        "rss-with-article-page", "rss-full", "atom", "jsonfeed", "ninjs", "plain",
    }  # fmt: skip


def test_gold_names_only_stories_that_exist(stories: dict[str, SampleStory], gold: Gold) -> None:
    judged = {*gold.followups, *gold.background}
    for grades in (*gold.followups.values(), *gold.background.values()):
        judged |= set(grades)
        assert set(grades.values()) <= {1, 2}
    grouped = {key for group in (*gold.lineages, *gold.copies, *gold.same_event) for key in group}
    assert (judged | grouped) - set(stories) == set()
    assert {key for key in judged if gold.representative(key) != key} == set()


def test_a_story_follows_only_strictly_earlier_ones(stories: dict[str, SampleStory], gold: Gold) -> None:
    def published(key: str) -> float:
        when = stories[key].published
        assert when is not None, key
        return when.timestamp()

    for query, grades in gold.followups.items():
        assert [key for key in grades if published(key) <= published(query)] == [], query
        assert gold.own_event(query).isdisjoint(grades), query
    for query, grades in gold.background.items():
        assert [key for key in grades if published(key) >= published(query)] == [], query
    for lineage in gold.lineages:
        order = [(published(key), stories[key].version, (stories[key].updated)) for key in lineage]
        assert order == sorted(order, key=lambda take: take[:2]), lineage


def test_only_usable_stories_are_answers(stories: dict[str, SampleStory], gold: Gold) -> None:
    answers = {key for grades in (*gold.followups.values(), *gold.background.values()) for key in grades}
    assert [key for key in answers if stories[key].status != "usable"] == []
    killed = {key for lineage in gold.lineages if stories[lineage[-1]].status == "canceled" for key in lineage}
    assert len(killed) == 4
    assert answers.isdisjoint(killed)


def test_gold_is_large_enough_to_measure(gold: Gold) -> None:
    assert len(gold.followups) >= 12
    assert len(gold.copies[0]) >= 7
    assert sum(grade == 2 for grade in gold.followups["deal-first"].values()) >= 10


def test_scored_order_keeps_one_a_story_and_drops_the_query(gold: Gold) -> None:
    ranked = ["deal-corrected", "aft-study-copy-harbour", "deal-rewrite", "aft-study", "aft-loan-update1"]
    assert gold.score_order("deal-update1", ranked) == ["aft-study", "aft-loan"]


def test_no_paragraph_is_shared_by_stories_that_are_not_takes_or_copies(
    stories: dict[str, SampleStory], feeds: dict[str, SampleFeed], gold: Gold
) -> None:
    boilerplate = {line for feed in feeds.values() for line in feed.boilerplate}
    families: dict[str, set[str]] = defaultdict(set)
    for story in stories.values():
        family = story.template or gold.representative(story.key)
        for paragraph in story.paragraphs:
            if paragraph not in boilerplate and not paragraph.startswith("(Reporting by"):
                families[paragraph].add(family)
    assert {paragraph: names for paragraph, names in families.items() if len(names) > 1} == {}
