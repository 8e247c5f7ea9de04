"""Who may do what: a key whose role holds no more than the engine needs, and a private authority."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from elasticsearch import AuthorizationException, Elasticsearch

from pipeline.errors import IndexUnavailable, SettingsError
from pipeline.index.elastic import open_elastic
from pipeline.index.elastic.engine import ElasticIndex
from pipeline.index.elastic.feed_board import ElasticFeedBoard
from pipeline.models import CandidateQuery, SearchRequest, StoredQuery, WriteState
from pipeline.settings import ElasticsearchSettings
from tests.index.elastic.engines import FixedClock, settings_of, site_on
from tests.index.elastic.test_feeds import feed
from tests.index.stories import LIBRARY, story
from tests.servers.elasticsearch import ElasticsearchNode

CLUSTER = ("manage_index_templates",)
INDICES = ("read", "write", "manage")


def role(cluster: tuple[str, ...] = CLUSTER, indices: tuple[str, ...] = INDICES) -> dict[str, Any]:
    """What pipeline/index/elastic says an account needs, or less."""
    return {"wirewatch": {"cluster": cluster, "indices": [{"names": ["wire-*"], "privileges": indices}]}}


def everything(engine: ElasticIndex) -> None:
    """All that the engine is ever asked."""
    outcomes = engine.write([replace(document, month="2017.11") for document in LIBRARY])
    assert {outcome.state for outcome in outcomes} <= {WriteState.WRITTEN, WriteState.SUPERSEDED}
    first = engine.search(SearchRequest(query="missile OR *:*", limit=2, facets=("person",), fold_copies=True))
    second = engine.search(SearchRequest(query="missile OR *:*", limit=2, after_key=first.next_key))
    assert len(second.hits) == 2
    assert engine.candidates([CandidateQuery(terms={"turkey": 1.0})])[0]
    matches, failures = engine.match(LIBRARY, [StoredQuery(1, "loan"), StoredQuery(2, "published_at:>now-9d")])
    assert ({match.query_id for match in matches}, failures) == ({1, 2}, [])
    assert len(list(engine.rebuild([replace(document, month="2017.12") for document in LIBRARY]))) == len(LIBRARY)
    assert engine.count() == len(LIBRARY)
    assert engine.drop_before("2018.01") == ["2017.12"]


def test_a_key_with_the_role_that_is_asked_for_can_do_everything(secured_elasticsearch: ElasticsearchNode) -> None:
    with site_on(secured_elasticsearch) as site:
        key = secured_elasticsearch.create_api_key("wirewatch", role())
        settings = ElasticsearchSettings(url=secured_elasticsearch.url, api_key=key)
        everything(site.open(settings=settings))
        board = ElasticFeedBoard(settings, site.prefix)
        board.show([feed("world")], all_there_are=True)
        board.close()


def test_the_stack_s_own_role_is_the_one_that_is_asked_for() -> None:
    file = Path(__file__).parents[3] / "docker" / "elasticsearch" / "roles" / "wirewatch.json"
    assert json.loads(file.read_text(encoding="utf-8")) == json.loads(json.dumps(role()["wirewatch"]))


@pytest.mark.parametrize("left_out", [*CLUSTER, *INDICES])
def test_no_part_of_the_role_can_be_left_out(secured_elasticsearch: ElasticsearchNode, left_out: str) -> None:
    less = role(
        tuple(privilege for privilege in CLUSTER if privilege != left_out),
        tuple(index for index in INDICES if index != left_out),
    )
    with site_on(secured_elasticsearch) as site:
        key = secured_elasticsearch.create_api_key("less", less)
        engine = site.open(settings=ElasticsearchSettings(url=secured_elasticsearch.url, api_key=key))
        with pytest.raises(IndexUnavailable, match=r"our account may not do this: it needs manage_index_templates"):
            everything(engine)


def test_the_role_opens_nothing_else(secured_elasticsearch: ElasticsearchNode) -> None:
    key = secured_elasticsearch.create_api_key("wirewatch", role())
    forbidden: tuple[Callable[[Elasticsearch], object], ...] = (
        lambda client: client.indices.create(index="somebody-elses"),
        lambda client: client.index(index="somebody-elses", document={}),
        lambda client: client.search(index="somebody-elses"),
        lambda client: client.cluster.put_settings(persistent={"action.auto_create_index": "true"}),
        lambda client: client.cluster.health(),
        lambda client: client.security.get_user(),
        lambda client: client.snapshot.get_repository(),
    )
    with Elasticsearch(secured_elasticsearch.url, api_key=key) as client:
        for call in forbidden:
            with pytest.raises(AuthorizationException):
                call(client)


def test_user_and_password_may_stand_in_the_address(secured_elasticsearch: ElasticsearchNode) -> None:
    with site_on(secured_elasticsearch) as site:
        engine = site.open(settings=settings_of(secured_elasticsearch))
        assert [outcome.state for outcome in engine.write([story(1)])] == [WriteState.WRITTEN]


@pytest.mark.parametrize(
    "call",
    [
        pytest.param(lambda engine: engine.write([story(1)]), id="write"),
        pytest.param(lambda engine: engine.search(SearchRequest(query="story")), id="search"),
        pytest.param(lambda engine: engine.match(LIBRARY, [StoredQuery(1, "loan~1")]), id="match"),
    ],
)
def test_wrong_credentials_say_so_and_are_never_shown(
    secured_elasticsearch: ElasticsearchNode, call: Callable[[ElasticIndex], object]
) -> None:
    url = secured_elasticsearch.url
    for settings in (
        ElasticsearchSettings(url=url, api_key="c2VjcmV0OnNlY3JldA=="),
        ElasticsearchSettings(url=url.replace("://", "://editor:secret@")),
        ElasticsearchSettings(url=url),
    ):
        engine = open_elastic(settings, FixedClock())
        with pytest.raises(IndexUnavailable, match=rf"at {url} .*does not accept our credentials") as raised:
            call(engine)
        assert "secret" not in str(raised.value)
        engine.close()


def test_a_private_authority_is_trusted_where_it_is_named(tls_elasticsearch: ElasticsearchNode, tmp_path: Path) -> None:
    node = tls_elasticsearch
    with site_on(node) as site:
        key = node.create_api_key("wirewatch", role())
        named = ElasticsearchSettings(url=node.url, api_key=key, ca=node.authority_file)
        everything(site.open(settings=named))
        with pytest.raises(IndexUnavailable, match=r"no safe connection .* name that in WIREWATCH_ELASTICSEARCH_CA"):
            site.open(settings=replace(named, ca=None)).count()
    with pytest.raises(SettingsError, match=r"cannot be asked with the authority in .*none\.pem"):
        open_elastic(replace(named, ca=tmp_path / "none.pem"), FixedClock())
