"""Bulk requests: an answer for every item, whatever the cluster says; against a server that says it on cue."""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest

from pipeline.errors import IndexUnavailable
from pipeline.index.elastic.cluster import Cluster
from pipeline.index.elastic.names import Names
from pipeline.index.elastic.writing.bulk import MOST_AT_ONCE, Bulk, Item, ItemResult, ItemStatus
from pipeline.settings import ElasticsearchSettings
from tests.index.elastic.engines import Pauses
from tests.servers.http import HttpServer, Reply, Request

DONE, OUTDATED, GONE = ItemResult(ItemStatus.DONE), ItemResult(ItemStatus.OUTDATED), ItemResult(ItemStatus.GONE)
_LIKE_ELASTICSEARCH = {"X-Elastic-Product": "Elasticsearch"}


@pytest.fixture
def pauses() -> Pauses:
    return Pauses()


@pytest.fixture
def bulk(http: HttpServer, pauses: Pauses) -> Iterator[Bulk]:
    cluster = Cluster(ElasticsearchSettings(url=http.url), Names(), patience=30.0, pause=pauses)
    bulk = Bulk(cluster)
    yield bulk
    bulk.close()
    cluster.close()


def items(*ids: int) -> list[Item]:
    return [Item("wire-stories-undated", str(number), lambda: b"{}", version=7) for number in ids]


def asked(request: Request) -> list[int]:
    """The ids in a bulk request, in order."""
    lines = request.body.decode().splitlines()
    return [int(json.loads(line)["index"]["_id"]) for line in lines[::2]]


def failed(status: int, kind: str, reason: str = "so it is") -> dict[str, Any]:
    return {"status": status, "error": {"type": kind, "reason": reason}}


def answer(*outcomes: dict[str, Any]) -> Reply:
    """The cluster's answer to a bulk request."""
    body = {
        "errors": any("error" in outcome for outcome in outcomes),
        "items": [{"index": outcome} for outcome in outcomes],
    }
    return json_reply(200, body)


def json_reply(status: int, body: dict[str, Any]) -> Reply:
    return Reply(status=status, body=json.dumps(body), content_type="application/json", headers=_LIKE_ELASTICSEARCH)


def answering(decide: Callable[[int], dict[str, Any]]) -> Callable[[Request], Reply]:
    """An answer that decides by the item's id."""
    return lambda request: answer(*(decide(number) for number in asked(request)))


OK = {"status": 201}
BUSY = failed(429, "es_rejected_execution_exception", "the queue is full")


def test_each_item_gets_its_own_answer(http: HttpServer, bulk: Bulk, pauses: Pauses) -> None:
    refused = failed(400, "document_parsing_exception", "no such number")
    refused["error"]["caused_by"] = {"type": "number_format_exception", "reason": "it is too long"}
    http.route(
        "/_bulk",
        answer(
            OK,
            failed(409, "version_conflict_engine_exception"),
            refused,
            failed(404, "index_not_found_exception"),
            {"status": 200},
        ),
    )
    reason = "document_parsing_exception: no such number; number_format_exception: it is too long"
    assert bulk.send(items(1, 2, 3, 4, 5)) == [DONE, OUTDATED, ItemResult(ItemStatus.REFUSED, reason), GONE, DONE]
    assert pauses.taken == []


def test_only_what_the_cluster_had_no_room_for_is_sent_again_later_and_later(
    http: HttpServer, bulk: Bulk, pauses: Pauses
) -> None:
    http.route(
        "/_bulk",
        answer(OK, BUSY, failed(503, "unavailable_shards_exception"), OK),
        answer(BUSY, OK),
        json_reply(429, BUSY),
        answer(failed(409, "version_conflict_engine_exception")),
    )
    assert bulk.send(items(1, 2, 3, 4)) == [DONE, OUTDATED, DONE, DONE]
    assert [asked(request) for request in http.requests] == [[1, 2, 3, 4], [2, 3], [2], [2]]
    first, second, third = pauses.taken
    assert 0.18 <= first <= 0.32
    assert 1.1 * first < second < third


def test_a_cluster_that_stays_busy_is_unavailable(http: HttpServer, bulk: Bulk, pauses: Pauses) -> None:
    http.route("/_bulk", answering(lambda number: OK if number < 3 else BUSY))
    with pytest.raises(IndexUnavailable, match=r"writing 2 documents, 8 tries, 429.*the queue is full.*try again"):
        bulk.send(items(1, 2, 3, 4))
    assert len(http.requests) == 8
    assert len(pauses.taken) == 7
    assert 20 < sum(pauses.taken) < 45


@pytest.mark.parametrize(
    ("outcome", "message"),
    [
        (failed(429, "cluster_block_exception", "blocked by: flood-stage watermark"), "disk is nearly full"),
        (failed(403, "cluster_block_exception", "index read-only / allow delete (api)"), "disk is nearly full"),
        (failed(403, "security_exception", "unauthorized"), "needs manage_index_templates"),
        (failed(400, "strict_dynamic_mapping_exception", "[thread] not allowed"), "run `wirewatch reindex`"),
        (failed(500, "illegal_state_exception", "the shard is broken"), "the shard is broken"),
    ],
)
def test_what_concerns_all_documents_is_no_document_s_fault(
    http: HttpServer, bulk: Bulk, outcome: dict[str, Any], message: str
) -> None:
    http.route("/_bulk", answering(lambda number: outcome if number == 2 else OK))
    with pytest.raises(IndexUnavailable, match=message):
        bulk.send(items(1, 2, 3))


def test_a_request_that_is_too_large_is_sent_in_halves(http: HttpServer, bulk: Bulk) -> None:
    def decide(request: Request) -> Reply:
        if len(asked(request)) > 2 or 5 in asked(request):
            return json_reply(413, {"error": {"type": "content_too_long", "reason": "over 100 MB"}, "status": 413})
        return answer(*(OK for _ in asked(request)))

    http.route("/_bulk", decide)
    answers = bulk.send(items(1, 2, 3, 4, 5, 6))
    assert [answer.status for answer in answers] == [ItemStatus.DONE] * 4 + [ItemStatus.REFUSED, ItemStatus.DONE]
    assert "larger than the cluster takes" in str(answers[4].reason)


def test_many_items_go_out_in_chunks_and_keep_their_order(http: HttpServer, bulk: Bulk) -> None:
    http.route("/_bulk", answering(lambda number: OK if number % 3 else failed(409, "version_conflict")))
    numbers = range(1, 4 * MOST_AT_ONCE + 2)
    answers = bulk.send(items(*numbers))
    assert answers == [DONE if number % 3 else OUTDATED for number in numbers]
    assert sorted(len(asked(request)) for request in http.requests) == [1] + [MOST_AT_ONCE] * 4


def test_a_request_stays_below_the_size_that_clusters_take(http: HttpServer, bulk: Bulk) -> None:
    http.route("/_bulk", answering(lambda number: OK))
    large = [
        Item("wire-stories-undated", str(number), lambda: b'{"body":"' + b"x" * 3_000_000 + b'"}')
        for number in range(5)
    ]
    assert bulk.send(large) == [DONE] * 5
    assert sorted(asked(request) for request in http.requests) == [[0, 1], [2], [3, 4]]


def test_a_document_that_cannot_be_made_is_refused_and_the_rest_is_sent(http: HttpServer, bulk: Bulk) -> None:
    def impossible() -> bytes:
        return "\ud83d".encode()

    http.route("/_bulk", answering(lambda number: OK))
    answers = bulk.send([*items(1), Item("wire-stories-undated", "2", impossible), *items(3)])
    assert [answer.status for answer in answers] == [ItemStatus.DONE, ItemStatus.REFUSED, ItemStatus.DONE]
    assert "surrogates not allowed" in str(answers[1].reason)
    assert [asked(request) for request in http.requests] == [[1, 3]]


def test_takes_of_one_story_are_sent_one_after_the_other(http: HttpServer, bulk: Bulk) -> None:
    http.route("/_bulk", answering(lambda number: OK))
    numbers = [1, *range(2, 2 * MOST_AT_ONCE), 1]
    bulk.send(items(*numbers))
    sent: Sequence[int] = [number for request in http.requests for number in asked(request)]
    assert list(sent) == numbers


def test_an_answer_that_is_cut_off_or_never_comes_is_unavailable(http: HttpServer, bulk: Bulk) -> None:
    http.route("/_bulk", Reply(status=200, body=b"{" * 99, headers=_LIKE_ELASTICSEARCH, cut_after=10))
    with pytest.raises(IndexUnavailable, match="cannot be reached"):
        bulk.send(items(1))
    http.route("/_bulk", Reply(status=200, body="<html>", content_type="text/html"))
    with pytest.raises(IndexUnavailable, match="is not Elasticsearch; check the URL"):
        bulk.send(items(1))


def test_nothing_to_send_is_no_request(http: HttpServer, bulk: Bulk) -> None:
    assert bulk.send([]) == []
    assert http.requests == ()
