"""The SMTP server: it keeps real mail, and fails in every way that a sender has to live with."""

import smtplib
import ssl
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from pathlib import Path

import pytest

from tests.servers.authority import Authority
from tests.servers.daemon import ServerError
from tests.servers.smtp import Drop, Hang, Refuse, SmtpServer, Stage, smtp_server


def message(subject: str = "Follow-up: Eurosam study") -> EmailMessage:
    mail = EmailMessage()
    mail["From"] = "alerts@wire.example"
    mail["To"] = "desk@paper.example"
    mail["Subject"] = subject
    mail.set_content("Three firms will study a long-range system – for 18 months.\n")
    return mail


@pytest.fixture
def client(smtp: SmtpServer) -> Iterator[smtplib.SMTP]:
    connection = smtplib.SMTP(smtp.host, smtp.port, timeout=30)
    yield connection
    connection.close()


def test_mail_is_kept_parsed(smtp: SmtpServer, client: smtplib.SMTP) -> None:
    client.send_message(message("Çavuşoğlu: talks go on"))
    [mail] = smtp.wait_for(1)
    assert (mail.sender, mail.recipients) == ("alerts@wire.example", ("desk@paper.example",))
    assert mail.message["Subject"] == "Çavuşoğlu: talks go on"
    assert mail.message.get_content().startswith("Three firms will study")
    assert b"Subject:" in mail.raw


@pytest.mark.parametrize(
    ("stage", "error"),
    [
        (Stage.SENDER, smtplib.SMTPSenderRefused),
        (Stage.RECIPIENT, smtplib.SMTPRecipientsRefused),
        (Stage.REPLY, smtplib.SMTPDataError),
    ],
)
@pytest.mark.parametrize("status", [451, 550])
def test_refusals_last_as_often_as_told(
    smtp: SmtpServer, client: smtplib.SMTP, stage: Stage, error: type[Exception], status: int
) -> None:
    smtp.fail(stage, Refuse(status, "not this one"), times=1)
    with pytest.raises(error, match=f"{status}(.*)not this one"):
        client.send_message(message())
    assert smtp.mails == ()
    client.send_message(message())
    assert len(smtp.wait_for(1)) == 1


def test_one_recipient_of_several_may_be_refused(smtp: SmtpServer, client: smtplib.SMTP) -> None:
    smtp.fail(Stage.RECIPIENT, Refuse(550, "no such user"), recipient="gone@paper.example")
    refused = client.send_message(message(), to_addrs=["desk@paper.example", "gone@paper.example"])
    assert refused == {"gone@paper.example": (550, b"no such user")}
    assert smtp.wait_for(1)[0].recipients == ("desk@paper.example",)


def test_a_connection_dropped_inside_the_message_keeps_nothing(smtp: SmtpServer, client: smtplib.SMTP) -> None:
    smtp.fail(Stage.BODY, Drop(), times=1)
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        client.send_message(message())
    assert smtp.mails == ()
    with smtplib.SMTP(smtp.host, smtp.port, timeout=30) as again:
        again.send_message(message())
    assert len(smtp.wait_for(1)) == 1


def test_a_lost_confirmation_leaves_the_mail_delivered(smtp: SmtpServer, client: smtplib.SMTP) -> None:
    smtp.fail(Stage.REPLY, Drop())
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        client.send_message(message())
    assert len(smtp.wait_for(1)) == 1


def test_a_hanging_server_goes_on_when_released(smtp: SmtpServer, client: smtplib.SMTP) -> None:
    hang = Hang()
    smtp.fail(Stage.RECIPIENT, hang, times=1)
    with ThreadPoolExecutor(1) as sender:
        sending = sender.submit(client.send_message, message())
        hang.gate.wait_reached()
        assert not sending.done()
        hang.gate.release()
        assert sending.result(timeout=30) == {}
    assert len(smtp.mails) == 1


def test_a_client_may_give_up_on_a_hanging_server(smtp: SmtpServer) -> None:
    hang = Hang()
    smtp.fail(Stage.SENDER, hang, times=1)
    hasty = smtplib.SMTP(smtp.host, smtp.port, timeout=0.2)
    with pytest.raises((TimeoutError, smtplib.SMTPServerDisconnected)):
        hasty.send_message(message())
    hasty.close()
    hang.gate.release()
    with smtplib.SMTP(smtp.host, smtp.port, timeout=30) as again:
        again.send_message(message())
    assert len(smtp.wait_for(1)) == 1


def test_recovering_forgets_what_was_planned(smtp: SmtpServer, client: smtplib.SMTP) -> None:
    smtp.fail(Stage.SENDER, Refuse(451, "later"))
    smtp.recover()
    client.send_message(message())
    assert len(smtp.wait_for(1)) == 1


def test_stopped_it_refuses_and_cuts_and_comes_back_on_its_port(smtp: SmtpServer, client: smtplib.SMTP) -> None:
    client.noop()
    smtp.stop()
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        client.noop()
    with pytest.raises(ConnectionRefusedError):
        smtplib.SMTP(smtp.host, smtp.port, timeout=30)
    smtp.start()
    with smtplib.SMTP(smtp.host, smtp.port, timeout=30) as again:
        again.send_message(message())
    assert len(smtp.wait_for(1)) == 1


def test_starttls_and_login_are_demanded(tmp_path: Path) -> None:
    authority = Authority()
    trusting = ssl.create_default_context(cafile=authority.write_root(tmp_path / "ca.pem"))
    with (
        smtp_server(tls=authority.server_context(), login=("wirewatch", "s3cret")) as server,
        smtplib.SMTP(server.host, server.port, timeout=30) as client,
    ):
        with pytest.raises(smtplib.SMTPException, match="STARTTLS"):
            client.send_message(message())
        client.starttls(context=trusting)
        with pytest.raises(smtplib.SMTPAuthenticationError):
            client.login("wirewatch", "wrong")
        client.login("wirewatch", "s3cret")
        client.send_message(message())
        assert len(server.wait_for(1)) == 1


def test_waiting_in_vain_is_an_error(smtp: SmtpServer) -> None:
    with pytest.raises(ServerError, match=r"0 of 1 mails arrived within 0\.05 s"):
        smtp.wait_for(1, seconds=0.05)


def test_failures_that_smtp_does_not_know_are_refused(smtp: SmtpServer) -> None:
    with pytest.raises(ValueError, match="only drop"):
        smtp.fail(Stage.BODY, Refuse(451, "later"))
    with pytest.raises(ValueError, match="RECIPIENT only"):
        smtp.fail(Stage.SENDER, Drop(), recipient="desk@paper.example")
