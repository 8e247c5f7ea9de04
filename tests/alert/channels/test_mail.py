"""Mail through a real SMTP server, opened as a mail client opens it."""

import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from pipeline.alert import open_channel
from pipeline.alert.channels.mail import MailChannel
from pipeline.errors import DeliveryError, SettingsError
from pipeline.fetch.webhook_client import WebhookClient
from pipeline.settings import SmtpSettings
from tests.alert.samples import HEADLINE, message
from tests.servers.authority import Authority
from tests.servers.gate import Gate
from tests.servers.loopback import HOST
from tests.servers.smtp import Drop, Hang, Refuse, SmtpServer, Stage, smtp_server

DESK = "desk@example.org"


def settings_for(server: SmtpServer) -> SmtpSettings:
    return SmtpSettings(host=server.host, port=server.port, sender="Wirewatch <wirewatch@desk.example>")


def test_a_message_arrives_with_text_and_html(smtp: SmtpServer) -> None:
    MailChannel(DESK, settings_for(smtp)).send(message())
    [mail] = smtp.wait_for(1)
    assert (mail.sender, mail.recipients) == ("wirewatch@desk.example", (DESK,))
    headers = mail.message
    assert headers["Subject"] == HEADLINE
    assert headers["From"] == "Wirewatch <wirewatch@desk.example>"
    assert headers["To"] == DESK
    assert headers["Message-ID"] == f"<{message().key}@desk.example>"
    assert headers["Auto-Submitted"] == "auto-generated"
    assert headers["Date"]
    assert "List-Unsubscribe" not in headers
    assert headers.get_content_type() == "multipart/alternative"
    text, page = headers.iter_parts()
    assert (text.get_content_type(), page.get_content_type()) == ("text/plain", "text/html")
    assert text.get_content().splitlines() == ["Çavuşoğlu spoke."]
    assert page.get_content().splitlines() == ["<p>Çavuşoğlu spoke.</p>"]


def test_long_headlines_in_any_script_arrive_whole(smtp: SmtpServer) -> None:
    subject = "Ankara, füze savunması için Roma ve Paris ile anlaştı; 土耳其 🚀 " * 3
    MailChannel(DESK, settings_for(smtp)).send(message(subject=subject.strip()))
    [mail] = smtp.wait_for(1)
    assert mail.message["Subject"] == subject.strip()
    assert max(map(len, mail.raw.split(b"\r\n"))) <= 998
    assert mail.raw.isascii()


def test_one_click_unsubscription(smtp: SmtpServer) -> None:
    channel = MailChannel(DESK, settings_for(smtp))
    channel.send(message(unsubscribe_url="https://wirewatch.example/stop/" + "x" * 200))
    channel.send(message(unsubscribe_url="http://wirewatch.example/stop/1"))
    safe, plain = smtp.wait_for(2)
    assert safe.message["List-Unsubscribe"] == "<https://wirewatch.example/stop/" + "x" * 200 + ">"
    assert safe.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert plain.message["List-Unsubscribe"] == "<http://wirewatch.example/stop/1>"
    assert "List-Unsubscribe-Post" not in plain.message


@pytest.mark.parametrize(
    "changes",
    [
        {"subject": "Deal\r\nBcc: everyone@example.org"},
        {"subject": "Deal\nBcc: everyone@example.org"},
        {"unsubscribe_url": "https://x/\r\nBcc: everyone@example.org"},
        {"unsubscribe_url": "https://x/>, <mailto:everyone@example.org"},
        {"key": "abc>\r\nBcc: everyone@example.org"},
    ],
)
def test_headers_cannot_be_injected(changes: dict[str, str], smtp: SmtpServer) -> None:
    with pytest.raises(DeliveryError, match="cannot be composed") as caught:
        MailChannel(DESK, settings_for(smtp)).send(message(**changes))
    assert caught.value.permanent
    assert smtp.mails == ()


@pytest.mark.parametrize(
    ("stage", "failure", "says", "permanent"),
    [
        (Stage.RECIPIENT, Refuse(451, "greylisted"), "refuses desk@example.org: 451 greylisted", False),
        (Stage.RECIPIENT, Refuse(550, "no such user"), "refuses desk@example.org: 550 no such user", True),
        (Stage.SENDER, Refuse(550, "not you"), "refuses the sender", False),
        (Stage.SENDER, Refuse(421, "busy"), "refuses the sender", False),
        (Stage.REPLY, Refuse(554, "spam"), "refuses the message: 554 spam", True),
        (Stage.REPLY, Refuse(452, "full"), "refuses the message: 452 full", False),
        (Stage.SENDER, Drop(), "broke off", False),
        (Stage.BODY, Drop(), "broke off", False),
        (Stage.REPLY, Drop(), "broke off", False),
    ],
    ids=lambda value: value.name if isinstance(value, Stage) else None,
)
def test_what_a_server_refuses(
    stage: Stage, failure: Refuse | Drop, says: str, permanent: bool, smtp: SmtpServer
) -> None:
    smtp.fail(stage, failure, times=1)
    channel = MailChannel(DESK, settings_for(smtp))
    with pytest.raises(DeliveryError, match=says) as caught:
        channel.send(message())
    assert caught.value.permanent is permanent
    channel.send(message())
    assert {mail.message["Message-ID"] for mail in smtp.mails} == {f"<{message().key}@desk.example>"}


def test_a_server_that_hangs_is_given_up(smtp: SmtpServer) -> None:
    smtp.fail(Stage.SENDER, Hang(Gate()))
    with pytest.raises(DeliveryError, match=r"broke off|cannot be reached") as caught:
        MailChannel(DESK, settings_for(smtp), seconds=0.2).send(message())
    assert not caught.value.permanent
    smtp.recover()


def test_a_server_that_is_down(smtp: SmtpServer) -> None:
    smtp.stop()
    with pytest.raises(DeliveryError, match=f"{smtp.host}:{smtp.port} cannot be reached: .*refused") as caught:
        MailChannel(DESK, settings_for(smtp)).send(message())
    assert not caught.value.permanent


# --------------------------------------------------------------------------- TLS and login


@pytest.fixture
def authority() -> Authority:
    return Authority()


@pytest.fixture
def trusting(authority: Authority, tmp_path: Path) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(authority.write_root(tmp_path / "ca.pem")))


Send = Callable[[SmtpServer, str, str | None], None]


@pytest.fixture
def send(trusting: ssl.SSLContext) -> Send:
    def with_settings(server: SmtpServer, security: str, password: str | None) -> None:
        user = None if password is None else "harness"
        smtp = replace(settings_for(server), security=security, user=user, password=password)
        MailChannel(DESK, smtp, tls=trusting).send(message())

    return with_settings


def test_starttls_and_login(authority: Authority, send: Send) -> None:
    with smtp_server(tls=authority.server_context(), login=("harness", "s3cret")) as server:
        send(server, "starttls", "s3cret")
        send(server, "none", "s3cret")  # the server offers better than the password in the clear
        assert len(server.mails) == 2
        with pytest.raises(DeliveryError, match="user name or password") as caught:
            send(server, "starttls", "wr0ng")
        assert "wr0ng" not in f"{caught.value}"
        assert not caught.value.permanent


def test_a_server_that_is_not_trusted_gets_nothing(authority: Authority) -> None:
    with smtp_server(tls=authority.server_context()) as server:
        starttls = replace(settings_for(server), security="starttls")
        with pytest.raises(DeliveryError, match="CERTIFICATE_VERIFY_FAILED") as caught:
            MailChannel(DESK, starttls).send(message())
        assert not caught.value.permanent
        assert server.mails == ()


def test_starttls_is_not_given_up_where_it_is_asked_for(smtp: SmtpServer, send: Send) -> None:
    with pytest.raises(DeliveryError, match="cannot do what is asked"):
        send(smtp, "starttls", None)
    assert smtp.mails == ()


class Dripping:
    """Greets one letter at a time, so that no single step ever takes long."""

    def __init__(self) -> None:
        self._server = socket.create_server((HOST, 0))
        self.port = self._server.getsockname()[1]
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._serve)

    def _serve(self) -> None:
        connection, _ = self._server.accept()
        with connection, suppress(OSError):
            while not self._done.wait(0.01):
                connection.sendall(b"2")

    def __enter__(self) -> "Dripping":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()
        self._server.close()


@pytest.mark.parametrize("security", ["none", "tls"])
def test_a_server_that_answers_letter_by_letter_is_given_up(security: str) -> None:
    with Dripping() as server:
        settings = SmtpSettings(host=HOST, port=server.port, sender="a@desk.example", security=security)
        channel = MailChannel(DESK, settings, seconds=30, in_all=0.3, tls=ssl.create_default_context())
        with pytest.raises(DeliveryError) as caught:
            channel.send(message())
    assert not caught.value.permanent


@pytest.mark.parametrize("sender", ["a@b.example\nBcc: c@d.example", "nobody", "a@b.example, c@d.example", ""])
def test_a_sender_that_is_no_single_address_is_refused(sender: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="WIREWATCH_MAIL_FROM"):
        open_channel(f"mailto:{DESK}", tmp_path, SmtpSettings(host=HOST, port=25, sender=sender), None, WebhookClient())
