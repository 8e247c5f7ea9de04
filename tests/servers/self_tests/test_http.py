"""The HTTP server: routes, validators, and the ways in which an answer can go wrong."""

import socket
import ssl
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest

from tests.servers.authority import Authority
from tests.servers.daemon import ServerError
from tests.servers.gate import Gate
from tests.servers.http import Drip, HttpServer, Reply, Request, http_server, redirect

FEED = "<rss version='2.0'><channel><title>Vezir Ajansı</title></channel></rss>"
MODIFIED = datetime(2017, 11, 8, 9, 30, tzinfo=UTC)


def test_it_answers_as_told_and_records_what_it_was_asked(http: HttpServer) -> None:
    url = http.route("/feed.xml", Reply(body=FEED, content_type="application/rss+xml", headers={"X-Wire": "1"}))
    answer = httpx.get(url, params={"page": "2"}, headers={"User-Agent": "wirewatch-test"})
    assert (answer.status_code, answer.text, answer.headers["x-wire"]) == (200, FEED, "1")
    [request] = http.requests
    assert (request.method, request.path, request.query) == ("GET", "/feed.xml", "page=2")
    assert request.headers["user-agent"] == "wirewatch-test"


def test_a_path_without_a_route_is_not_found(http: HttpServer) -> None:
    assert httpx.get(f"{http.url}/nothing").status_code == 404


def test_a_webhook_sees_the_body(http: HttpServer) -> None:
    url = http.route("/hook", Reply(status=204))
    assert httpx.post(url, json={"headline": "S-400"}).status_code == 204
    assert http.wait_for(1, path="/hook")[0].body == b'{"headline":"S-400"}'


def test_answers_come_in_turn_and_the_last_one_stays(http: HttpServer) -> None:
    url = http.route("/hook", Reply(status=503, headers={"Retry-After": "1"}), Reply(status=500), Reply(status=200))
    assert [httpx.post(url).status_code for _ in range(4)] == [503, 500, 200, 200]
    assert len(http.requests_for("/hook")) == 4


def test_an_answer_may_depend_on_the_request(http: HttpServer) -> None:
    def echo(request: Request) -> Reply:
        return Reply(body=request.query)

    assert httpx.get(http.route("/echo", echo) + "?a=1").text == "a=1"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"If-None-Match": '"v1"'}, 304),
        ({"If-None-Match": 'W/"v0", W/"v1"'}, 304),
        ({"If-None-Match": "*"}, 304),
        ({"If-None-Match": '"v0"'}, 200),
        ({"If-Modified-Since": "Wed, 08 Nov 2017 09:30:00 GMT"}, 304),
        ({"If-Modified-Since": "Wed, 08 Nov 2017 09:29:59 GMT"}, 200),
        ({"If-Modified-Since": "yesterday"}, 200),
        ({"If-None-Match": '"v0"', "If-Modified-Since": "Wed, 08 Nov 2017 09:30:00 GMT"}, 200),
    ],
)
def test_validators_decide_what_is_sent_again(http: HttpServer, headers: dict[str, str], status: int) -> None:
    url = http.route("/feed.xml", Reply(body=FEED, etag='"v1"', last_modified=MODIFIED))
    answer = httpx.get(url, headers=headers)
    assert (answer.status_code, answer.headers["etag"]) == (status, '"v1"')
    assert answer.headers["last-modified"] == "Wed, 08 Nov 2017 09:30:00 GMT"
    assert answer.text == (FEED if status == 200 else "")


def test_redirects_lead_on(http: HttpServer) -> None:
    http.route("/new.xml", Reply(body=FEED))
    url = http.route("/old.xml", redirect("/new.xml", status=301))
    answer = httpx.get(url, follow_redirects=True)
    assert (answer.text, answer.history[0].status_code) == (FEED, 301)


def test_gzip_is_for_those_who_accept_it(http: HttpServer) -> None:
    url = http.route("/feed.xml", Reply(body=FEED, compress=True))
    packed, plain = httpx.get(url), httpx.get(url, headers={"Accept-Encoding": "identity"})
    assert (packed.text, packed.headers["content-encoding"]) == (FEED, "gzip")
    assert (plain.text, "content-encoding" in plain.headers) == (FEED, False)


def test_a_dripping_body_arrives_whole_or_outlasts_its_reader(http: HttpServer) -> None:
    assert httpx.get(http.route("/slow", Reply(body=FEED, drip=Drip(20, 0.01)))).text == FEED
    url = http.route("/slower", Reply(body=FEED, drip=Drip(1, 60)))
    with pytest.raises(httpx.ReadTimeout):
        httpx.get(url, timeout=0.2)


def test_a_held_answer_comes_when_released(http: HttpServer) -> None:
    gate = Gate()
    url = http.route("/held", Reply(body=FEED, gate=gate))
    with ThreadPoolExecutor(1) as reader:
        reading = reader.submit(httpx.get, url, timeout=30)
        gate.wait_reached()
        assert not reading.done()
        gate.release()
        assert reading.result(timeout=30).text == FEED


@pytest.mark.parametrize("chunked", [False, True])
def test_a_half_written_answer_is_noticed(http: HttpServer, chunked: bool) -> None:
    url = http.route("/half", Reply(body=FEED, cut_after=10, chunked=chunked))
    with pytest.raises(httpx.RemoteProtocolError):
        httpx.get(url)


@pytest.mark.parametrize("chunked", [False, True])
def test_an_oversized_body_is_sent_without_being_held_in_memory(http: HttpServer, chunked: bool) -> None:
    url = http.route("/huge", Reply(body="<rss>", padding=3_000_000, chunked=chunked))
    with httpx.stream("GET", url) as answer:
        assert answer.headers.get("content-length") == (None if chunked else "3000005")
        assert sum(len(part) for part in answer.iter_bytes()) == 3_000_005


def test_headers_given_win(http: HttpServer) -> None:
    url = http.route("/liar", Reply(body=FEED, headers={"Content-Length": "5"}))
    assert httpx.get(url).text == "<rss "


def test_a_head_request_gets_no_body(http: HttpServer) -> None:
    answer = httpx.head(http.route("/feed.xml", Reply(body=FEED)))
    assert (answer.content, answer.headers["content-length"]) == (b"", str(len(FEED.encode())))


def test_stopped_it_cuts_connections_and_comes_back_on_its_port(http: HttpServer) -> None:
    url = http.route("/feed.xml", Reply(body=FEED))
    gate = Gate()
    gated = http.route("/held", Reply(gate=gate))
    with httpx.Client(timeout=30) as client, ThreadPoolExecutor(1) as reader:
        assert client.get(url).text == FEED
        reading = reader.submit(httpx.get, gated, timeout=30)
        gate.wait_reached()
        http.stop()
        assert isinstance(reading.exception(timeout=30), httpx.TransportError)
        with pytest.raises(httpx.TransportError):
            client.get(url)
        http.start()
        assert client.get(url).text == FEED


def test_https_is_trusted_by_its_own_authority_only(tmp_path: Path) -> None:
    authority = Authority()
    trusting = ssl.create_default_context(cafile=authority.write_root(tmp_path / "ca.pem"))
    with http_server(tls=authority.server_context()) as server:
        url = server.route("/feed.xml", Reply(body=FEED))
        assert httpx.get(url, verify=trusting).text == FEED
        with pytest.raises(httpx.ConnectError, match="CERTIFICATE_VERIFY_FAILED"):
            httpx.get(url)


def test_a_client_that_never_shakes_hands_does_not_hold_up_the_end() -> None:
    with http_server(tls=Authority().server_context()) as server:
        silent = socket.create_connection((server.host, server.port))
    silent.close()


def test_waiting_in_vain_is_an_error(http: HttpServer) -> None:
    with pytest.raises(ServerError, match=r"0 of 1 requests for /hook came in 0\.05 s"):
        http.wait_for(1, path="/hook", seconds=0.05)
