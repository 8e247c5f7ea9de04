"""What the cluster's indices and aliases mean to us: the pure part."""

import pytest

from pipeline.index.elastic.names import Names
from pipeline.index.elastic.writing.alias_registry import Indices, classify_indices

NAMES = Names()
SEARCHED = ("wire-stories", "wire-stories-all")
NEXT = ("wire-stories-next",)


def test_names_say_month_and_generation() -> None:
    assert NAMES.index("2017.11", 1) == "wire-stories-2017.11"
    assert NAMES.index("undated", 3) == "wire-stories-undated-r3"
    for month, generation in (("2017.11", 1), ("2017.11", 12), ("undated", 1), ("undated", 2)):
        assert NAMES.read(NAMES.index(month, generation)) == (month, generation)


@pytest.mark.parametrize("index", ["wire-stories-all", "wire-stories-2017", "wire-feeds", "my-wire-stories-2017.11"])
def test_other_names_are_not_ours(index: str) -> None:
    assert NAMES.read(index) is None


def test_nothing_is_there_at_first() -> None:
    assert classify_indices({}, NAMES) == Indices()
    assert classify_indices({"wire-stories-of-mine": SEARCHED}, NAMES) == Indices()


def test_what_is_searched_goes_by_its_alias() -> None:
    indices = classify_indices(
        {
            "wire-stories-2017.11-r2": SEARCHED,
            "wire-stories-2017.12": SEARCHED,
            "wire-stories-2018.01": (),
            "wire-stories-undated-r2": ("wire-stories-all",),
        },
        NAMES,
    )
    assert indices.current == {
        "2017.11": "wire-stories-2017.11-r2",
        "2017.12": "wire-stories-2017.12",
        "undated": "wire-stories-undated-r2",
    }
    assert (indices.rebuild, indices.newest, indices.highest) == (None, 2, 2)
    assert indices.targets("2017.12") == ["wire-stories-2017.12"]
    assert indices.targets("2018.01") == []


def test_a_rebuild_is_there_as_long_as_its_marker_is() -> None:
    aliases_of = {
        "wire-stories-2017.11": SEARCHED,
        "wire-stories-2017.11-r2": NEXT,
        "wire-stories-undated-r2": NEXT,
    }
    indices = classify_indices(aliases_of, NAMES)
    assert indices.rebuild == 2
    assert indices.targets("2017.11") == ["wire-stories-2017.11", "wire-stories-2017.11-r2"]
    assert indices.strays == {}
    del aliases_of["wire-stories-undated-r2"]
    without = classify_indices(aliases_of, NAMES)
    assert (without.rebuild, without.building) == (None, {})
    assert without.strays == {"wire-stories-2017.11-r2": "2017.11"}
    assert without.highest == 2


def test_what_an_earlier_rebuild_left_is_no_part_of_the_present_one() -> None:
    indices = classify_indices(
        {"wire-stories-undated-r2": NEXT, "wire-stories-undated-r3": NEXT, "wire-stories-2017.11-r2": NEXT}, NAMES
    )
    assert indices.rebuild == 3
    assert indices.building == {"undated": "wire-stories-undated-r3"}
    assert set(indices.strays) == {"wire-stories-undated-r2", "wire-stories-2017.11-r2"}
