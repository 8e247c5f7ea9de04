"""The client against real servers, kind and unkind."""

import gzip
import logging
import random
import socket
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.errors import FetchError
from pipeline.fetch import addresses
from pipeline.fetch.http_client import HttpClient, Limits, checked_url, may_carry_credentials
from tests.fetch.raw_server import saying
from tests.servers.authority import Authority
from tests.servers.http import Drip, HttpServer, Reply, http_server, redirect
from tests.servers.loopback import HOST, free_port

SECRET = "desk:s3cr3t-pass"


def names(**addresses: str) -> Callable[[str, int, float], list[str]]:
    """A resolver that knows these names; addresses stand for themselves."""
    known = {name.replace("_", "."): address for name, address in addresses.items()}
    return lambda host, _port, _seconds: [known.get(host, host)]


def test_a_complete_answer_with_all_that_its_headers_say(http: HttpServer, client: HttpClient) -> None:
    url = http.route(
        "/feed.xml",
        Reply(
            body="<rss>Çavuşoğlu</rss>".encode("iso-8859-9"),
            content_type="Application/RSS+xml; charset=ISO-8859-9",
            etag='"7"',
            headers={"Last-Modified": "Mon, 15 Jan 2018 08:00:00 GMT"},
        ),
    )
    response = client.get(url)
    assert (response.status, response.url, response.permanent_url) == (200, url, url)
    assert response.body.decode("iso-8859-9") == "<rss>Çavuşoğlu</rss>"
    assert (response.content_type, response.charset) == ("application/rss+xml", "iso-8859-9")
    assert (response.etag, response.last_modified) == ('"7"', "Mon, 15 Jan 2018 08:00:00 GMT")
    assert response.private
    [request] = http.requests
    assert request.headers["user-agent"] == "Wirewatch/0.1"
    assert request.headers["host"] == f"{http.host}:{http.port}"
    assert "if-none-match" not in request.headers


def test_validators_are_sent_and_304_comes_back(http: HttpServer, client: HttpClient) -> None:
    url = http.route("/feed.xml", Reply(body="x", etag='"7"'))
    response = client.get(url, etag='"7"', last_modified="Mon, 15 Jan 2018 08:00:00 GMT")
    assert (response.status, response.body, response.etag) == (304, b"", '"7"')
    assert http.requests[0].headers["if-modified-since"] == "Mon, 15 Jan 2018 08:00:00 GMT"


@pytest.mark.parametrize("etag", ["W/" + "x" * 2_000, '"é"'])
def test_an_etag_that_could_not_be_sent_back_is_forgotten(etag: str, http: HttpServer, client: HttpClient) -> None:
    url = http.route("/feed.xml", Reply(body="x", headers={"ETag": etag}))
    assert client.get(url).etag is None


def test_bad_statuses_are_answers_too_and_their_bodies_are_not_read(http: HttpServer, client: HttpClient) -> None:
    url = http.route("/feed.xml", Reply(status=503, padding=10_000_000, headers={"Retry-After": "120"}))
    response = client.get(url)
    assert (response.status, response.body, response.retry_after) == (503, b"", "120")


def test_gzip_is_asked_for_and_undone(http: HttpServer, client: HttpClient) -> None:
    url = http.route("/feed.xml", Reply(body="wire " * 1_000, compress=True))
    assert client.get(url).body == b"wire " * 1_000


def test_gzip_in_members_and_with_padding_behind_it(http: HttpServer, client: HttpClient) -> None:
    body = gzip.compress(b"one ") + gzip.compress(b"two") + b"\0\0"
    url = http.route("/feed.xml", Reply(body=body, headers={"Content-Encoding": "gzip"}))
    assert client.get(url).body == b"one two"


@pytest.mark.parametrize(
    ("body", "encoding", "says"),
    [
        (gzip.compress(b"\0" * 50_000_000, mtime=0), "gzip", "larger than"),
        (gzip.compress(random.Random(1).randbytes(5_000), mtime=0)[:-100], "gzip", "cut short"),
        (b"this is not gzip", "gzip", "compression is broken"),
        (b"whatever", "br", "compression is broken"),
        (b"whatever", "lzma", "not asked for"),
    ],
    ids=["bomb", "cut", "not gzip", "not brotli", "unknown"],
)
def test_bad_compression(body: bytes, encoding: str, says: str, http: HttpServer, client: HttpClient) -> None:
    url = http.route("/feed.xml", Reply(body=body, headers={"Content-Encoding": encoding}))
    with pytest.raises(FetchError, match=says) as caught:
        client.get(url)
    assert url in str(caught.value)
    assert caught.value.http_status == 200


@pytest.mark.parametrize("chunked", [False, True])
def test_a_huge_body_is_not_read_to_its_end(chunked: bool, http: HttpServer, client: HttpClient) -> None:
    url = http.route("/feed.xml", Reply(padding=50_000_000, chunked=chunked))
    with pytest.raises(FetchError, match=r"larger than the 0\.0953674 MB"):
        client.get(url)


def test_a_body_that_drips_ends_with_the_time_it_may_take_in_all(http: HttpServer, client: HttpClient) -> None:
    url = http.route("/feed.xml", Reply(body="x" * 10_000, drip=Drip(size=1, every=0.05)))
    with pytest.raises(FetchError, match=r"longer than the 0\.4 s"):
        client.get(url, limits=Limits(seconds=0.4, read_timeout=30))


def test_a_head_that_drips_ends_too(client: HttpClient) -> None:
    letters = [bytes([byte]) for byte in b"HTTP/1.1 200 OK\r\nX-Filler: " + b"x" * 1_000]
    with saying(*letters, pause=0.05) as url, pytest.raises(FetchError, match=r"longer than the 0\.4 s"):
        client.get(url, limits=Limits(seconds=0.4, read_timeout=30))


def test_silence_ends_with_read_timeout(client: HttpClient) -> None:
    with saying(close=False) as url, pytest.raises(FetchError, match=r"no answer within 0\.2 s"):
        client.get(url, limits=Limits(seconds=30, read_timeout=0.2))


@pytest.mark.parametrize(
    "pieces",
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nhalf of it",),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhal",),
        (b"HTTP/1.1 200 OK\r\nContent-Le",),
        (b"\x15\x03\x01\x00\x02\x02\x50",),
        (b"SSH-2.0-OpenSSH_9.2\r\n",),
        (b"HTTP/1.1 999999 OK\r\n\r\n",),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -4\r\n\r\nabc",),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 300_000 + b"\r\n\r\n",),
        (b"",),
    ],
    ids=["half", "half chunked", "half head", "tls", "ssh", "status", "length", "head", "nothing"],
)
def test_half_written_and_senseless_replies(pieces: tuple[bytes, ...], client: HttpClient) -> None:
    with saying(*pieces) as url, pytest.raises(FetchError, match="broke off or does not speak HTTP") as caught:
        client.get(url)
    assert url in str(caught.value)


def test_what_goes_beyond_content_length_is_not_body(client: HttpClient) -> None:
    with saying(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbodyand more") as url:
        assert client.get(url).body == b"body"


def test_a_body_without_any_length_ends_with_the_connection(client: HttpClient) -> None:
    with saying(b"HTTP/1.0 200 OK\r\n\r\n", b"all ", b"of it") as url:
        assert client.get(url).body == b"all of it"


@settings(max_examples=60, deadline=None)
@given(noise=st.binary(max_size=300))
def test_no_bytes_of_a_server_make_anything_but_an_answer_or_a_fetch_error(noise: bytes) -> None:
    client = HttpClient(limits=Limits(seconds=5, read_timeout=5, bytes=1_000))
    with saying(b"HTTP/1.1 200 OK\r\n" + noise) as url:
        try:
            message = client.get(url).url
        except FetchError as error:
            message = str(error)
    assert url in message


def test_nobody_listens(client: HttpClient) -> None:
    with pytest.raises(FetchError, match="refused"):
        client.get(f"http://{HOST}:{free_port()}/feed.xml")


def test_a_name_that_nobody_knows() -> None:
    def unknown(host: str, port: int, seconds: float) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with pytest.raises(FetchError, match=r"the name wire\.example cannot be resolved"):
        HttpClient(resolve=unknown).get("http://wire.example/feed.xml")


def test_the_system_resolver_refuses_what_can_be_no_name(client: HttpClient) -> None:
    with pytest.raises(FetchError, match="cannot be resolved"):
        client.get(f"http://{'a' * 64}.invalid/")


def test_tls_with_an_authority_of_our_own(tmp_path: Path) -> None:
    authority = Authority()
    with http_server(tls=authority.server_context()) as https:
        url = https.route("/feed.xml", Reply(body="safe"))
        with pytest.raises(FetchError, match="TLS certificate is not trusted"):
            HttpClient().get(url)
        trusting = HttpClient(ca=authority.write_root(tmp_path / "ca.pem"))
        assert trusting.get(url).body == b"safe"
        with pytest.raises(FetchError, match="TLS certificate is not trusted"):
            HttpClient(ca=tmp_path / "ca.pem", resolve=names(wire_example=HOST)).get(
                f"https://wire.example:{https.port}/feed.xml"
            )


def test_tls_is_spoken_to_a_server_that_does_not(http: HttpServer, client: HttpClient) -> None:
    with pytest.raises(FetchError, match=f"https://{http.host}:{http.port}/"):
        client.get(f"https://{http.host}:{http.port}/")


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/passwd",
        "ftp://wire.example/x",
        "gopher://x/",
        "//wire.example/x",
        "feed.xml",
        "",
        "http://",
        "http:///x",
    ],
)
def test_only_http_is_fetched(url: str, client: HttpClient) -> None:
    with pytest.raises(FetchError, match="only http and https"):
        client.get(url)


@pytest.mark.parametrize(
    "url", ["http://[::1", "http://a:99999999/", "http://ho st/", "http://\x00/", "http://xn--\uffff/"]
)
def test_what_is_no_address(url: str, client: HttpClient) -> None:
    with pytest.raises(FetchError, match="no valid address"):
        client.get(url)


def test_a_password_in_an_address_is_refused_and_not_repeated(client: HttpClient) -> None:
    with pytest.raises(FetchError, match="settings' credentials") as caught:
        client.get("http://desk:hunter2@wire.example/feed?token=abc")
    assert "hunter2" not in str(caught.value)
    assert "abc" not in str(caught.value)


def test_queries_stay_out_of_messages(client: HttpClient) -> None:
    with pytest.raises(FetchError) as caught:
        client.get(f"http://{HOST}:{free_port()}/feed?api_key=t0ken")
    assert "t0ken" not in str(caught.value)


# --------------------------------------------------------------------------- redirects


def test_permanent_redirects_change_the_address_and_temporary_ones_do_not(http: HttpServer, client: HttpClient) -> None:
    feed = http.route("/new.xml", Reply(body="x"))
    http.route("/moved-once", redirect("/new.xml", status=308))
    http.route("/away", redirect("/new.xml", status=302))
    twice = http.route("/moved-twice", redirect(f"{http.url}/moved-once", status=301))
    mixed = http.route("/mixed", redirect("/away", status=301))
    hidden = http.route("/hidden", redirect("/moved-once", status=307))
    assert (client.get(twice).url, client.get(twice).permanent_url) == (feed, feed)
    assert (client.get(mixed).url, client.get(mixed).permanent_url) == (feed, f"{http.url}/away")
    assert (client.get(hidden).url, client.get(hidden).permanent_url) == (feed, hidden)


def test_circles_and_long_chains_end(http: HttpServer, client: HttpClient) -> None:
    http.route("/a", redirect("/b"))
    http.route("/b", redirect("/a"))
    with pytest.raises(FetchError, match="in a circle"):
        client.get(f"{http.url}/a")
    for number in range(10):
        http.route(f"/{number}", redirect(f"/{number + 1}"))
    with pytest.raises(FetchError, match="more than 5 redirects"):
        client.get(f"{http.url}/0")


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://wire.example/", "javascript:alert(1)", "http://[bad"])
def test_redirects_lead_only_to_http(target: str, http: HttpServer, client: HttpClient) -> None:
    with pytest.raises(FetchError, match="it redirects to"):
        client.get(http.route("/feed", redirect(target)))


def test_a_redirect_without_a_target_is_a_plain_answer(http: HttpServer, client: HttpClient) -> None:
    assert client.get(http.route("/feed", Reply(status=302))).status == 302


def test_a_password_in_a_redirect_is_dropped(http: HttpServer, client: HttpClient) -> None:
    http.route("/feed", Reply(body="x"))
    start = http.route("/start", redirect(f"http://desk:pw@{http.host}:{http.port}/feed", status=301))
    assert client.get(start).permanent_url == f"{http.url}/feed"
    assert all("authorization" not in request.headers for request in http.requests)


# --------------------------------------------------------------------------- credentials


@pytest.mark.parametrize(
    ("secret", "header"),
    [(SECRET, "Basic ZGVzazpzM2NyM3QtcGFzcw=="), ("Bearer abc.def", "Bearer abc.def"), ("Ağa:ş", "Basic QcSfYTrFnw==")],
)
def test_credentials_are_sent(secret: str, header: str, http: HttpServer) -> None:
    http.route("/feed", Reply(body="x"))
    HttpClient(credentials={"agency": secret}).get(f"{http.url}/feed", credentials="agency")
    assert http.requests[0].headers["authorization"] == header


def test_credentials_never_go_to_another_host(http: HttpServer, other_http: HttpServer) -> None:
    other_http.route("/feed", redirect(f"{http.url}/back"))
    http.route("/back", Reply(body="x"))
    http.route("/here", redirect(f"{other_http.url}/feed"))
    start = http.route("/start", redirect("/here"))
    HttpClient(credentials={"agency": SECRET}).get(start, credentials="agency")
    assert ["authorization" in request.headers for request in http.requests] == [True, True, True]
    assert ["authorization" in request.headers for request in other_http.requests] == [False]


def test_which_addresses_may_carry_credentials() -> None:
    def may(first: str, then: str) -> bool:
        return may_carry_credentials(checked_url(first), checked_url(then))

    assert may("http://a.example/x", "http://A.example:80/y")
    assert may("http://a.example/x", "https://a.example/x")
    assert not may("https://a.example/x", "http://a.example/x")
    assert not may("http://a.example/x", "https://a.example:8443/x")
    assert not may("http://a.example/x", "http://b.a.example/x")
    assert not may("http://a.example:8080/x", "https://a.example/x")


@pytest.mark.parametrize("secret", ["Bearer a\r\nX-Evil: 1", "Bearer schlüssel", SECRET])
def test_secrets_are_in_no_error_and_no_log(
    secret: str, http: HttpServer, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.DEBUG)
    client = HttpClient(credentials={"agency": secret})
    url = http.route("/feed", Reply(body="x" * 100, cut_after=10))
    with pytest.raises(FetchError) as caught:
        client.get(url, credentials="agency")
    error = caught.value
    message = f"{error} {vars(error)} {error.__cause__!r} {error.__context__!r} {caplog.text} {client!r}"
    for part in (secret, secret.removeprefix("Bearer "), "ZGVzazpz", "X-Evil"):
        assert part not in message


def test_credentials_that_the_settings_lack(http: HttpServer, client: HttpClient) -> None:
    with pytest.raises(FetchError, match="no credentials named 'agency'"):
        client.get(http.route("/feed", Reply(body="x")), credentials="agency")
    assert http.requests == ()


# --------------------------------------------------------------------------- private networks


def test_private_addresses_only_where_allowed(http: HttpServer) -> None:
    url = http.route("/feed", Reply(body="x"))
    assert HttpClient().get(url).status == 200
    attempts: tuple[Callable[[], object], ...] = (
        lambda: HttpClient().get(url, private=False),
        lambda: HttpClient(allow_private=False).get(url),
        lambda: HttpClient(resolve=names(wire_example=HOST)).get(
            f"http://wire.example:{http.port}/feed", private=False
        ),
    )
    for attempt in attempts:
        with pytest.raises(FetchError, match="address of a private network"):
            attempt()


def test_a_redirect_from_a_public_host_does_not_lead_into_the_private_network(
    http: HttpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """127.0.0.2 plays the public host."""
    unwrap = addresses._unwrap
    monkeypatch.setattr(addresses, "_unwrap", lambda a: unwrap("8.8.8.8" if a == "127.0.0.2" else a))
    inside = http.route("/inside", Reply(body="keys"))
    redirection = f"HTTP/1.1 302 Found\r\nLocation: {inside}\r\n\r\n".encode()
    with saying(redirection, host="127.0.0.2") as public, pytest.raises(FetchError, match="private network"):
        HttpClient().get(public)
    assert http.requests == ()
    assert HttpClient().get(http.route("/start", redirect(inside))).body == b"keys"


def test_the_address_checked_is_the_address_used(http: HttpServer) -> None:
    """A name that resolves to something else the second time (DNS rebinding) gains nothing: it is resolved once."""
    asked = []

    def rebinding(host: str, port: int, seconds: float) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["169.254.169.254"]

    http.route("/feed", Reply(body="x"))
    assert HttpClient(resolve=rebinding).get(f"http://wire.example:{http.port}/feed").status == 200
    assert asked == ["wire.example"]


@pytest.mark.parametrize("address", ["169.254.169.254", "::ffff:169.254.169.254", "fe80::1%1", "0.0.0.0", "224.0.0.1"])
def test_metadata_addresses_are_never_asked(address: str) -> None:
    with pytest.raises(FetchError, match="private network"):
        HttpClient(resolve=names(meta_example=address)).get("http://meta.example/latest/")


def test_the_next_address_is_tried_where_one_does_not_answer(http: HttpServer) -> None:
    http.route("/feed", Reply(body="x"))
    client = HttpClient(resolve=lambda *_: ["127.0.0.2", HOST])
    assert client.get(f"http://wire.example:{http.port}/feed").status == 200
