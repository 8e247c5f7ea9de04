"""The readable source, and that the shipped NDJSON is what it makes."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from pipeline.errors import SettingsError
from pipeline.index.elastic.kibana import read_source, saved_objects, to_ndjson
from tests.kibana.assets import SHIPPED, SOURCE, shipped


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the source to spoil."""
    return Path(shutil.copytree(SOURCE, tmp_path / "source"))


def change(path: Path, key: str | int, value: Any) -> None:
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    content[key] = value
    path.write_text(yaml.safe_dump(content), encoding="utf-8")


def test_the_shipped_file_is_what_the_source_makes() -> None:
    ndjson = to_ndjson(saved_objects(read_source(SOURCE)))
    assert SHIPPED.read_text(encoding="utf-8") == ndjson, (
        "write it anew: python -c 'from pathlib import Path; from pipeline.index.elastic.kibana import *; "
        'Path("pipeline/index/elastic/kibana/objects/wirewatch.ndjson").write_text('
        'to_ndjson(saved_objects(read_source())), encoding="utf-8")\''
    )


def test_it_holds_what_an_editor_and_an_operator_need() -> None:
    ids = shipped().keys()
    assert {("dashboard", "wire-news"), ("dashboard", "wire-feed-health")} <= ids
    assert {("index-pattern", name) for name in ("wire-stories", "wire-stories-all", "wire-feeds")} <= ids
    searches = ("wire-follow-ups", "wire-corrections-and-kills", "wire-one-source", "wire-one-entity")
    assert {("search", name) for name in searches} <= ids


def test_choices_fill_the_placeholders() -> None:
    source = read_source(SOURCE, {"story": 17, "source": 'The "Daily"', "entity": "Jens Stoltenberg"})
    queries = {search.id: search.query for search in source.searches}
    assert queries["wire-follow-ups"] == "follows.lineage:17"
    assert queries["wire-one-source"] == 'source.key:"The \\"Daily\\""'
    assert queries["wire-one-entity"].startswith('person.key:"Jens Stoltenberg" OR organization.key:"')


def test_a_users_files_stand_in_the_place_of_the_shipped_ones(tmp_path: Path, folder: Path) -> None:
    own = tmp_path / "own"
    (own / "dashboards").mkdir(parents=True)
    (own / "choices.yaml").write_text("{story: 9, source: Ours, entity: NATO}\n", encoding="utf-8")
    change(folder / "dashboards" / "news.yaml", "id", "our-news")
    change(folder / "dashboards" / "news.yaml", "panels", [])
    shutil.copy(folder / "dashboards" / "news.yaml", own / "dashboards" / "ours.yaml")
    source = read_source(overlay=own)
    assert {search.id: search.query for search in source.searches}["wire-follow-ups"] == "follows.lineage:9"
    assert [dashboard.id for dashboard in source.dashboards] == ["wire-feed-health", "wire-news", "our-news"]
    assert read_source(overlay=tmp_path / "none") == read_source(SOURCE)


def test_an_unknown_choice_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"called 'storey'; known: entity, source, story"):
        read_source(SOURCE, {"storey": 17})


def test_an_unknown_placeholder_is_refused(folder: Path) -> None:
    change(folder / "dashboards" / "news.yaml", "description", "about ${nobody}")
    with pytest.raises(SettingsError, match=r"news\.yaml: there is nothing to choose called 'nobody'"):
        read_source(folder)


def test_a_missing_file_is_named(folder: Path) -> None:
    (folder / "searches.yaml").unlink()
    with pytest.raises(SettingsError, match=r"searches\.yaml cannot be read"):
        read_source(folder)


def test_a_folder_without_dashboards_is_refused(folder: Path) -> None:
    shutil.rmtree(folder / "dashboards")
    with pytest.raises(SettingsError, match="holds no dashboards"):
        read_source(folder)


def test_what_is_no_yaml_is_named(folder: Path) -> None:
    (folder / "data_views.yaml").write_text("- {id: ", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"data_views\.yaml is no valid YAML"):
        read_source(folder)


CHART: dict[str, Any] = {"id": "one", "title": "One", "at": [0, 0, 8, 8], "chart": "table", "view": "wire-stories"}
COUNT: dict[str, Any] = {"name": "Stories", "measure": "count"}
BY_AGENCY: dict[str, Any] = {"name": "Agency", "top": "agency"}


@pytest.mark.parametrize(
    ("panel", "reason"),
    [
        ({**CHART, "show": [COUNT], "x": BY_AGENCY, "at": [44, 0, 8, 8]}, "does not fit a grid of 48 columns"),
        ({**CHART, "x": BY_AGENCY}, "needs chart, view and show"),
        ({**CHART, "show": [COUNT]}, "every other chart needs one"),
        ({**CHART, "show": [COUNT], "x": {"name": "Agency"}}, "either dates or top"),
        ({**CHART, "show": [COUNT], "x": {**BY_AGENCY, "by": "Copies"}}, "there is no measure 'Copies' here"),
        ({**CHART, "show": [{**COUNT, "of": "copies"}], "x": BY_AGENCY}, "count takes no field"),
        ({**CHART, "show": [{"name": "Most", "measure": "max"}], "x": BY_AGENCY}, "everything else needs one"),
        ({**CHART, "show": [{"name": "H", "measure": "last", "of": "headline"}], "x": BY_AGENCY}, "needs newest"),
        ({**CHART, "chart": "number", "show": [COUNT, COUNT]}, "a number shows one measure"),
        ({**CHART, "search": "wire-latest"}, "has no chart of its own"),
        ({**CHART, "show": [COUNT], "x": BY_AGENCY, "view": "stories"}, "there is no data view 'stories'"),
        ({"id": "one", "title": "One", "at": [0, 0, 8, 8], "search": "latest"}, "there is no search 'latest'"),
        ({**CHART, "show": [COUNT], "x": BY_AGENCY, "colour": "red"}, "Extra inputs are not permitted"),
        ({**CHART, "id": "wire-latest", "show": [COUNT], "x": BY_AGENCY}, "the id 'wire-latest' is used twice"),
    ],
)
def test_a_panel_that_cannot_be_is_refused_with_the_reason(folder: Path, panel: dict[str, Any], reason: str) -> None:
    change(folder / "dashboards" / "news.yaml", "panels", [panel])
    with pytest.raises(SettingsError) as refused:
        read_source(folder)
    assert reason in str(refused.value)
    assert str(folder) in str(refused.value)


def test_the_same_source_gives_the_same_text() -> None:
    source = read_source(SOURCE)
    texts = {to_ndjson(saved_objects(source)) for _ in range(2)}
    assert len(texts) == 1
    lines = texts.pop().splitlines()
    assert [json.loads(line)["type"] for line in lines].index("dashboard") == len(lines) - 2
