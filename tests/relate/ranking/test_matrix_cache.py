"""The shelf makes of stored sketches exactly what is made of outlines, and never serves what has changed."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest

from pipeline.models import StoryHead, StoryOutline, StorySketch
from pipeline.relate.ranking import matrix_cache
from pipeline.relate.ranking.compare import compare
from pipeline.relate.ranking.features import rarity
from pipeline.relate.ranking.matrix_cache import StoryMatrixCache
from pipeline.relate.ranking.nations import entity_id, load_nations
from pipeline.relate.ranking.story_matrix import build_matrix, group_ids, searchsorted_in
from pipeline.shared_formats.sketch import counted_keys, entity_key, label_key, pack_sketch
from tests.relate.builders import counts_of, dam_affair, features, outline

AFFAIR = [
    *dam_affair(),
    outline(10, "ivorians vote in abidjan", entities=[("gaz:country-ci", "Ivory Coast"), ("gaz:city-lima-pe", "Lima")]),
    outline(11, "south korea and saudi arabia sign; turks watch", headline="korea signs", event_type="agreement"),
    outline(12, "", day=None),
]


def sketched(one: StoryOutline, stamp: int = 1, group: int | None = None) -> StorySketch:
    at = None if one.published_at is None else round(one.published_at.timestamp() * 1e6)
    return StorySketch(
        StoryHead(one.lineage, stamp, at, group, None), pack_sketch(one.enrichment), one.enrichment.vector
    )


def shelf_for(outlines: list[StoryOutline], width: int = 16) -> StoryMatrixCache:
    counts = counts_of(outlines)
    known = {label_key(term): count for term, count in counts.terms.items()}
    known |= {entity_key(one): count for one, count in counts.entities.items()}

    def rarities(keys: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        return np.array([rarity(known.get(key, 0), counts.documents) for key in keys.tolist()], dtype=np.float32)

    nations = {
        code: rarity(counts.entities[entity_id(code)], counts.documents)
        for code in ("CI", "KR", "SA", "TR", "PE")
        if entity_id(code) in counts.entities
    }
    return StoryMatrixCache(width, rarities, load_nations(), nations)


def test_sketches_and_outlines_compare_alike() -> None:
    stories = features(AFFAIR)
    shelf = shelf_for(AFFAIR)
    assert shelf.add([sketched(one) for one in AFFAIR])
    packed = shelf.matrix([one.lineage for one in AFFAIR])
    for story in stories:
        expected, found = compare(story, build_matrix(stories, 16)), compare(story, packed)
        assert np.allclose(expected.rows, found.rows, atol=1e-4)
        assert found.candidates.lineages.tolist() == [one.lineage for one in AFFAIR]


def test_a_head_says_whether_a_story_is_still_what_it_was() -> None:
    shelf = shelf_for(AFFAIR)
    shelf.add([sketched(one) for one in AFFAIR[:2]])
    first = sketched(AFFAIR[0]).head
    assert not shelf.is_current(first._replace(tagging_version=2))
    assert shelf.is_current(first._replace(copy_group=7, happening=8, published_at=None))
    assert (shelf.copy_group(1), shelf.happening(1)) == (7, 8)
    assert np.isnan(shelf.matrix([1]).days[0])
    shelf.remove(1)
    assert shelf.matrix([1, 2]).lineages.tolist() == [2]


def test_a_story_tagged_anew_takes_its_own_place() -> None:
    shelf = shelf_for(AFFAIR)
    shelf.add([sketched(one) for one in AFFAIR])
    other = replace(AFFAIR[5], lineage=1)
    shelf.add([sketched(other, stamp=2)])
    packed = shelf.matrix([1, 6])
    assert packed.idf_norm_sq[0] == packed.idf_norm_sq[1]


def test_a_full_shelf_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matrix_cache, "MAX_STORIES", 4)
    shelf = shelf_for(AFFAIR)
    assert shelf.add([sketched(one) for one in AFFAIR[:3]])
    assert not shelf.add([sketched(one) for one in AFFAIR[3:6]])
    assert shelf.matrix(range(1, 10)).lineages.tolist() == [4, 5, 6]


def test_vectors_of_another_embedding_count_as_unknown() -> None:
    shelf = shelf_for(AFFAIR, width=3)
    shelf.add([sketched(one) for one in AFFAIR])
    assert not shelf.matrix([1, 2]).vectors.any()


def test_a_take_counts_by_the_terms_of_its_body_and_its_entities() -> None:
    one = outline(1, "dam cracks", headline="brenn dam", entities=[("person:ana", "Ana")]).enrichment
    assert counted_keys(pack_sketch(one)) == {label_key("dam"), label_key("cracks"), entity_key("person:ana")}
    assert counted_keys(pack_sketch(outline(2, "").enrichment)) == set()


def test_keys_are_found_and_grouped_as_by_plain_search() -> None:
    rng = np.random.default_rng(0)
    pool = rng.integers(0, 2**62, 400) & ~np.int64(0xFFF0)  # many share their last bits
    keys, wanted = rng.choice(pool, 3000), np.unique(rng.choice(pool, 40))
    places, which = searchsorted_in(keys, wanted)
    assert places.tolist() == np.flatnonzero(np.isin(keys, wanted)).tolist()
    assert (wanted[which] == keys[places]).all()
    first = group_ids(keys)
    assert (keys[first] == keys).all()
    assert len(set(first.tolist())) == len(np.unique(keys))
