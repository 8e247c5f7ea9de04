"""The cache makes of stored sketches exactly what is made of outlines, and never serves what has changed."""

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


def sketch_of(story: StoryOutline, tagging_version: int = 1, group: int | None = None) -> StorySketch:
    at = None if story.published_at is None else round(story.published_at.timestamp() * 1e6)
    return StorySketch(
        StoryHead(story.lineage, tagging_version, at, group, None),
        pack_sketch(story.enrichment),
        story.enrichment.vector,
    )


def cache_for(outlines: list[StoryOutline], width: int = 16) -> StoryMatrixCache:
    counts = counts_of(outlines)
    known = {label_key(term): count for term, count in counts.terms.items()}
    known |= {entity_key(story): count for story, count in counts.entities.items()}

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
    cache = cache_for(AFFAIR)
    assert cache.add([sketch_of(story) for story in AFFAIR])
    matrix = cache.matrix([story.lineage for story in AFFAIR])
    for story in stories:
        expected, compared = compare(story, build_matrix(stories, 16)), compare(story, matrix)
        assert np.allclose(expected.rows, compared.rows, atol=1e-4)
        assert compared.candidates.lineages.tolist() == [story.lineage for story in AFFAIR]


def test_a_head_says_whether_a_story_is_still_what_it_was() -> None:
    cache = cache_for(AFFAIR)
    cache.add([sketch_of(story) for story in AFFAIR[:2]])
    first = sketch_of(AFFAIR[0]).head
    assert not cache.is_current(first._replace(tagging_version=2))
    assert cache.is_current(first._replace(copy_group=7, happening=8, published_at=None))
    assert (cache.copy_group(1), cache.happening(1)) == (7, 8)
    assert np.isnan(cache.matrix([1]).days[0])
    cache.remove(1)
    assert cache.matrix([1, 2]).lineages.tolist() == [2]


def test_a_story_tagged_anew_takes_its_own_place() -> None:
    cache = cache_for(AFFAIR)
    cache.add([sketch_of(story) for story in AFFAIR])
    other = replace(AFFAIR[5], lineage=1)
    cache.add([sketch_of(other, tagging_version=2)])
    matrix = cache.matrix([1, 6])
    assert matrix.idf_norm_sq[0] == matrix.idf_norm_sq[1]


def test_a_full_shelf_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matrix_cache, "MAX_STORIES", 4)
    cache = cache_for(AFFAIR)
    assert cache.add([sketch_of(story) for story in AFFAIR[:3]])
    assert not cache.add([sketch_of(story) for story in AFFAIR[3:6]])
    assert cache.matrix(range(1, 10)).lineages.tolist() == [4, 5, 6]


def test_vectors_of_another_embedding_count_as_unknown() -> None:
    cache = cache_for(AFFAIR, width=3)
    cache.add([sketch_of(story) for story in AFFAIR])
    assert not cache.matrix([1, 2]).vectors.any()


def test_a_take_counts_by_the_terms_of_its_body_and_its_entities() -> None:
    story = outline(1, "dam cracks", headline="brenn dam", entities=[("person:ana", "Ana")]).enrichment
    assert counted_keys(pack_sketch(story)) == {label_key("dam"), label_key("cracks"), entity_key("person:ana")}
    assert counted_keys(pack_sketch(outline(2, "").enrichment)) == set()


def test_keys_are_found_and_grouped_as_by_plain_search() -> None:
    rng = np.random.default_rng(0)
    pool = rng.integers(0, 2**62, 400) & ~np.int64(0xFFF0)  # many share their last bits
    keys, wanted = rng.choice(pool, 3000), np.unique(rng.choice(pool, 40))
    positions, which = searchsorted_in(keys, wanted)
    assert positions.tolist() == np.flatnonzero(np.isin(keys, wanted)).tolist()
    assert (wanted[which] == keys[positions]).all()
    first = group_ids(keys)
    assert (keys[first] == keys).all()
    assert len(set(first.tolist())) == len(np.unique(keys))
