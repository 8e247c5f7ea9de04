"""The same questions on both engines: the sample wire's follow-ups are ranked alike."""

from pathlib import Path
from statistics import fmean as mean

from pipeline import Wirewatch
from pipeline.clock import SystemClock
from pipeline.evaluate.measures import ndcg
from pipeline.index.documents import document
from pipeline.relate import FollowUpFinder
from pipeline.settings import load_settings
from tests.index.elastic.engines import elastic_engine
from tests.sample_wire.loader import load_gold, load_stories
from tests.sample_wire.publish import write_archive
from tests.servers.elasticsearch import ElasticsearchServer

DIFFERENCE = 0.005


def test_both_engines_rank_alike(tmp_path: Path, elasticsearch_server: ElasticsearchServer) -> None:
    gold = load_gold()
    stories = {story.key: story for story in load_stories()}
    uris = {key: story.uri or f"sample:{key}" for key, story in stories.items()}
    keys = {uri: key for key, uri in uris.items()}
    write_archive(tmp_path / "sample.jsonl", stories.values())
    with (
        Wirewatch.open(load_settings({"WIREWATCH_HOME": str(tmp_path)}), processes=1) as wirewatch,
        elastic_engine(elasticsearch_server, SystemClock()) as engine,
    ):
        wirewatch.stories.import_paths([tmp_path / "sample.jsonl"])
        wirewatch.stages.run()
        lineages = list(wirewatch.adapters.store.stories.lineages())
        engine.write([document(record) for record in wirewatch.adapters.store.stories.records(lineages)])
        finders = {
            "embedded": wirewatch.adapters.followup_finder,
            "elasticsearch": FollowUpFinder(wirewatch.adapters.store, engine),
        }
        rankings: dict[str, dict[str, list[str]]] = {
            name: {
                query: gold.score_order(
                    query,
                    [keys[uri] for uri, _ in finder.rank(wirewatch.stories.resolve(uris[query]), 100)],
                )
                for query in gold.followups
            }
            for name, finder in finders.items()
        }
    means = {
        name: mean(
            ndcg([grades.get(key, 0) for key in ranked[query]], grades.values())
            for query, grades in gold.followups.items()
        )
        for name, ranked in rankings.items()
    }
    same = sum(rankings["embedded"][query][:10] == rankings["elasticsearch"][query][:10] for query in gold.followups)
    print(f"nDCG@10: {means}; the same first ten for {same} of {len(gold.followups)} queries")
    assert abs(means["embedded"] - means["elasticsearch"]) < DIFFERENCE, means
