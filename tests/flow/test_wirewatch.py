"""The object itself: nothing is opened before it is used, and closing it ends everything."""

from pathlib import Path

import psutil

from pipeline import Wirewatch
from pipeline.models import SearchRequest
from pipeline.settings import load_settings

TEXT = "BRENN, March 1 (Post) - Engineers found cracks in the dam above the town on Friday, the company said."


def tagging_processes() -> set[int]:
    children = psutil.Process().children()
    return {child.pid for child in children if "pipeline.enrich.pool.worker" in child.cmdline()}


def settings_of(home: Path) -> dict[str, str]:
    return {"WIREWATCH_HOME": str(home), "WIREWATCH_SPACY_MODEL": "blank"}


def test_opening_touches_nothing(tmp_path: Path) -> None:
    with Wirewatch.open(load_settings(settings_of(tmp_path / "home"))) as wirewatch:
        assert wirewatch.settings.home == tmp_path / "home"
        assert wirewatch.stories is wirewatch.stories
    assert not (tmp_path / "home").exists()


def test_closing_ends_the_tagging_processes(tmp_path: Path) -> None:
    (tmp_path / "dam.txt").write_text(TEXT)
    before = tagging_processes()
    with Wirewatch.open(load_settings(settings_of(tmp_path / "home")), processes=2) as wirewatch:
        failures: list[str] = []
        assert [story.body for story, _ in wirewatch.stories.tag_paths([tmp_path / "dam.txt"], failures)] == [TEXT]
        assert failures == []
        assert tagging_processes() - before
    assert tagging_processes() == before


def test_what_is_used_after_closing_is_opened_again(tmp_path: Path) -> None:
    (tmp_path / "dam.txt").write_text(TEXT)
    wirewatch = Wirewatch.open(load_settings(settings_of(tmp_path / "home")), processes=1)
    assert wirewatch.stories.import_paths([tmp_path / "dam.txt"]).changed == 1
    wirewatch.stages.run()
    wirewatch.close()
    assert wirewatch.stories.search(SearchRequest(query="cracks")).total == 1
    wirewatch.close()
