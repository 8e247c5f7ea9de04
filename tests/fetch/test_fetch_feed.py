"""Feeds through a day of their lives, over real HTTP."""

from collections.abc import Generator, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from pipeline.errors import FetchError
from pipeline.fetch import (
    FetchedFeed,
    HttpClient,
    Limits,
    as_failed,
    fetch_article,
    fetch_batch,
    fetch_feed,
    with_counts,
)
from pipeline.models import Feed, FeedState, FetchOutcome, Origin
from tests.fetch.conftest import FixedClock
from tests.servers.gate import Gate
from tests.servers.http import HttpServer, Reply, redirect
from tests.servers.loopback import HOST, free_port

BODY = "<rss version='2.0'><channel><title>Bosphorus Wire</title></channel></rss>"
LATER = timedelta(minutes=10)


@pytest.fixture
def feed(http: HttpServer) -> Feed:
    return Feed(name="bosphorus", url=f"{http.url}/feed.xml", publisher="Bosphorus Wire", language="en")


@pytest.fixture
def state(now: datetime) -> FeedState:
    """Of a feed that was fetched before, long ago."""
    return FeedState(name="bosphorus", last_ok_at=now - timedelta(days=30))


def test_a_fetched_feed_is_a_document_with_what_the_carrier_said(
    http: HttpServer, feed: Feed, state: FeedState, client: HttpClient, now: datetime
) -> None:
    http.route("/feed.xml", Reply(body=BODY, content_type="application/rss+xml; charset=utf-8", etag='"1"'))
    fetched = fetch_feed(feed, state, client, now)
    [document] = fetched.documents
    assert document.origin == Origin("bosphorus", str(feed.url), now, backfill=False)
    assert document.content == BODY.encode()
    assert (document.content_type, document.charset) == ("application/rss+xml", "utf-8")
    assert (document.publisher, document.language) == ("Bosphorus Wire", "en")
    assert fetched.outcome is FetchOutcome.FETCHED
    assert (fetched.state.etag, fetched.state.last_ok_at, fetched.state.unconditional_at) == ('"1"', now, now)
    record = fetched.record
    assert (record.feed, record.at, record.outcome, record.http_status) == ("bosphorus", now, "fetched", 200)
    assert (record.bytes, record.reason) == (len(BODY), None)


def test_then_304_then_the_same_body_then_news(
    http: HttpServer, feed: Feed, state: FeedState, client: HttpClient, now: datetime
) -> None:
    http.route("/feed.xml", Reply(body=BODY, etag='"1"', last_modified=datetime(2018, 1, 15, 8, tzinfo=UTC)))
    first = fetch_feed(feed, state, client, now)
    unchanged = fetch_feed(feed, first.state, client, now + LATER)
    assert (unchanged.outcome, unchanged.record.http_status, unchanged.documents) == ("not_modified", 304, ())
    assert http.requests[1].headers["if-none-match"] == '"1"'
    assert http.requests[1].headers["if-modified-since"] == "Mon, 15 Jan 2018 08:00:00 GMT"
    assert unchanged.state.etag == '"1"'
    assert unchanged.state.last_ok_at == now + LATER

    http.route("/feed.xml", Reply(body=BODY, etag='"2"'))
    same_body = fetch_feed(feed, unchanged.state, client, now + 2 * LATER)
    assert (same_body.outcome, same_body.record.http_status, same_body.documents) == ("not_modified", 200, ())
    assert (same_body.state.etag, same_body.state.last_modified) == ('"2"', None)

    http.route("/feed.xml", Reply(body=BODY + "<!-- more -->", etag='"3"'))
    news = fetch_feed(feed, same_body.state, client, now + 3 * LATER)
    assert news.outcome is FetchOutcome.FETCHED
    assert len(news.documents) == 1


def test_a_server_that_always_answers_304_is_found_out_within_a_day(
    http: HttpServer, feed: Feed, state: FeedState, client: HttpClient, now: datetime
) -> None:
    http.route("/feed.xml", Reply(body=BODY, etag='"1"'))
    following = fetch_feed(feed, state, client, now).state
    http.route("/feed.xml", Reply(body=BODY + "<!-- news -->", etag='"1"'))
    hours = []
    for hour in range(1, 26):
        fetched = fetch_feed(feed, following, client, now + timedelta(hours=hour))
        following = fetched.state
        hours += [hour] if fetched.documents else []
    assert hours == [24]


def test_the_first_fetch_of_a_feed_and_a_silent_feed_alert_nobody(
    http: HttpServer, feed: Feed, state: FeedState, client: HttpClient, now: datetime
) -> None:
    http.route("/feed.xml", Reply(body=BODY))
    assert fetch_feed(feed, FeedState(name=feed.name), client, now).documents[0].origin.backfill
    assert fetch_feed(replace(feed, alerts=False), state, client, now).documents[0].origin.backfill
    assert not fetch_feed(feed, state, client, now).documents[0].origin.backfill


def test_a_feed_that_moved_for_good_is_asked_at_its_new_address(
    http: HttpServer, feed: Feed, state: FeedState, client: HttpClient, now: datetime
) -> None:
    http.route("/feed.xml", redirect("/new.xml", status=301))
    new = http.route("/new.xml", Reply(body=BODY, etag='"1"'))
    moved = fetch_feed(feed, state, client, now)
    assert (moved.outcome, moved.state.url, len(moved.documents)) == (FetchOutcome.MOVED, new, 1)
    assert moved.record.reason is not None
    assert new in moved.record.reason
    again = fetch_feed(feed, moved.state, client, now + LATER)
    assert again.outcome is FetchOutcome.NOT_MODIFIED
    assert [request.path for request in http.requests] == ["/feed.xml", "/new.xml", "/new.xml"]


def test_a_temporary_redirect_is_followed_each_time(
    http: HttpServer, feed: Feed, state: FeedState, client: HttpClient, now: datetime
) -> None:
    http.route("/feed.xml", redirect("/today.xml", status=307))
    http.route("/today.xml", Reply(body=BODY))
    fetched = fetch_feed(feed, state, client, now)
    assert fetched.outcome is FetchOutcome.FETCHED
    assert fetched.state.url == feed.url
    assert fetched.documents[0].origin.location == f"{http.url}/today.xml"


def test_a_redirect_that_was_taken_back_is_noticed(
    http: HttpServer, feed: Feed, state: FeedState, client: HttpClient, now: datetime
) -> None:
    """Either because the new address fails, or by the daily request."""
    new = http.route("/new.xml", Reply(status=404))
    http.route("/feed.xml", Reply(body=BODY))
    moved = replace(state, url=new, etag='"1"', unconditional_at=now)
    back = fetch_feed(feed, moved, client, now)
    assert (back.outcome, back.state.url) == (FetchOutcome.MOVED, feed.url)
    http.route("/new.xml", Reply(body="the old content", etag='"1"'))
    assert fetch_feed(feed, moved, client, now + LATER).outcome is FetchOutcome.NOT_MODIFIED
    assert fetch_feed(feed, moved, client, now + timedelta(days=1)).state.url == feed.url


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (401, "check its credentials"),
        (403, "check its credentials"),
        (404, "nothing at this address"),
        (429, "too often"),
        (500, "its server has a fault"),
        (503, "its server has a fault"),
        (204, "of no use"),
        (206, "of no use"),
        (304, "of no use"),
        (302, "of no use"),
    ],
)
def test_useless_answers_are_failures_with_a_reason(
    status: int, reason: str, http: HttpServer, feed: Feed, state: FeedState, client: HttpClient, now: datetime
) -> None:
    http.route("/feed.xml", Reply(status=status))
    fetched = fetch_feed(feed, state, client, now)
    assert (fetched.outcome, fetched.documents, fetched.state.failures) == (FetchOutcome.FAILED, (), 1)
    assert reason in str(fetched.record.reason)
    assert str(feed.url) in str(fetched.record.reason)
    assert fetched.record.http_status == status
    assert fetched.state.last_ok_at == state.last_ok_at


def test_retry_after_puts_the_feed_off(
    http: HttpServer, feed: Feed, state: FeedState, client: HttpClient, now: datetime
) -> None:
    http.route("/feed.xml", Reply(status=503, headers={"Retry-After": "7200"}))
    assert fetch_feed(feed, state, client, now).state.next_due_at == now + timedelta(hours=2)


def test_gone_is_for_good_unless_only_a_temporary_redirect_says_so(
    http: HttpServer, feed: Feed, state: FeedState, client: HttpClient, now: datetime
) -> None:
    http.route("/gone", Reply(status=410))
    http.route("/feed.xml", redirect("/gone", status=302))
    assert fetch_feed(feed, state, client, now).outcome is FetchOutcome.FAILED
    http.route("/feed.xml", Reply(status=410))
    fetched = fetch_feed(feed, state, client, now)
    assert (fetched.outcome, fetched.state.gone) == (FetchOutcome.GONE, True)


def test_an_empty_body_is_no_feed(
    http: HttpServer, feed: Feed, state: FeedState, client: HttpClient, now: datetime
) -> None:
    http.route("/feed.xml", Reply(body=""))
    assert "empty body" in str(fetch_feed(feed, state, client, now).record.reason)


def test_what_turns_out_to_be_no_feed_backs_off_and_is_read_again(
    http: HttpServer, feed: Feed, state: FeedState, client: HttpClient, now: datetime
) -> None:
    http.route("/feed.xml", Reply(body="<html>Please log in</html>", etag='"1"'))
    fetched = fetch_feed(feed, state, client, now)
    verdict = as_failed(fetched, "it is a web page, not a feed")
    assert (verdict.outcome, verdict.state.failures, verdict.state.body_hash) == (FetchOutcome.FAILED, 1, None)
    assert verdict.record.reason == "bosphorus: it is a web page, not a feed"
    assert (verdict.record.http_status, verdict.documents) == (200, ())
    assert fetch_feed(feed, verdict.state, client, now + LATER).documents == (
        replace(fetched.documents[0], origin=replace(fetched.documents[0].origin, fetched_at=now + LATER)),
    )


def test_what_became_of_the_documents_is_noted(
    http: HttpServer, feed: Feed, state: FeedState, client: HttpClient, now: datetime
) -> None:
    http.route("/feed.xml", Reply(body=BODY))
    fetched = fetch_feed(feed, state, client, now)
    nothing_new = with_counts(fetched, entries=20, new=0)
    assert (nothing_new.record.entries, nothing_new.record.new, nothing_new.state.last_new_at) == (20, 0, None)
    assert with_counts(fetched, entries=20, new=3).state.last_new_at == now


def test_a_drop_folder_is_not_asked_over_http(client: HttpClient, now: datetime) -> None:
    fetched = fetch_feed(Feed(name="drop", folder="/drop"), FeedState(name="drop"), client, now)
    assert (fetched.outcome, fetched.record.reason) == (
        FetchOutcome.FAILED,
        "drop: it has no url; a drop folder is read with DropFolder.collect",
    )


# --------------------------------------------------------------------------- credentials


def test_credentials_are_sent_and_never_told(
    http: HttpServer, feed: Feed, state: FeedState, now: datetime, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    client = HttpClient(credentials={"agency": "desk:s3cr3t-pass"})
    feed = replace(feed, credentials="agency")
    http.route("/feed.xml", Reply(status=401, body="s3cr3t-pass"))
    fetched = fetch_feed(feed, state, client, now)
    assert http.requests[0].headers["authorization"].startswith("Basic ")
    for telling in (repr(fetched), caplog.text):
        assert "s3cr3t-pass" not in telling
        assert "ZGVzazpzM2NyM3QtcGFzcw" not in telling


def test_credentials_do_not_follow_a_feed_to_another_host(
    http: HttpServer, other_http: HttpServer, feed: Feed, state: FeedState, now: datetime
) -> None:
    client = HttpClient(credentials={"agency": "desk:s3cr3t-pass"})
    feed = replace(feed, credentials="agency")
    http.route("/feed.xml", redirect(f"{other_http.url}/feed.xml", status=301))
    other_http.route("/feed.xml", Reply(body=BODY))
    moved = fetch_feed(feed, state, client, now)
    assert moved.outcome is FetchOutcome.MOVED
    fetch_feed(feed, moved.state, client, now + LATER)
    assert [sorted(request.headers) for request in other_http.requests if "authorization" in request.headers] == []
    assert len(other_http.requests) == 2


# --------------------------------------------------------------------------- article pages


def test_an_article_page(http: HttpServer, feed: Feed, client: HttpClient, now: datetime) -> None:
    url = http.route("/story.html", Reply(body="<p>Ankara</p>", content_type="text/html; charset=utf-8"))
    page = fetch_article(url, feed, client, now)
    assert (page.content, page.content_type, page.charset) == (b"<p>Ankara</p>", "text/html", "utf-8")
    assert (page.origin.name, page.origin.location, page.publisher) == ("bosphorus", url, "Bosphorus Wire")
    assert http.requests[0].headers["accept"].startswith("text/html")


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (Reply(status=404), "nothing at this address"),
        (Reply(status=402), "of no use"),
        (Reply(body="%PDF", content_type="application/pdf"), "application/pdf, not an article page"),
    ],
)
def test_what_is_no_article(
    reply: Reply, says: str, http: HttpServer, feed: Feed, client: HttpClient, now: datetime
) -> None:
    with pytest.raises(FetchError, match=says):
        fetch_article(http.route("/story.html", reply), feed, client, now)


def test_links_of_a_public_feed_do_not_reach_the_private_network(
    http: HttpServer, client: HttpClient, now: datetime
) -> None:
    url = http.route("/admin", Reply(body="<p>keys</p>", content_type="text/html"))
    public = HttpClient(resolve=lambda host, *_: ["8.8.8.8"] if host == "wire.example" else [HOST])
    feed = Feed(name="wire", url="https://wire.example/feed.xml")
    for address in (url, f"http://inside.example:{http.port}/admin"):
        with pytest.raises(FetchError, match="private network"):
            fetch_article(address, feed, public, now)
    with pytest.raises(FetchError, match="only http and https"):
        fetch_article("file:///etc/passwd", feed, public, now)
    with pytest.raises(FetchError, match="private network"):
        fetch_article(url, Feed(name="drop", folder="/drop"), public, now)
    assert http.requests == ()
    inside = Feed(name="wire", url=f"http://intranet.example:{http.port}/feed.xml")
    assert fetch_article(f"http://inside.example:{http.port}/admin", inside, public, now).content == b"<p>keys</p>"


def test_article_pages_get_the_credentials_of_their_own_host_only(
    http: HttpServer, other_http: HttpServer, feed: Feed, now: datetime
) -> None:
    client = HttpClient(credentials={"agency": "desk:s3cr3t-pass"})
    feed = replace(feed, credentials="agency")
    for server in (http, other_http):
        fetch_article(server.route("/story", Reply(body="x", content_type="text/html")), feed, client, now)
    assert "authorization" in http.requests[0].headers
    assert "authorization" not in other_http.requests[0].headers


# --------------------------------------------------------------------------- several at once


def due(http: HttpServer, *names: str) -> Iterator[tuple[Feed, FeedState]]:
    for name in names:
        yield Feed(name=name, url=f"{http.url}/{name}"), FeedState(name=name)


def test_a_slow_feed_holds_nobody(http: HttpServer, client: HttpClient) -> None:
    gate = Gate()
    http.route("/slow", Reply(body=BODY, gate=gate))
    others = [f"quick{number}" for number in range(10)]
    for name in others:
        http.route(f"/{name}", Reply(body=BODY))
    arriving = fetch_batch(due(http, "slow", *others), client, FixedClock(), workers=2)
    names = [next(arriving).feed.name for _ in others]
    assert sorted(names) == sorted(others)
    gate.release()
    assert [fetched.feed.name for fetched in arriving] == ["slow"]


def test_feeds_are_asked_at_the_same_time(http: HttpServer, client: HttpClient) -> None:
    """Each is answered only once all have asked."""
    names = ["a", "b", "c", "d"]
    gates = {name: Gate() for name in names}
    for name, gate in gates.items():
        http.route(f"/{name}", Reply(body=BODY, gate=gate))
    arriving = fetch_batch(due(http, *names), client, FixedClock(), workers=4)
    gates["a"].release()
    first = next(arriving)
    http.wait_for(4)
    for gate in gates.values():
        gate.release()
    assert {first.feed.name, *(fetched.feed.name for fetched in arriving)} == set(names)


def test_no_feed_is_asked_before_there_is_room_for_its_answer(http: HttpServer, client: HttpClient) -> None:
    names = [str(number) for number in range(20)]
    for name in names:
        http.route(f"/{name}", Reply(body=BODY))
    arriving = fetch_batch(due(http, *names), client, FixedClock(), workers=3)
    next(arriving)
    assert len(http.requests) <= 3 + 3
    assert len(list(arriving)) == 19


def test_a_bad_feed_is_an_outcome_and_the_rest_goes_on(http: HttpServer, client: HttpClient) -> None:
    http.route("/good", Reply(body=BODY))
    http.route("/bomb", Reply(padding=10_000_000))
    http.route("/cut", Reply(body=BODY, cut_after=5))
    http.route("/circle", redirect("/circle"))
    batch = [
        *due(http, "good", "bomb", "cut", "circle", "missing"),
        (Feed(name="closed", url=f"http://{HOST}:{free_port()}/"), FeedState(name="closed")),
        (Feed(name="nonsense", url="http://[::1"), FeedState(name="nonsense")),
        (Feed(name="file", url="file:///etc/passwd"), FeedState(name="file")),
        (Feed(name="secret", url=f"{http.url}/good", credentials="nowhere"), FeedState(name="secret")),
    ]
    done = {fetched.feed.name: fetched for fetched in fetch_batch(batch, client, FixedClock(), workers=4)}
    assert {name for name, fetched in done.items() if fetched.outcome is FetchOutcome.FETCHED} == {"good"}
    failures: list[FetchedFeed] = [fetched for name, fetched in done.items() if name != "good"]
    assert len(failures) == 8
    assert all(fetched.outcome is FetchOutcome.FAILED and fetched.record.reason for fetched in failures)


def test_whoever_stops_listening_starts_no_more_fetches(http: HttpServer) -> None:
    names = [str(number) for number in range(20)]
    for name in names:
        http.route(f"/{name}", Reply(body=BODY))
    client = HttpClient(limits=Limits(seconds=5))
    arriving = fetch_batch(due(http, *names), client, FixedClock(), workers=2)
    next(arriving)
    assert isinstance(arriving, Generator)
    arriving.close()
    assert len(http.requests) <= 4
