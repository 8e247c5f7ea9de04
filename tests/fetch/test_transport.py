"""Kept connections, proxies and encodings, against real servers."""

import zlib
from contextlib import suppress
from pathlib import Path

import brotli
import httpx
import pytest
import zstandard

from pipeline.errors import DeliveryError, FetchError, SettingsError
from pipeline.fetch.http_client import HttpClient, Limits
from pipeline.fetch.proxies import Proxies, environment_proxies
from pipeline.fetch.webhook_client import WebhookClient
from tests.fetch.keeping_server import OK, keeping, proxy_before
from tests.servers.authority import Authority
from tests.servers.http import Drip, HttpServer, Reply, http_server
from tests.servers.loopback import HOST

TEXT = b"The ministry signed the letter. " * 200

# --------------------------------------------------------------------------- kept connections


@pytest.mark.parametrize(
    "answer",
    [
        OK,
        b"HTTP/1.1 304 Not Modified\r\nETag: x\r\n\r\n",
        b"HTTP/1.1 404 Not Found\r\nContent-Length: 9\r\n\r\nnot found",
        b"HTTP/1.1 302 Found\r\nLocation: /feed?again\r\nContent-Length: 5\r\n\r\nthere",
    ],
    ids=["answer", "304", "404", "redirect"],
)
def test_a_connection_serves_several_requests(client: HttpClient, answer: bytes) -> None:
    with keeping(answer) as server:
        for _ in range(5):
            with suppress(FetchError):  # that of the redirect, which leads to itself
                client.get(server.url)
        assert server.connections == 1
        client.close()


@pytest.mark.parametrize("status", [404, 503])
def test_an_answer_stands_though_its_body_drips(status: int, http: HttpServer, client: HttpClient) -> None:
    url = http.route("/feed", Reply(status=status, body="x" * 10_000, drip=Drip(size=1, every=0.05)))
    response = client.get(url, limits=Limits(seconds=5, read_timeout=5))
    assert response.status == status
    assert response.seconds < 5


def test_a_connection_that_the_server_has_closed_is_replaced(client: HttpClient) -> None:
    with keeping(answers_per_connection=1) as server:
        assert [client.get(server.url).body for _ in range(4)] == [b"wire"] * 4
        assert server.connections == 4
        client.close()


def test_a_connection_into_the_private_network_serves_no_request_that_may_not_go_there(client: HttpClient) -> None:
    with keeping() as server:
        assert client.get(server.url).status == 200
        with pytest.raises(FetchError, match="private network"):
            client.get(server.url, private=False)
        client.close()


def test_a_deadline_holds_for_its_own_request_on_a_shared_connection(http: HttpServer, client: HttpClient) -> None:
    slow = http.route("/slow", Reply(body="x" * 10_000, drip=Drip(size=1, every=0.05)))
    with keeping() as server:
        assert client.get(server.url, limits=Limits(seconds=0.3)).status == 200
        with pytest.raises(FetchError, match=r"longer than the 0\.4 s"):
            client.get(slow, limits=Limits(seconds=0.4))
        assert client.get(server.url, limits=Limits(seconds=5)).status == 200
        assert server.connections == 1
        client.close()


def test_webhooks_keep_no_connection_since_a_post_must_not_be_repeated() -> None:
    webhooks = WebhookClient(allow_private=True, seconds=5)
    with keeping() as server:
        assert [webhooks.post(server.url, b"{}", {}) for _ in range(3)] == [200] * 3
        assert server.connections == 3


def test_a_post_that_is_cut_off_is_not_sent_again() -> None:
    webhooks = WebhookClient(allow_private=True, seconds=5)
    with keeping(answer=b"HTTP/1.1 200", answers_per_connection=1) as server:
        with pytest.raises(DeliveryError, match="broke off"):
            webhooks.post(server.url, b"{}", {})
        assert server.connections == 1


# --------------------------------------------------------------------------- proxies


def unresolvable(host: str, port: int, seconds: float) -> list[str]:
    raise OSError("no name server in this network")


def test_plain_addresses_are_asked_of_the_proxy(http: HttpServer) -> None:
    http.route("/feed", Reply(body="x"))
    with proxy_before(http.port) as proxy:
        client = HttpClient(proxies=Proxies({"http": proxy.url}), resolve=unresolvable)
        assert client.get("http://wire.example/feed").body == b"x"
        assert proxy.targets == ["GET http://wire.example/feed"]
        client.close()


def test_safe_addresses_are_reached_by_a_tunnel_and_the_certificate_is_still_checked(tmp_path: Path) -> None:
    authority = Authority()
    with http_server(tls=authority.server_context()) as https, proxy_before(https.port) as proxy:
        https.route("/feed", Reply(body="safe"))
        proxies = Proxies({"https": proxy.url.replace("//", "//desk:s3cr3t@")})
        client = HttpClient(proxies=proxies, ca=authority.write_root(tmp_path / "ca.pem"))
        assert client.get(f"https://{HOST}:{https.port}/feed").body == b"safe"
        assert proxy.targets == [f"CONNECT {HOST}:{https.port}"]
        assert "ZGVzazpzM2NyM3Q=" in proxy.heads[0]
        with pytest.raises(FetchError, match="certificate"):
            HttpClient(proxies=proxies).get(f"https://{HOST}:{https.port}/feed")
        client.close()


def test_a_proxy_is_no_way_into_the_private_network(http: HttpServer) -> None:
    with proxy_before(http.port) as proxy:
        client = HttpClient(proxies=Proxies({"all": proxy.url}))
        with pytest.raises(FetchError, match="private network"):
            client.get(f"{http.url}/feed", private=False)
        assert proxy.targets == []


def test_a_proxy_that_refuses_is_named() -> None:
    with keeping(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n") as refusing:
        client = HttpClient(proxies=Proxies({"https": refusing.url}), resolve=unresolvable)
        with pytest.raises(FetchError, match="the proxy does not let it through"):
            client.get("https://wire.example/feed")


def test_the_environment_says_which_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "proxy.example:3128")
    monkeypatch.setenv("no_proxy", "intern.example, .desk.example,localhost:8080")
    proxies = environment_proxies()
    assert proxies.proxy_for(httpx.URL("https://wire.example/x")) == "http://proxy.example:3128"
    for direct in ("https://intern.example/", "https://a.intern.example/", "https://b.desk.example/"):
        assert proxies.proxy_for(httpx.URL(direct)) is None
    assert proxies.proxy_for(httpx.URL("https://notintern.example/")) is not None
    assert proxies.proxy_for(httpx.URL("https://localhost:8080/")) is None
    assert proxies.proxy_for(httpx.URL("http://wire.example/x")) is None
    monkeypatch.setenv("https_proxy", "socks5://proxy.example:1080")
    with pytest.raises(SettingsError, match="HTTPS_PROXY must name an http or https proxy"):
        environment_proxies()


# --------------------------------------------------------------------------- encodings


def _bare_deflate(data: bytes) -> bytes:
    deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return deflater.compress(data) + deflater.flush()


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (zlib.compress(TEXT), "deflate"),
        (_bare_deflate(TEXT), "deflate"),
        (brotli.compress(TEXT), "br"),
        (zstandard.compress(TEXT), "zstd"),
        (zstandard.compress(TEXT[:100]) + zstandard.compress(TEXT[100:]), "zstd"),
        (brotli.compress(zlib.compress(TEXT)), "deflate, br"),
    ],
    ids=["deflate", "bare deflate", "brotli", "zstandard", "zstandard in frames", "two"],
)
def test_what_servers_compress_is_undone(body: bytes, encoding: str, http: HttpServer, client: HttpClient) -> None:
    url = http.route("/feed", Reply(body=body, headers={"Content-Encoding": encoding}))
    assert client.get(url).body == TEXT
    assert {"gzip", "br", "zstd"} <= set(http.requests[0].headers["accept-encoding"].replace(" ", "").split(","))


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (zlib.compress(bytes(50_000_000)), "deflate"),
        (brotli.compress(bytes(50_000_000)), "br"),
        (zstandard.compress(bytes(50_000_000)), "zstd"),
        (brotli.compress(brotli.compress(bytes(50_000_000))), "br, br"),
    ],
    ids=["deflate", "brotli", "zstandard", "brotli twice"],
)
def test_bombs_do_not_unfold(body: bytes, encoding: str, http: HttpServer, client: HttpClient) -> None:
    url = http.route("/feed", Reply(body=body, headers={"Content-Encoding": encoding}))
    with pytest.raises(FetchError, match="larger than"):
        client.get(url)


@pytest.mark.parametrize(
    ("body", "encoding"),
    [(zlib.compress(TEXT), "deflate"), (brotli.compress(TEXT), "br"), (zstandard.compress(TEXT), "zstd")],
    ids=["deflate", "brotli", "zstandard"],
)
def test_a_compressed_body_that_was_cut_short_is_an_error(
    body: bytes, encoding: str, http: HttpServer, client: HttpClient
) -> None:
    url = http.route("/feed", Reply(body=body[:-5], headers={"Content-Encoding": encoding}))
    with pytest.raises(FetchError, match=r"cut short|broken"):
        client.get(url)
