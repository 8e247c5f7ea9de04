"""Elasticsearch for the tests: every kind of node really starts, serves elasticsearch-py, and guards what it should."""

import httpx
import pytest
from elasticsearch import ApiError, AuthenticationException, AuthorizationException, ConnectionTimeout, Elasticsearch
from elasticsearch import ConnectionError as EsConnectionError

from tests.servers.archives import ELASTICSEARCH_7
from tests.servers.daemon import ServerError
from tests.servers.elasticsearch import (
    READY_URL_VARIABLE,
    ElasticsearchNode,
    ElasticsearchServer,
    elasticsearch,
    elasticsearch_node,
)
from tests.servers.node_folder import Security

ENGLISH = {"type": "text", "analyzer": "english"}
READ_ONLY = {"reader": {"indices": [{"names": ["wire-*"], "privileges": ["read"]}]}}


def put_story(client: Elasticsearch, index: str) -> None:
    client.indices.create(index=index, mappings={"properties": {"headline": ENGLISH}})
    client.index(index=index, id="1", document={"headline": "Ministers sign letters of intent"}, refresh=True)


def headlines_found(client: Elasticsearch, index: str) -> list[str]:
    hits = client.search(index=index, query={"match": {"headline": "signing letter"}})["hits"]["hits"]
    return [hit["_id"] for hit in hits]


def test_8_indexes_and_finds_in_english(elasticsearch_server: ElasticsearchServer) -> None:
    with Elasticsearch(**elasticsearch_server.client_options()) as client:
        put_story(client, "wire-harness")
        assert headlines_found(client, "wire-harness") == ["1"]
    elasticsearch_server.clear("wire-harness")


def test_8_finds_the_nearest_vector(elasticsearch_server: ElasticsearchServer) -> None:
    with Elasticsearch(**elasticsearch_server.client_options()) as client:
        client.indices.create(index="wire-harness", mappings={"properties": {"v": {"type": "dense_vector", "dims": 2}}})
        client.index(index="wire-harness", id="near", document={"v": [1.0, 0.1]})
        client.index(index="wire-harness", id="far", document={"v": [-1.0, 0.1]}, refresh=True)
        knn = {"field": "v", "query_vector": [1.0, 0.0], "k": 1, "num_candidates": 2}
        assert [hit["_id"] for hit in client.search(index="wire-harness", knn=knn)["hits"]["hits"]] == ["near"]
    elasticsearch_server.clear("wire-harness")


def test_clear_leaves_what_has_another_name(elasticsearch_server: ElasticsearchServer) -> None:
    server = elasticsearch_server
    server.call("PUT", "/_component_template/wire-harness-text", {"template": {}})
    composed = {"index_patterns": ["wire-harness-*"], "composed_of": ["wire-harness-text"]}
    server.call("PUT", "/_index_template/wire-harness", composed)
    server.call("PUT", "/wire-harness-2017.11")
    server.call("PUT", "/harness-kept")
    server.clear("wire-harness")
    assert server.call("GET", "/_cat/indices/*harness*?format=json&h=index") == [{"index": "harness-kept"}]
    for kind in ("_index_template", "_component_template"):
        with pytest.raises(ServerError, match="404"):
            server.call("GET", f"/{kind}/wire-harness*x")
        assert "wire-harness" not in str(server.call("GET", f"/{kind}"))
    server.clear("harness-kept")


def test_7_percolates(percolator_server: ElasticsearchNode) -> None:
    with Elasticsearch(**percolator_server.client_options()) as client:
        assert client.info()["version"]["number"] == ELASTICSEARCH_7.version
        properties = {"query": {"type": "percolator"}, "headline": ENGLISH}
        client.indices.create(index="wire-harness", mappings={"properties": properties})
        for name, word in (("letters", "letter"), ("grain", "grain")):
            client.index(index="wire-harness", id=name, document={"query": {"match": {"headline": word}}})
        client.indices.refresh(index="wire-harness")
        percolate = {"field": "query", "document": {"headline": "Ministers sign letters of intent"}}
        hits = client.search(index="wire-harness", query={"percolate": percolate})["hits"]["hits"]
        assert [hit["_id"] for hit in hits] == ["letters"]
    percolator_server.clear("wire-harness")


def test_a_guarded_node_lets_a_key_do_what_its_role_says(secured_elasticsearch: ElasticsearchNode) -> None:
    node = secured_elasticsearch
    with Elasticsearch(**node.client_options()) as administrator:
        put_story(administrator, "wire-harness")
    with Elasticsearch(node.url) as stranger, pytest.raises(AuthenticationException):
        stranger.info()
    with Elasticsearch(node.url, api_key=node.create_api_key("harness", READ_ONLY)) as reader:
        assert headlines_found(reader, "wire-harness") == ["1"]
        with pytest.raises(AuthorizationException):
            reader.index(index="wire-harness", document={"headline": "Not allowed"})
    node.clear("wire-harness")


def test_tls_is_trusted_by_its_own_authority_only(tls_elasticsearch: ElasticsearchNode) -> None:
    node = tls_elasticsearch
    assert node.url.startswith("https://")
    with Elasticsearch(**node.client_options()) as client:
        put_story(client, "wire-harness")
        assert headlines_found(client, "wire-harness") == ["1"]
    key = node.create_api_key("harness", READ_ONLY)
    with Elasticsearch(node.url, api_key=key, ca_certs=str(node.authority_file)) as reader:
        assert headlines_found(reader, "wire-harness") == ["1"]
    with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
        httpx.get(node.url)
    node.clear("wire-harness")


def test_a_node_may_hang_and_crash_and_come_back(secured_elasticsearch: ElasticsearchNode) -> None:
    """On the shared node, which is left as it was found: a node of its own would cost another start."""
    node = secured_elasticsearch
    with Elasticsearch(**node.client_options(), max_retries=0) as client:
        put_story(client, "wire-harness")

        node.suspend()
        with pytest.raises(ConnectionTimeout):
            client.options(request_timeout=1).count(index="wire-harness")
        node.resume()
        assert client.count(index="wire-harness")["count"] == 1

        node.kill()
        with pytest.raises(EsConnectionError):
            client.count(index="wire-harness")
        assert not node.running

        node.restart()
        assert headlines_found(client, "wire-harness") == ["1"]
    node.clear("wire-harness")


def test_a_node_that_cannot_start_says_why() -> None:
    start = elasticsearch_node(ELASTICSEARCH_7, settings={"no.such.setting": True})
    with pytest.raises(ServerError, match=r"unknown setting \[no\.such\.setting\]"), start:
        pass


def test_security_is_refused_where_the_server_has_none() -> None:
    start = elasticsearch_node(ELASTICSEARCH_7, security=Security.ACCOUNTS)
    with pytest.raises(ServerError, match="without its security module"), start:
        pass


def test_an_error_of_the_server_is_passed_on(elasticsearch_server: ElasticsearchServer) -> None:
    with pytest.raises(ServerError, match=r"GET /wire-nowhere on .* answered 404"):
        elasticsearch_server.call("GET", "/wire-nowhere")
    options = elasticsearch_server.client_options()
    with Elasticsearch(**options) as client, pytest.raises(ApiError):
        client.indices.get(index="wire-nowhere")


def test_a_ready_server_is_used_with_its_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(READY_URL_VARIABLE, "https://editor:s3cret@search.example:9243/")
    with elasticsearch(ELASTICSEARCH_7) as server:
        assert server.client_options() == {
            "hosts": ["https://search.example:9243"],
            "basic_auth": ("editor", "s3cret"),
        }
