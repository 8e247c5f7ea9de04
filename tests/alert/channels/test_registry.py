"""Channels against real receivers: a file, a webhook, a service behind apprise."""

import json
from pathlib import Path

import pytest

from pipeline.alert.channels.chat import AppriseChannel
from pipeline.alert.channels.file import FileChannel
from pipeline.alert.channels.mail import MailChannel
from pipeline.alert.channels.registry import open_channel
from pipeline.alert.channels.webhook import WebhookChannel, signature
from pipeline.errors import DeliveryError, SettingsError, UsageError
from pipeline.fetch.webhook_client import WebhookClient
from pipeline.ports import Channel
from pipeline.settings import SmtpSettings
from tests.alert.samples import HEADLINE, message
from tests.servers.gate import Gate
from tests.servers.http import HttpServer, Reply, redirect
from tests.servers.loopback import HOST, free_port

SMTP = SmtpSettings(host=HOST, port=25, sender="wirewatch@example.org")


def channel(url: str, base: Path = Path("/nowhere"), smtp: SmtpSettings | None = SMTP, private: bool = True) -> Channel:
    return open_channel(url, base, smtp, "s3cret", WebhookClient(allow_private=private, seconds=10))


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("file:alerts.jsonl", FileChannel),
        ("FILE:///var/alerts.jsonl", FileChannel),
        ("mailto:desk@example.org", MailChannel),
        ("mailto:desk%2Bnight@example.org", MailChannel),
        ("https://desk.example/hook?a=b", WebhookChannel),
        (" http://desk.example ", WebhookChannel),
        ("ntfy://harness", AppriseChannel),
        ("slack://a/b/c", AppriseChannel),
    ],
)
def test_the_scheme_chooses_the_channel(url: str, kind: type) -> None:
    assert isinstance(channel(url), kind)


@pytest.mark.parametrize(
    "url",
    [
        "", "desk@example.org", "alerts.jsonl", "file", "file:", "file:..", "file:../up.jsonl", "file:a/../../b",
        "file:a\0b", "mailto:", "mailto:harness", "mailto:a@b,c@d", "mailto:a@b?cc=c@d", "mailto:a@b%0d%0aBcc:c@d",
        "mailto:<a@b>", "mailto:a b@c", "mailto:a@b@c", "http://", "https:///path", "http://[::1", "https://user:pw@desk.example/",
        "json://desk.example", "jsons://127.0.0.1", "xml://x", "form://x", "syslog://", "dbus://",
        "javascript:alert(1)",
    ],
)  # fmt: skip
def test_what_is_no_channel_is_refused_before_anything_is_sent(url: str) -> None:
    with pytest.raises(UsageError) as caught:
        channel(url)
    assert "pw@" not in str(caught.value)


def test_mail_needs_a_server() -> None:
    with pytest.raises(SettingsError, match="WIREWATCH_SMTP_URL"):
        channel("mailto:desk@example.org", smtp=None)


# --------------------------------------------------------------------------- files


def test_a_file_gets_each_message_once(tmp_path: Path) -> None:
    for url, path in (("file:a/alerts.jsonl", tmp_path / "a/alerts.jsonl"), (f"file:{tmp_path}/abs", tmp_path / "abs")):
        for sent in (message(), message(), message(key="other")):
            channel(url, tmp_path).send(sent)
        first, second = (json.loads(line) for line in path.read_text("utf-8").splitlines())
        assert first == dict(message().data) | {"subject": HEADLINE}
        assert second["key"] == "other"


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(DeliveryError, match=r"folder cannot be written: Is a directory") as caught:
        channel("file:folder", tmp_path).send(message())
    assert not caught.value.permanent


# --------------------------------------------------------------------------- webhooks


def test_a_webhook_gets_signed_json_with_the_key(http: HttpServer) -> None:
    url = http.route("/hook", Reply(status=204))
    channel(f"{url}?token=abc").send(message())
    [request] = http.requests
    assert (request.method, request.path, request.query) == ("POST", "/hook", "token=abc")
    assert request.headers["content-type"] == "application/json; charset=utf-8"
    assert request.headers["idempotency-key"] == message().key
    assert request.headers["x-wirewatch-signature"] == signature("s3cret", request.body)
    assert json.loads(request.body) == dict(message().data) | {"subject": HEADLINE, "text": message().text}


def test_without_a_secret_nothing_is_signed(http: HttpServer) -> None:
    url = http.route("/hook", Reply())
    open_channel(url, Path("/nowhere"), None, None, WebhookClient(allow_private=True)).send(message())
    assert "x-wirewatch-signature" not in http.requests[0].headers


def test_the_signature_is_a_plain_hmac() -> None:
    assert signature("key", b"The quick brown fox jumps over the lazy dog") == (
        "sha256=f7bc83f430538424b13298e6aa6fb143ef4d59a14946175997479dbc2d1a3cd8"
    )


@pytest.mark.parametrize(
    ("status", "permanent"),
    [
        (400, True),
        (401, False),
        (404, False),
        (408, False),
        (410, True),
        (413, True),
        (429, False),
        (500, False),
        (503, False),
    ],
)
def test_what_a_webhook_refuses(status: int, permanent: bool, http: HttpServer) -> None:
    url = http.route("/secret-path", Reply(status=status))
    with pytest.raises(DeliveryError, match=f"HTTP {status}") as caught:
        channel(f"{url}?token=abc").send(message())
    assert caught.value.permanent is permanent
    assert "secret-path" not in str(caught.value)
    assert "abc" not in str(caught.value)


def test_a_webhook_is_not_redirected(http: HttpServer) -> None:
    http.route("/new", Reply())
    with pytest.raises(DeliveryError, match="redirects") as caught:
        channel(http.route("/hook", redirect("/new", status=308))).send(message())
    assert caught.value.permanent
    assert http.requests_for("/new") == []


def test_private_addresses_get_no_webhooks_unless_allowed(http: HttpServer) -> None:
    url = http.route("/hook", Reply())
    with pytest.raises(DeliveryError, match="private network") as caught:
        channel(url, private=False).send(message())
    assert caught.value.permanent
    assert http.requests == ()


def test_a_webhook_that_cannot_be_reached_is_tried_again(http: HttpServer) -> None:
    url = http.route("/hook", Reply())
    http.stop()
    with pytest.raises(DeliveryError, match="refused") as caught:
        channel(url).send(message())
    assert not caught.value.permanent
    http.start()
    channel(url).send(message())


def test_a_webhook_that_hangs_is_given_up(http: HttpServer) -> None:
    url = http.route("/hook", Reply(gate=Gate()))
    hanging = open_channel(url, Path("/nowhere"), None, None, WebhookClient(allow_private=True, seconds=0.2))
    with pytest.raises(DeliveryError, match=r"0\.2 s"):
        hanging.send(message())


# --------------------------------------------------------------------------- apprise

loads_all_plugins = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


@loads_all_plugins
def test_apprise_hands_over_to_its_services(http: HttpServer) -> None:
    http.route("/", Reply(body="{}", content_type="application/json"))
    channel(f"ntfy://{http.host}:{http.port}/harness").send(message())
    [request] = http.requests
    sent = json.loads(request.body)
    assert (sent["topic"], sent["title"], sent["message"]) == ("harness", HEADLINE, message().text.strip())


@loads_all_plugins
def test_a_text_that_is_too_long_for_a_service_is_cut_between_paragraphs(http: HttpServer) -> None:
    http.route("/", Reply(body="{}", content_type="application/json"))
    text = "\n\n".join(["a paragraph of the digest " * 20] * 200)
    channel(f"ntfy://{http.host}:{http.port}/harness").send(message(text=text))
    [request] = http.requests
    sent = json.loads(request.body)["message"]
    assert len(sent) <= 7_800
    assert sent.endswith("digest\n\n…")


@loads_all_plugins
def test_one_apprise_url_is_one_service(http: HttpServer) -> None:
    """A list of them could smuggle in the generic requests that are refused."""
    url = http.route("/hook", Reply()).removeprefix("http")
    with pytest.raises(DeliveryError):
        channel(f"nosuchservice://x, json{url}").send(message())
    assert http.requests == ()


@loads_all_plugins
def test_an_apprise_service_that_fails_says_so_without_its_token() -> None:
    with pytest.raises(DeliveryError, match="ntfy:// service did not take") as caught:
        channel(f"ntfy://harness:t0ken@{HOST}:{free_port()}/harness").send(message())
    assert not caught.value.permanent
    assert "t0ken" not in str(caught.value)
    with pytest.raises(DeliveryError, match="not one that apprise understands") as unknown:
        channel("nosuchservice://t0ken").send(message())
    assert unknown.value.permanent
