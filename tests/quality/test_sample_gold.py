"""The follow-ups of the sample wire against its gold file, which was written before the ranking."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline import Wirewatch
from pipeline.evaluate.measures import ndcg
from pipeline.settings import load_settings
from tests.sample_wire.loader import Gold, load_gold, load_stories
from tests.sample_wire.publish import write_archive

LEAST = 0.90
STORIES = {story.key: story for story in load_stories()}
KEYS = {story.uri or f"sample:{story.key}": story.key for story in STORIES.values()}


@pytest.fixture(scope="module")
def wirewatch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wirewatch]:
    """The whole sample wire, imported."""
    home = tmp_path_factory.mktemp("gold")
    archive = home / "sample.jsonl"
    write_archive(archive, STORIES.values())
    with Wirewatch.open(load_settings({"WIREWATCH_HOME": str(home)}), processes=1) as opened:
        opened.stories.import_paths([archive])
        opened.stages.run()
        yield opened


def uri_of(key: str) -> str:
    return STORIES[key].uri or f"sample:{key}"


def rankings(wirewatch: Wirewatch, gold: Gold) -> dict[str, list[str]]:
    """Query key -> the keys of its follow-ups, best first, as the gold file counts them."""
    ranked = wirewatch.stories.rank([uri_of(query) for query in gold.followups], 100, [])
    return {KEYS[query]: gold.score_order(KEYS[query], [KEYS[uri] for uri, _ in answers]) for query, answers in ranked}


def test_followups_of_the_sample_wire(wirewatch: Wirewatch) -> None:
    gold = load_gold()
    ranked = rankings(wirewatch, gold)
    scores = {
        query: ndcg([grades.get(key, 0) for key in ranked[query]], grades.values())
        for query, grades in gold.followups.items()
    }
    mean = sum(scores.values()) / len(scores)
    worst = sorted(scores, key=scores.__getitem__)[:8]
    report = "\n".join(
        f"{query} {scores[query]:.3f}: missed {[k for k in gold.followups[query] if k not in ranked[query][:10]][:6]}, "
        f"instead {[k for k in ranked[query][:10] if k not in gold.followups[query]][:6]}"
        for query in worst
    )
    print(f"nDCG@10 {mean:.3f} over {len(scores)} queries; the worst:\n{report}")
    assert mean >= LEAST, report


def test_takes_are_one_story_and_kills_withdraw_it(wirewatch: Wirewatch) -> None:
    for group in load_gold().lineages:
        lineages = {wirewatch.stories.resolve(uri_of(key)) for key in group}
        assert len(lineages) == 1, group


def test_copies_are_shown_once(wirewatch: Wirewatch) -> None:
    for group in load_gold().copies:
        lineages = [wirewatch.stories.resolve(uri_of(key)) for key in group]
        groups = {record.copy_group for record in wirewatch.adapters.store.stories.records(lineages)}
        assert len(groups) == 1, group
        assert None not in groups, group


def test_stories_of_one_event_in_other_words_are_no_copies(wirewatch: Wirewatch) -> None:
    copied = {frozenset(group) for group in load_gold().copies}
    for group in load_gold().same_event:
        records = wirewatch.adapters.store.stories.records([wirewatch.stories.resolve(uri_of(key)) for key in group])
        groups = [record.copy_group for record in records if record.copy_group is not None]
        assert len(groups) == len(set(groups)), (group, copied)


def test_the_archive_is_whole(tmp_path: Path) -> None:
    write_archive(tmp_path / "sample.jsonl", STORIES.values())
    assert len((tmp_path / "sample.jsonl").read_text(encoding="utf-8").splitlines()) == len(STORIES) >= 120
